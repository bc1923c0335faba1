import { bundleWorker } from "./bundles.ts";
import { median, percentile, printTable } from "./table.ts";
import { startWorkerd, withScratchFolder, type Workerd } from "./workerd.ts";

const WARM_UP_CALLS = 50;
const CALLS_A_ROUND = 40;
const ROUNDS = 11;
const TARGET_RATIO = 0.7;

interface Side {
  readonly path: "/adapter" | "/bare";
  readonly milliseconds: number[];
  /** Of workerd alone, a call; one figure a round. */
  readonly cpuMilliseconds: number[];
}

/** A hundred presigned parts from our adapter beside the same from bare aws4fetch, in one workerd, in turns. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const workerd = await startWorkerd(folder, [bundleWorker(folder, "presign")]);
    try {
      await measure(workerd);
    } finally {
      await workerd.stop();
    }
  });
}

async function measure(workerd: Workerd): Promise<void> {
  const ours: Side = { path: "/adapter", milliseconds: [], cpuMilliseconds: [] };
  const bare: Side = { path: "/bare", milliseconds: [], cpuMilliseconds: [] };
  for (const { path } of [ours, bare]) for (let call = 0; call < WARM_UP_CALLS; call += 1) await ask(workerd, path);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of round % 2 === 0 ? [ours, bare] : [bare, ours]) await oneRound(workerd, side);
  const cpuRatio = median(
    bare.cpuMilliseconds.map((value, round) => value / (ours.cpuMilliseconds[round] ?? Number.NaN)),
  );
  const p95Ratio = percentile(bare.milliseconds, 0.95) / percentile(ours.milliseconds, 0.95);
  printTable(`presign: 100 parts a call, ${ROUNDS} rounds of ${CALLS_A_ROUND} calls in turns`, [
    ["", "CPU ms/call", "p50 ms", "p95 ms"],
    row("Etter's adapter", ours),
    row("bare aws4fetch", bare),
    ["ratio (1 = as fast)", cpuRatio.toFixed(2), "", p95Ratio.toFixed(2)],
    ["  target", `≥ ${TARGET_RATIO}`, "", `≥ ${TARGET_RATIO}`],
  ]);
}

async function oneRound(workerd: Workerd, side: Side): Promise<void> {
  const before = workerd.cpuSeconds();
  for (let call = 0; call < CALLS_A_ROUND; call += 1) side.milliseconds.push(await ask(workerd, side.path));
  side.cpuMilliseconds.push(((workerd.cpuSeconds() - before) * 1_000) / CALLS_A_ROUND);
}

async function ask(workerd: Workerd, path: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(workerd.urls[0] + path);
  const urls = (await response.json()) as string[];
  if (urls.length !== 100) throw new Error(`${urls.length} addresses instead of 100`);
  return performance.now() - startedAt;
}

const row = (name: string, { milliseconds, cpuMilliseconds }: Side): string[] => [
  name,
  median(cpuMilliseconds).toFixed(1),
  median(milliseconds).toFixed(1),
  percentile(milliseconds, 0.95).toFixed(1),
];
