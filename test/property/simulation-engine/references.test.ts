import { describe, expect, it } from "vitest";
import { compileScenario, createRunner, iterationPath } from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";
import { runOracle } from "../../support/oracle/person-by-person.ts";
import type { StepMetrics } from "../../support/oracle/person-by-person.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { disagreement, estimate } from "../../support/reference/agreement.ts";
import { REFERENCES, readReference } from "../../support/reference/reference.ts";
import type { Reference } from "../../support/reference/reference.ts";

const SEED = 5;
const ORACLE_ITERATIONS = 60;
const TIMEOUT_MS = 60_000;

/** Metrics of an engine's iteration at every Step, under the references' names. */
function engineMetrics(input: EngineInput, iterations: number): StepMetrics[][] {
  const scenario = compileScenario(input);
  const runner = createRunner(scenario);
  return Array.from({ length: iterations }, (_, iteration) => {
    const { organisation, roles } = iterationPath(scenario, runner, iteration);
    return Array.from({ length: input.months + 1 }, (__, step) => {
      const metrics: StepMetrics = {
        total_employees: organisation.employees[step]! / scenario.initialPeople,
        total_salary_of_employees: organisation.total_salary_of_employees[step]! / scenario.initialPayroll,
        avg_automation_rate: organisation.automation[step]!,
        avg_time_per_employee: organisation.avg_time_per_employee[step]!,
        avg_unused_output_capacity: organisation.avg_unused_output_capacity[step]!,
      };
      roles.forEach((role, index) => {
        for (const [metric, series] of Object.entries(role)) {
          metrics[`${input.roles[index]!.name}_${metric}`] = series[step]!;
        }
      });
      return metrics;
    });
  });
}

/** Every metric of the reference at every Step it reports, against the same of `runs`. */
function disagreements(reference: Reference, runs: readonly StepMetrics[][]): string[] {
  const found: string[] = [];
  for (const [step, metrics] of Object.entries(reference.steps)) {
    for (const [metric, expected] of Object.entries(metrics)) {
      const actual = estimate(runs.map((run) => run[Number(step)]![metric]!));
      const reason = disagreement(actual, runs.length, expected, reference.iterations, metric.endsWith("_count"));
      if (reason !== undefined) found.push(`Step ${step}, ${metric}: ${reason}`);
    }
  }
  return found;
}

describe.each([...REFERENCES.classic, ...REFERENCES.conserving])(`reference %s (seed ${SEED})`, (name) => {
  const reference = readReference(name, SEED);

  it("the engine agrees", () => {
    expect(disagreements(reference, engineMetrics(reference.input, reference.iterations))).toEqual([]);
  }, TIMEOUT_MS);

  it("the oracle agrees", () => {
    const chance = plainRandom(SEED);
    const runs = Array.from({ length: ORACLE_ITERATIONS }, () => runOracle(reference.input, chance));
    expect(disagreements(reference, runs)).toEqual([]);
  }, TIMEOUT_MS);
});
