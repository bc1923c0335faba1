import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_VERSION } from "../src/features/simulation/engine/index.ts";
import type { EngineModel } from "../src/features/simulation/engine/index.ts";
import { runOracle } from "../test/support/oracle/person-by-person.ts";
import { plainRandom } from "../test/support/oracle/plain-random.ts";
import { twoRoles } from "../test/support/oracle/scenarios.ts";
import { MODELS, PEOPLE, timeCase } from "./simulation-cases.ts";
import type { CaseKind, Timings } from "./simulation-cases.ts";
import { median, printTable } from "./table.ts";
import { COMPATIBILITY_DATE, bundleWith, startWorkerd, withScratchFolder } from "./workerd.ts";
import type { Bundle } from "./workerd.ts";

const SEED = 7;
/** Node and workerd take turns so often; each figure is over all turns. */
const ROUNDS = 3;
/** Milliseconds an iteration that are asked for, in workerd. */
const TARGETS: Record<EngineModel, Partial<Record<number, number>>> = {
  classic: { 400: 0.1, 1_000_000: 0.2 },
  conserving: { 400: 0.14, 1_000_000: 0.26 },
};
const MAX_GROWTH = 1.8;
const MAX_STATISTICS_SHARE = 0.3;
const MAX_MANY_ROLES_SECONDS = 10;
const MANY_ROLES_ITERATIONS = 1000;
/** The oracle is linear in people: beyond this many it is not waited for. */
const ORACLE_MAX_PEOPLE = 4_000;
const ORACLE_REPETITIONS = 3;

interface Case {
  kind: CaseKind;
  model: EngineModel;
  people: number;
}

/** One case's timings in both runtimes. */
interface Measured extends Case {
  node: Timings;
  workerd: Timings;
}

const CASES: readonly Case[] = [
  ...MODELS.flatMap((model) => PEOPLE.map((people) => ({ kind: "run" as const, model, people }))),
  ...MODELS.map((model) => ({ kind: "bare" as const, model, people: 4_000 })),
  { kind: "many-roles", model: "classic", people: 50 },
];

/** The engine in Node and in workerd, beside the person-by-person oracle: milliseconds an iteration. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const workerd = await startWorkerd(folder, [bundleEngine(folder)]);
    try {
      const measured: Measured[] = [];
      for (const one of CASES) measured.push(await measure(one, workerd.urls[0]!));
      report(measured);
    } finally {
      await workerd.stop();
    }
  });
}

/** A Worker with nothing but the engine and its clock. */
function bundleEngine(folder: string): Bundle {
  const main = JSON.stringify(fileURLToPath(import.meta.resolve("./simulation-worker.ts")));
  const config = path.join(folder, "engine.toml");
  writeFileSync(config, `name = "engine"\nmain = ${main}\ncompatibility_date = "${COMPATIBILITY_DATE}"\n`);
  const file = bundleWith(config, path.join(folder, "engine"));
  return { name: "engine", file, compatibilityFlags: [], objects: {}, variables: {} };
}

async function measure(one: Case, url: string): Promise<Measured> {
  const measured: Measured = { ...one, node: [], workerd: [] };
  const query = new URLSearchParams({ kind: one.kind, model: one.model, people: String(one.people) });
  for (let round = 0; round < ROUNDS; round++) {
    measured.node.push(...timeCase(one.kind, one.model, one.people, () => performance.now()));
    // A connection of its own: one kept from the last round has been closed while Node computed.
    const response = await fetch(`${url}/?${query}`, { headers: { Connection: "close" } });
    measured.workerd.push(...((await response.json()) as Timings));
  }
  return measured;
}

function report(measured: readonly Measured[]): void {
  const find = (kind: CaseKind, model: EngineModel, people: number) =>
    measured.find((one) => one.kind === kind && one.model === model && one.people === people)!;
  const rows = measured.filter(({ kind }) => kind === "run").map(engineRow);
  printTable(`simulation engine ${ENGINE_VERSION}: two roles, 48 months, ms an iteration (median; least)`, [
    ["", "Node", "workerd", "target", "oracle (Node)", "oracle / engine"],
    ...rows,
  ]);
  // Ratios of the least timings: on a machine with other work the medians of two cases are not comparable.
  const ratio = (of: Measured, to: Measured) => Math.min(...of.workerd) / Math.min(...to.workerd);
  const growth = (model: EngineModel) => ratio(find("run", model, 1_000_000), find("run", model, 4_000));
  const statistics = (model: EngineModel) => ratio(find("run", model, 4_000), find("bare", model, 4_000)) - 1;
  const manyRoles = (median(find("many-roles", "classic", 50).workerd) * MANY_ROLES_ITERATIONS) / 1000;
  printTable("simulation engine, in workerd (ratios of the least timings)", [
    ["", ...MODELS, "target"],
    ["4,000 → 1,000,000 people", ...MODELS.map((model) => `× ${growth(model).toFixed(2)}`), `≤ ${MAX_GROWTH}`],
    [
      "statistics, 4,000 people",
      ...MODELS.map((model) => `+ ${(100 * statistics(model)).toFixed(0)} %`),
      `≤ ${100 * MAX_STATISTICS_SHARE} %`,
    ],
    ["200 roles × 1,000 iterations", `${manyRoles.toFixed(1)} s`, "", `≤ ${MAX_MANY_ROLES_SECONDS} s`],
  ]);
}

function engineRow({ model, people, node, workerd }: Measured): string[] {
  const figures = (timings: Timings) => `${median(timings).toFixed(3)}; ${Math.min(...timings).toFixed(3)}`;
  const oracle = people <= ORACLE_MAX_PEOPLE ? timeOracle(model, people) : undefined;
  return [
    `${model}, ${people.toLocaleString("en")} people`,
    figures(node),
    figures(workerd),
    TARGETS[model][people] === undefined ? "" : `≤ ${TARGETS[model][people]}`,
    oracle === undefined ? "" : oracle.toFixed(1),
    oracle === undefined ? "" : (oracle / median(node)).toFixed(0),
  ];
}

function timeOracle(model: EngineModel, people: number): number {
  const input = twoRoles(model, people, SEED);
  const chance = plainRandom(SEED);
  runOracle(input, chance);
  const timings = Array.from({ length: ORACLE_REPETITIONS }, () => {
    const start = performance.now();
    runOracle(input, chance);
    return performance.now() - start;
  });
  return median(timings);
}
