import { describe, expect, it } from "vitest";
import { GOLDEN_CASES, goldenHash } from "../../support/oracle/golden.ts";

// The same cases run in workerd: test/integration/workerd/engine-golden.test.ts.
describe("golden results", () => {
  it.each(GOLDEN_CASES)("$name", ({ input, iterations, sha256 }) => {
    expect(goldenHash(input, iterations)).toBe(sha256);
  });
});
