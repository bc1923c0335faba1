import { describe, expect, it } from "vitest";
import { compileScenario, createRunner, iterationPath } from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput, EngineModel, IterationPath } from "../../../src/features/simulation/engine/index.ts";
import { kolmogorovSmirnovScore } from "../../support/oracle/goodness-of-fit.ts";
import { runOracle } from "../../support/oracle/person-by-person.ts";
import { below, pick, plainRandom } from "../../support/oracle/plain-random.ts";
import type { Chance } from "../../support/oracle/plain-random.ts";
import { randomWorkloads } from "../../support/oracle/random-states.ts";

const SCENARIOS = 24;
const ITERATIONS = 200;
const STEPS = [4, 9, 16, 24];
/** Exceeded about once in 100,000 comparisons of equals; there are some 2,000 here. */
const SUSPICIOUS = 2.47;
const TIMEOUT_MS = 60_000;

function randomInput(chance: Chance, model: EngineModel): EngineInput {
  const roles = Array.from({ length: 1 + below(chance, 2) }, (_, index) => ({
    name: `Role ${index}`,
    count: 1 + below(chance, 24),
    salary: 1000 + below(chance, 1000),
    workloads: randomWorkloads(chance, 5),
  }));
  return {
    model,
    oversight: pick(chance, [0.01, 0.05, 0.4, 1]),
    learnFactor: 0.3 + 0.7 * chance.uniform(),
    actFactor: 0.2 + 0.6 * chance.uniform(),
    months: STEPS.at(-1)!,
    seed: below(chance, 2 ** 31),
    roles,
  };
}

/** What is compared of one iteration at some Steps: head count and averages, of each role and of all together. */
const AVERAGES = ["avg_time_per_employee", "avg_unused_output_capacity"] as const;

type Values = Readonly<Record<string, number>>;

function valuesAt({ roles }: EngineInput, path: IterationPath, step: number): Values {
  const { organisation } = path;
  const values: Record<string, number> = {
    total_employees: organisation.employees[step]! / organisation.employees[0]!,
    avg_automation_rate: organisation.automation[step]!,
  };
  for (const metric of AVERAGES) values[metric] = organisation[metric][step]!;
  for (const [role, { name }] of roles.entries()) {
    for (const metric of ["count", "avg_automation_rate", ...AVERAGES] as const) {
      values[`${name}_${metric}`] = path.roles[role]![metric][step]!;
    }
  }
  return values;
}

describe.each(["classic", "conserving"] as const)("distributions of %s, by class and person by person", (model) => {
  const seed = model === "classic" ? 1001 : 2002;
  const chance = plainRandom(seed);
  const inputs = Array.from({ length: SCENARIOS }, (_, index) => ({ index, input: randomInput(chance, model) }));

  it.each(inputs)(
    `random scenario $index of seed ${seed}: Kolmogorov-Smirnov`,
    ({ index, input }) => {
      const scenario = compileScenario(input);
      const runner = createRunner(scenario);
      const oracleChance = plainRandom(seed + index);
      const engine = Array.from({ length: ITERATIONS }, (_, iteration) => iterationPath(scenario, runner, iteration));
      const oracle = Array.from({ length: ITERATIONS }, () => runOracle(input, oracleChance));
      for (const step of STEPS) {
        const ours = engine.map((path) => valuesAt(input, path, step));
        for (const metric of Object.keys(ours[0]!)) {
          // Sums in another order differ in the last digits: compare what is left at ten.
          const rounded = (values: readonly Values[]) => values.map((one) => Math.round(1e10 * one[metric]!));
          const theirs = oracle.map((steps) => steps[step]!);
          const score = kolmogorovSmirnovScore(rounded(ours), rounded(theirs));
          expect(score, `${metric}, Step ${step}: ${JSON.stringify(input)}`).toBeLessThan(SUSPICIOUS);
        }
      }
    },
    TIMEOUT_MS,
  );
});
