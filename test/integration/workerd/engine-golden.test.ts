import { describe, expect, it } from "vitest";
import { GOLDEN_CASES, goldenHash } from "../../support/oracle/golden.ts";

describe("golden results of the simulation engine, in workerd", () => {
  it.each(GOLDEN_CASES)("$name", ({ input, iterations, sha256 }) => {
    expect(goldenHash(input, iterations)).toBe(sha256);
  });
});
