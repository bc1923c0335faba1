import { describe, expect, it } from "vitest";
import {
  ORGANISATION_METRICS,
  ROLE_METRICS,
  accumulatorBytes,
  compileScenario,
  createAccumulator,
  createRunner,
  distributionOf,
  iterationPath,
  keepsRoleQuantiles,
  quantileErrors,
  readQuantiles,
  restoreAccumulator,
  serialiseAccumulator,
  summarise,
} from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";
import {
  axisError,
  binOf,
  middleOf,
  roleAxes,
  type Axis,
} from "../../../src/features/simulation/engine/statistics/axes.ts";
import { quantileRank } from "../../../src/features/simulation/engine/statistics/quantiles.ts";
import {
  packCounts,
  packedLength,
  unpackCounts,
} from "../../../src/features/simulation/engine/statistics/sparse-counts.ts";
import { below, plainRandom } from "../../support/oracle/plain-random.ts";
import { twoRoles } from "../../support/oracle/scenarios.ts";

const ITERATIONS = 60;
const MEGABYTE = 1024 * 1024;

describe.each([
  ["classic", 400],
  ["classic", 40_000],
  ["conserving", 4_000],
] as const)("quantiles of %s with %i people", (model, people) => {
  const scenario = compileScenario(twoRoles(model, people, 8, 24));
  const runner = createRunner(scenario);
  const accumulator = createAccumulator(scenario);
  runner.run(0, ITERATIONS, accumulator);
  const result = summarise(scenario, accumulator);
  const errors = quantileErrors(scenario);
  const paths = Array.from({ length: ITERATIONS }, (_, index) => iterationPath(scenario, runner, index));

  it.each([0, 0.05, 0.25, 0.5, 0.95, 1])("%d: within the stated error of the value of that rank", (probability) => {
    const quantiles = readQuantiles(scenario, accumulator, result, probability);
    const rank = quantileRank(probability, ITERATIONS);
    for (const step of [0, 6, 13, 24]) {
      for (const metric of ORGANISATION_METRICS) {
        const exact = paths.map((path) => path.organisation[metric][step]!).sort((a, b) => a - b)[rank - 1]!;
        const error = errors.organisation[metric] * (1 + 1e-9);
        expect(Math.abs(quantiles.organisation[metric][step]! - exact)).toBeLessThanOrEqual(error);
      }
      for (const metric of ROLE_METRICS) {
        const exact = paths.map((path) => path.roles[1]![metric][step]!).sort((a, b) => a - b)[rank - 1]!;
        const error = errors.roles[1]![metric] * (1 + 1e-9);
        expect(Math.abs(quantiles.roles![1]![metric][step]! - exact)).toBeLessThanOrEqual(error);
      }
    }
  });

  it("have errors that are small beside what they measure", () => {
    expect(errors.organisation.employees).toBeLessThanOrEqual(people / 4000);
    expect(errors.organisation.automation).toBeLessThan(0.0003);
    expect(errors.organisation.avg_time_per_employee).toBeLessThan(0.0005);
    expect(errors.roles[0]!.count).toBeLessThanOrEqual(people / 1000);
  });
});

describe("cells of whole numbers", () => {
  // In cells of 49, 98 and 103: 1/49 times 49 is less than 1, and 49 is counted with 0 … 48.
  it.each([1, 511, 512, 1_023, 5_000, 24_575, 25_000, 50_000, 52_735, 1_000_000])(
    "of %i people: none is further from the middle of its cell than is stated",
    (people) => {
      const [axis] = roleAxes(compileScenario(twoRoles("classic", 4 * people, 1)).roles[1]!) as [Axis];
      let furthest = 0;
      for (let count = 0; count <= people; count++)
        furthest = Math.max(furthest, Math.abs(middleOf(axis, binOf(axis, count)) - count));
      expect(furthest).toBe(axisError(axis));
      if (people <= 511) expect(furthest).toBe(0);
    },
  );
});

