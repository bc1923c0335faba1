import { describe, expect, it } from "vitest";
import { compileScenario, withFactors } from "../../../src/features/simulation/engine/index.ts";
import { twoRoles } from "../../support/oracle/scenarios.ts";

describe("a scenario at other factors", () => {
  it.each(["classic", "conserving"] as const)("is what would have been compiled with them, in %s", (model) => {
    const input = twoRoles(model, 400, 7);
    const compiled = compileScenario(input);
    for (const [learnFactor, actFactor] of [
      [0, 0],
      [1, 1],
      [0.3, 0.7],
    ] as const)
      expect(withFactors(compiled, { learnFactor, actFactor })).toEqual(
        compileScenario({ ...input, learnFactor, actFactor }),
      );
  });

  it("refuses what is no share", () => {
    const compiled = compileScenario(twoRoles("classic", 400, 7));
    expect(() => withFactors(compiled, { learnFactor: 1.1, actFactor: 0 })).toThrow("learnFactor is out of range");
    expect(() => withFactors(compiled, { learnFactor: 1, actFactor: Number.NaN })).toThrow("actFactor is out of range");
  });
});
