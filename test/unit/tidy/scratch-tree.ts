import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./tree.ts";

export interface ScratchTree {
  readonly folder: string;
  /** Runs a tool of node_modules/.bin in the scratch folder and returns what it printed. */
  run(bin: string, args: readonly string[]): string;
  remove(): void;
}

/**
 * A folder outside the project with the project's settings and packages and the given sources, so that a tool can be
 * shown code that must never be in the project itself.
 */
export function scratchTree(files: Readonly<Record<string, string>>, settings: readonly string[]): ScratchTree {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-tidy-"));
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  for (const file of settings) cpSync(path.join(ROOT, file), path.join(folder, file));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return {
    folder,
    run: (bin, args) => {
      const result = spawnSync(process.execPath, [path.join(ROOT, "node_modules/.bin", bin), ...args], {
        cwd: folder,
        encoding: "utf8",
      });
      if (result.stdout === "") throw new Error(`${bin} printed nothing: ${result.stderr}`);
      return result.stdout;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
