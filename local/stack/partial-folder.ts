import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./processes.ts";

/**
 * Fills a folder all or nothing: `fill` writes into a partial folder beside it, which takes the final name only when it
 * is complete. A crash in the middle leaves a partial folder, which the next call sweeps away. When two processes fill
 * the same folder at once, the first to finish wins and the other uses its result.
 */
export async function fillOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  sweepPartials(folder);
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const partial = `${folder}.partial-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(partial, { mode: 0o700 });
    await fill(partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function sweepPartials(folder: string): void {
  if (!existsSync(dirname(folder))) return;
  const prefix = `${basename(folder)}.partial-`;
  for (const name of readdirSync(dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const filler = Number.parseInt(name.slice(prefix.length), 10);
    if (!isRunning(filler)) rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}
