import { describe, expect, it } from "vitest";
import {
  ROLE_METRICS,
  compileScenario,
  createRunner,
  iterationPath,
} from "../../../src/features/simulation/engine/index.ts";
import { runOracle } from "../../support/oracle/person-by-person.ts";
import type { StepMetrics } from "../../support/oracle/person-by-person.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { disagreement, estimate } from "../../support/reference/agreement.ts";
import { REFERENCES, readReference } from "../../support/reference/reference.ts";
import type { Reference } from "../../support/reference/reference.ts";

const SEED = 5;
/** More than the references have, so that their own error dominates. */
const ENGINE_ITERATIONS = 1200;
/** People times months the oracle may follow in one reference: about a second. */
const ORACLE_PERSON_MONTHS = 1_500_000;
const ORACLE_MAX_ITERATIONS = 400;
const TIMEOUT_MS = 60_000;

const peopleOf = ({ input }: Reference): number => input.roles.reduce((sum, { count }) => sum + count, 0);

/** Metrics of the engine's iterations at the reference's Steps, under its names. */
function engineMetrics({ input, steps }: Reference, iterations: number): StepMetrics[][] {
  const scenario = compileScenario(input);
  const runner = createRunner(scenario);
  return Array.from({ length: iterations }, (_, iteration) => {
    const { organisation, roles } = iterationPath(scenario, runner, iteration);
    const run: StepMetrics[] = [];
    for (const step of Object.keys(steps).map(Number)) {
      const metrics: StepMetrics = {
        total_employees: organisation.employees[step]! / scenario.initialPeople,
        total_salary_of_employees: organisation.total_salary_of_employees[step]! / scenario.initialPayroll,
        avg_automation_rate: organisation.automation[step]!,
        avg_time_per_employee: organisation.avg_time_per_employee[step]!,
        avg_unused_output_capacity: organisation.avg_unused_output_capacity[step]!,
      };
      roles.forEach((role, index) => {
        for (const metric of ROLE_METRICS) metrics[`${input.roles[index]!.name}_${metric}`] = role[metric][step]!;
      });
      run[step] = metrics;
    }
    return run;
  });
}

/**
 * Where a count hardly ever moves, its spread hangs on a handful of runs, and two hundred more cannot tell: the reference of
 * conserving-doc-example has 0.44 at Step 11, 851 iterations of the oracle 0.55. The engine is held to the rule without this.
 */
const ORACLE_LEAST_SPREAD = 0.5;

/** Every metric of the reference at every Step it reports, against the same of `runs`. */
function disagreements(reference: Reference, runs: readonly StepMetrics[][], leastSpread = 0): string[] {
  const found: string[] = [];
  const people = peopleOf(reference);
  for (const [step, metrics] of Object.entries(reference.steps)) {
    for (const [metric, normalised] of Object.entries(metrics)) {
      // The organisation's head count is a count as well, in people.
      const unit = metric === "total_employees" ? people : 1;
      const actual = estimate(runs.map((run) => unit * run[Number(step)]![metric]!));
      const expected = { ...normalised, mean: unit * normalised.mean, sd: unit * normalised.sd };
      const isCount = unit === people || metric.endsWith("_count");
      const reason = disagreement(actual, runs.length, expected, reference.iterations, isCount, leastSpread);
      if (reason !== undefined) found.push(`Step ${step}, ${metric}: ${reason}`);
    }
  }
  return found;
}

describe.each([...REFERENCES.classic, ...REFERENCES.conserving])(`reference %s (seed ${SEED})`, (name) => {
  const reference = readReference(name, SEED);

  it(
    "the engine agrees",
    () => {
      expect(disagreements(reference, engineMetrics(reference, ENGINE_ITERATIONS))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "the oracle agrees",
    () => {
      const chance = plainRandom(SEED);
      const affordable = Math.floor(ORACLE_PERSON_MONTHS / (peopleOf(reference) * reference.input.months));
      const iterations = Math.min(ORACLE_MAX_ITERATIONS, affordable);
      const runs = Array.from({ length: iterations }, () => runOracle(reference.input, chance));
      expect(disagreements(reference, runs, ORACLE_LEAST_SPREAD)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
