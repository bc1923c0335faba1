import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { onTestFinished } from "vitest";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { freePort } from "../../../local/stack/free-port.ts";
import { startDev, type DevProcess } from "./dev-process.ts";

/** A data folder for one test. In the clone, for what lies in /tmp may be out of reach for PostgreSQL's own user. */
export function scratchRoot(): string {
  const folder = path.join(PROJECT_FOLDER, ".data/e2e");
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(path.join(folder, "dev-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Starts `npm run dev` for this test only, on a free port unless one is named. */
export async function devFor(
  root: string,
  options: { port?: number; flags?: string[] } = {},
): Promise<{ dev: DevProcess; url: string }> {
  const port = options.port ?? (await freePort());
  const dev = startDev(root, port, options.flags);
  onTestFinished(() => dev.destroy());
  dev.ready.catch(() => undefined);
  return { dev, url: `http://127.0.0.1:${port}` };
}
