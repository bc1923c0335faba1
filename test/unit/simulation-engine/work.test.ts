import { describe, expect, it } from "vitest";
import {
  compileScenario,
  createAccumulator,
  createRunner,
  workPerIteration,
} from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";
import { manyRoles, manyWorkloads, twoRoles } from "../../support/oracle/scenarios.ts";

/** Spent by predicted work units. */
function ratio(input: EngineInput, iterations: number): number {
  const scenario = compileScenario(input);
  const spent = createRunner(scenario).run(0, iterations, createAccumulator(scenario));
  return spent / iterations / workPerIteration(scenario);
}

describe("workPerIteration", () => {
  it("predicts what a run spends within a third", () => {
    const inputs: EngineInput[] = [
      ...([400, 4_000, 1_000_000] as const).flatMap((people) => [
        twoRoles("classic", people, 7),
        twoRoles("conserving", people, 7),
      ]),
      twoRoles("classic", 4_000, 7, 240),
      { ...twoRoles("classic", 4_000, 7), learnFactor: 0.1, actFactor: 0.1 },
      { ...twoRoles("conserving", 4_000, 7), learnFactor: 1, actFactor: 1 },
      manyWorkloads("classic", 30, 5_000, 120),
      manyWorkloads("conserving", 50, 100_000, 240),
      manyRoles(40, 50, 7),
    ];
    for (const input of inputs) {
      expect(ratio(input, 10)).toBeGreaterThan(2 / 3);
      expect(ratio(input, 10)).toBeLessThan(4 / 3);
    }
  });

  it("does not grow with head count beyond the spread of the classes", () => {
    const units = (people: number) => workPerIteration(compileScenario(twoRoles("classic", people, 7)));
    expect(units(4_000_000) / units(4_000)).toBeLessThan(1.4);
  });
});
