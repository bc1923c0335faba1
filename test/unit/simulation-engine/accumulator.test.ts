import { describe, expect, it } from "vitest";
import {
  MAX_ITERATIONS,
  accumulatorBytes,
  compileScenario,
  createAccumulator,
  createRunner,
  iterationPath,
  mergeInto,
  restoreAccumulator,
  serialiseAccumulator,
  summarise,
} from "../../../src/features/simulation/engine/index.ts";
import type { Accumulator } from "../../../src/features/simulation/engine/index.ts";
import { plainRandom, shuffled } from "../../support/oracle/plain-random.ts";
import { twoRoles } from "../../support/oracle/scenarios.ts";

const ITERATIONS = 48;
const scenario = compileScenario(twoRoles("classic", 120, 42, 24));
const runner = createRunner(scenario);

function run(from: number, to: number, slice = to - from): Accumulator {
  const accumulator = createAccumulator(scenario);
  for (let start = from; start < to; start += slice) runner.run(start, Math.min(to, start + slice), accumulator);
  return accumulator;
}

const whole = serialiseAccumulator(run(0, ITERATIONS));

describe("accumulators", () => {
  it.each([1, 3, 16])("give the same bytes for %i shards, in any order of merging", (shards) => {
    const chance = plainRandom(shards);
    const size = ITERATIONS / shards;
    for (let order = 0; order < 5; order++) {
      const parts = shuffled(
        chance,
        Array.from({ length: shards }, (_, shard) => run(shard * size, (shard + 1) * size)),
      );
      const merged = createAccumulator(scenario);
      for (const part of parts) mergeInto(merged, part);
      expect(Buffer.compare(serialiseAccumulator(merged), whole)).toBe(0);
    }
  });

  it("merge as a tree as they do one by one", () => {
    const [a, b, c, d] = [run(0, 10), run(10, 30), run(30, 31), run(31, ITERATIONS)] as const;
    mergeInto(a, b);
    mergeInto(c, d);
    mergeInto(c, a);
    expect(Buffer.compare(serialiseAccumulator(c), whole)).toBe(0);
  });

  it.each([1, 7, 50])("give the same bytes for slices of %i, stored and restored in between", (slice) => {
    let accumulator = createAccumulator(scenario);
    for (let start = 0; start < ITERATIONS; start += slice) {
      createRunner(scenario).run(start, Math.min(ITERATIONS, start + slice), accumulator);
      accumulator = restoreAccumulator(scenario, serialiseAccumulator(accumulator));
    }
    expect(Buffer.compare(serialiseAccumulator(accumulator), whole)).toBe(0);
  });

  it("sum exactly: means are the true means to the last bit or two", () => {
    const paths = Array.from({ length: ITERATIONS }, (_, index) => iterationPath(scenario, runner, index));
    const { roles } = summarise(scenario, restoreAccumulator(scenario, whole));
    for (const metric of [
      "count",
      "avg_automation_rate",
      "avg_time_per_employee",
      "avg_unused_output_capacity",
    ] as const) {
      for (let step = 0; step <= scenario.months; step++) {
        const values = paths.map((path) => path.roles[1]![metric][step]!);
        const { mean, min, max } = roles[1]![metric];
        const plainMean = values.reduce((sum, value) => sum + value, 0) / ITERATIONS;
        expect(Math.abs(mean[step]! - plainMean)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(plainMean)));
        expect(min[step]).toBe(Math.min(...values));
        expect(max[step]).toBe(Math.max(...values));
      }
    }
  });

  it("refuse an iteration counted twice, foreign shapes, foreign bytes and too many iterations", () => {
    const twice = run(0, 4);
    mergeInto(twice, run(3, 5));
    expect(() => serialiseAccumulator(twice)).toThrow("counted twice");
    const other = compileScenario(twoRoles("classic", 120, 42, 25));
    expect(() => mergeInto(run(0, 1), createAccumulator(other))).toThrow("different scenarios");
    expect(() => restoreAccumulator(other, whole)).toThrow("not an accumulator");
    expect(() => restoreAccumulator(scenario, whole.subarray(0, -8))).toThrow("not an accumulator");
    expect(() => restoreAccumulator(scenario, new Uint8Array(3))).toThrow("not an accumulator");
    expect(() => runner.run(0, MAX_ITERATIONS + 1, createAccumulator(scenario))).toThrow("iterations");
  });

  it("account for at least the memory they hold", () => {
    const accumulator = run(0, ITERATIONS);
    const { organisation, roles, organisationCounts, roleCounts, outcomes } = accumulator;
    expect(accumulatorBytes(scenario)).toBeGreaterThanOrEqual(
      [organisation, roles, organisationCounts, roleCounts!, outcomes.cells].reduce(
        (sum, part) => sum + part.byteLength,
        0,
      ),
    );
  });
});

describe("summaries", () => {
  const result = summarise(scenario, run(0, ITERATIONS));

  it("start with the full head count and payroll, in absolute figures", () => {
    const { employees, total_salary_of_employees, cost_savings, headcount_savings } = result.organisation;
    for (const value of ["mean", "min", "max"] as const) {
      expect(employees[value][0]).toBe(120);
      expect(total_salary_of_employees[value][0]).toBe(90 * 80_000 + 30 * 70_000);
      expect(cost_savings[value][0]).toBe(0);
      expect(headcount_savings[value][0]).toBe(0);
    }
  });

  it("save what is gone: the least saved where the most is left", () => {
    const { employees, headcount_savings, total_salary_of_employees, cost_savings } = result.organisation;
    const end = scenario.months;
    expect(headcount_savings.min[end]).toBe(120 - employees.max[end]!);
    expect(headcount_savings.max[end]).toBe(120 - employees.min[end]!);
    expect(cost_savings.max[end]).toBe(scenario.initialPayroll - total_salary_of_employees.min[end]!);
    expect(result.roles[0]!.cost_savings.mean[end]).toBe(
      80_000 * 90 - result.roles[0]!.total_salary_of_employee.mean[end]!,
    );
  });

  it("keep every iteration's outcome, by iteration", () => {
    const { outcomes, iterationIndexes } = result;
    expect([...iterationIndexes]).toEqual(Array.from({ length: ITERATIONS }, (_, index) => index));
    for (const index of [0, 17, ITERATIONS - 1]) {
      const path = iterationPath(scenario, runner, index).organisation;
      const cuts = Array.from(path.employees.slice(1), (people, month) => path.employees[month]! - people);
      const saved = path.cost_savings.slice(1).reduce((sum, value) => sum + value / 12, 0);
      expect(outcomes.endPeople[index]).toBe(path.employees.at(-1));
      expect(outcomes.largestCut[index]).toBe(Math.max(...cuts));
      expect(outcomes.firstCutMonth[index]).toBe(cuts.findIndex((cut) => cut > 0) + 1);
      expect(outcomes.monthsWithCuts[index]).toBe(cuts.filter((cut) => cut > 0).length);
      expect(outcomes.paySaved[index]).toBeCloseTo(saved, 6);
    }
  });

  it("refuse to speak of no iterations", () => {
    expect(() => summarise(scenario, createAccumulator(scenario))).toThrow("nothing to summarise");
  });
});