describe("quantileRank", () => {
  it("is the smallest rank that reaches the share, untroubled by rounding", () => {
    expect([0, 0.05, 0.25, 0.5, 0.95, 1].map((p) => quantileRank(p, 20))).toEqual([1, 1, 5, 10, 19, 20]);
    // 0.07 · 100 is 7.000000000000001.
    expect(quantileRank(0.07, 100)).toBe(7);
    expect(quantileRank(0.5, 1)).toBe(1);
  });
});

describe("outcome distributions", () => {
  it("give mean and exact quantiles, and know of no values nothing", () => {
    const values = Float64Array.from({ length: 101 }, (_, index) => (index * 37) % 101);
    const distribution = distributionOf(values)!;
    expect(distribution.mean).toBe(50);
    expect([distribution.quantiles[0], distribution.quantiles[10], distribution.quantiles[20]]).toEqual([0, 50, 100]);
    expect(distributionOf(new Float64Array(0))).toBeUndefined();
  });
});

describe("packed counters", () => {
  it("come back as they were, also runs of zeros and full counters (seed 5)", () => {
    const chance = plainRandom(5);
    for (let trial = 0; trial < 200; trial++) {
      const counts = new Uint16Array(1 + below(chance, 5000));
      for (let filled = below(chance, 40); filled > 0; filled--) {
        counts[below(chance, counts.length)] = 1 + below(chance, 65_535);
      }
      const bytes = new Uint8Array(packedLength(counts) + 3);
      expect(packCounts(counts, bytes, 3)).toBe(bytes.length);
      const back = new Uint16Array(counts.length);
      expect(unpackCounts(bytes, 3, bytes.length, back)).toBe(true);
      expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(counts.buffer))).toBe(0);
    }
  });

  it("refuse bytes cut short or beyond the counters", () => {
    const counts = Uint16Array.of(0, 300, 0, 0, 7);
    const bytes = new Uint8Array(packedLength(counts));
    packCounts(counts, bytes, 0);
    expect(unpackCounts(bytes, 0, bytes.length - 1, new Uint16Array(5))).toBe(false);
    expect(unpackCounts(bytes, 0, bytes.length, new Uint16Array(4))).toBe(false);
    expect(unpackCounts(Uint8Array.of(0x80, 0x80), 0, 2, new Uint16Array(4))).toBe(false);
  });
});

describe("memory", () => {
  const largest: EngineInput = {
    ...twoRoles("classic", 400, 1, 240),
    roles: Array.from({ length: 200 }, (_, index) => ({
      ...twoRoles("classic", 200_000, 1).roles[index % 2]!,
      name: `Role ${index}`,
      count: 50_000,
    })),
  };

  it("of a merge at the largest allowed input stays under 64 MB; role quantiles give way", () => {
    const scenario = compileScenario(largest);
    expect(keepsRoleQuantiles(scenario)).toBe(false);
    // A merge holds its own accumulator, a shard's, and the shard's bytes.
    expect(3 * accumulatorBytes(scenario)).toBeLessThan(64 * MEGABYTE);
    const accumulator = createAccumulator(scenario);
    createRunner(scenario).run(0, 1, accumulator);
    const bytes = serialiseAccumulator(accumulator);
    expect(bytes.byteLength).toBeLessThan(accumulatorBytes(scenario));
    expect(Buffer.compare(serialiseAccumulator(restoreAccumulator(scenario, bytes)), bytes)).toBe(0);
    const result = summarise(scenario, accumulator);
    expect(readQuantiles(scenario, accumulator, result, 0.5).roles).toBeUndefined();
  });

  it("stays under 64 MB for the fullest input that still has role quantiles", () => {
    let roles = 1;
    const first = (count: number) => compileScenario({ ...largest, roles: largest.roles.slice(0, count) });
    while (keepsRoleQuantiles(first(roles + 1))) roles++;
    const scenario = first(roles);
    expect(roles).toBeGreaterThanOrEqual(4);
    expect(3 * accumulatorBytes(scenario)).toBeLessThan(64 * MEGABYTE);
  });
});
