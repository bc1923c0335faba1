import { bundleBare, bundleEtter } from "./bundles.ts";
import { load } from "./http-load.ts";
import { median, printTable } from "./table.ts";
import { startWorkerd, withScratchFolder, type Workerd } from "./workerd.ts";

const ROUTE = "/api/etter/test";
const CONNECTIONS = 16;
const WARM_UP_MS = 2_000;
const ROUND_MS = 1_000;
const ROUNDS = 11;
const TARGET_RATIO = 0.8;

interface Round {
  readonly perSecond: number;
  /** Of workerd alone, all threads. */
  readonly cpuMicroseconds: number;
}

/** `/api/etter/test` beside a bare Hono route: two Workers of one workerd, with nothing in front, in turns. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const workerd = await startWorkerd(folder, [bundleEtter(folder), bundleBare(folder)]);
    try {
      await measure(workerd);
    } finally {
      await workerd.stop();
    }
  });
}

async function measure(workerd: Workerd): Promise<void> {
  const [etterUrl = "", bareUrl = ""] = workerd.urls.map((url) => url + ROUTE);
  for (const url of [etterUrl, bareUrl]) await load(url, CONNECTIONS, WARM_UP_MS);
  const etter: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who goes first changes, so that a machine that grows busier favours neither.
    const turns = [() => oneRound(workerd, etterUrl, etter), () => oneRound(workerd, bareUrl, bare)];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const ratios = etter.map(({ perSecond }, index) => perSecond / (bare[index]?.perSecond ?? Number.NaN));
  const cpuRatios = bare.map(
    ({ cpuMicroseconds }, index) => cpuMicroseconds / (etter[index]?.cpuMicroseconds ?? Number.NaN),
  );
  printTable(
    `http: GET ${ROUTE}, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${ROUND_MS / 1000} s in turns`,
    [
      ["", "requests/s", "CPU µs/request"],
      row("Etter", etter),
      row("bare Hono", bare),
      ["ratio (1 = as fast)", median(ratios).toFixed(2), median(cpuRatios).toFixed(2)],
      ["  lowest … highest", span(ratios), span(cpuRatios)],
      ["  target", `≥ ${TARGET_RATIO}`, ""],
    ],
  );
}

async function oneRound(workerd: Workerd, url: string, rounds: Round[]): Promise<void> {
  const before = workerd.cpuSeconds();
  const { requests, seconds } = await load(url, CONNECTIONS, ROUND_MS);
  rounds.push({ perSecond: requests / seconds, cpuMicroseconds: ((workerd.cpuSeconds() - before) * 1e6) / requests });
}

const row = (name: string, rounds: readonly Round[]): string[] => [
  name,
  median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
  median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)).toFixed(0),
];

const span = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} … ${Math.max(...values).toFixed(2)}`;
