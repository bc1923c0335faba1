import { describe, expect, it } from "vitest";
import { compileScenario, createRunner, iterationPath } from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput, EngineModel } from "../../../src/features/simulation/engine/index.ts";
import { kolmogorovSmirnovScore } from "../../support/oracle/goodness-of-fit.ts";
import { runOracle } from "../../support/oracle/person-by-person.ts";
import { below, pick, plainRandom } from "../../support/oracle/plain-random.ts";
import type { Chance } from "../../support/oracle/plain-random.ts";
import { randomWorkloads } from "../../support/oracle/random-states.ts";

const SCENARIOS = 8;
const ITERATIONS = 200;
const STEPS = [4, 9, 16, 24];
/** Exceeded about once in 100,000 comparisons of equals; there are some 400 here. */
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

/** What is compared of one iteration: head count and averages of each role at some Steps. */
const COMPARED = ["count", "avg_automation_rate", "avg_time_per_employee", "avg_unused_output_capacity"] as const;

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
      for (const [role, { name }] of input.roles.entries()) {
        for (const metric of COMPARED) {
          for (const step of STEPS) {
            // Sums in another order differ in the last digits: compare what is left at ten.
            const ours = engine.map((path) => Math.round(1e10 * path.roles[role]![metric][step]!));
            const theirs = oracle.map((steps) => Math.round(1e10 * steps[step]![`${name}_${metric}`]!));
            const score = kolmogorovSmirnovScore(ours, theirs);
            expect(score, `${name}, ${metric}, Step ${step}: ${JSON.stringify(input)}`).toBeLessThan(SUSPICIOUS);
          }
        }
      }
    },
    TIMEOUT_MS,
  );
});
