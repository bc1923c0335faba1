import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bundleBare, bundleEmpty, bundleEtter } from "./bundles.ts";
import { median, printTable } from "./table.ts";
import { startWorkerd, withScratchFolder, type Bundle } from "./workerd.ts";

const ROUNDS = 9;
const TARGET_KIB = 1024;

interface Start {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/**
 * The size of the production bundle, and its start-up: from the start of a workerd until its first answer, less the same
 * for an empty Worker, in turns. That is loading, compiling and running the module, and the first request.
 */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const bundles = [bundleEtter(folder), bundleBare(folder), bundleEmpty(folder)];
    printTable("bundle: what `wrangler deploy --dry-run` would upload", [
      ["", "KiB", "KiB gzip"],
      ...bundles.slice(0, 2).map(({ name, file }) => sizeRow(name, readFileSync(file))),
      ["target", "", `≤ ${TARGET_KIB}`],
    ]);
    const starts = bundles.map((): Start[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, bundle] of bundles.entries()) starts[index]?.push(await startOnce(folder, bundle));
    }
    const empty = starts.at(-1) ?? [];
    printTable(`start-up: workerd from nothing to its first answer, medians of ${ROUNDS} starts in turns`, [
      ["", "ms", "above empty", "CPU ms", "above empty"],
      ...bundles.map(({ name }, index) => startRow(name, starts[index] ?? [], empty)),
    ]);
  });
}

async function startOnce(folder: string, bundle: Bundle): Promise<Start> {
  const workerd = await startWorkerd(folder, [bundle]);
  const start = { milliseconds: workerd.readyMs, cpuMilliseconds: workerd.cpuSeconds() * 1000 };
  await workerd.stop();
  return start;
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

const sizeRow = (name: string, code: Buffer): string[] => [name, kib(code.length), kib(gzipSync(code).length)];

function startRow(name: string, starts: readonly Start[], empty: readonly Start[]): string[] {
  const columns = (["milliseconds", "cpuMilliseconds"] as const).flatMap((key) => {
    const values = starts.map((start) => start[key]);
    const above = values.map((value, index) => value - (empty[index]?.[key] ?? Number.NaN));
    return [median(values), median(above)];
  });
  return [name, ...columns.map((value) => value.toFixed(0))];
}
