import { describe, expect, it } from "vitest";
import { addRepeatedly } from "../../../src/features/simulation/engine/classes/repeated-addition.ts";
import { below, plainRandom } from "../../support/oracle/plain-random.ts";

function oneByOne(start: number, term: number, target: number, limit: number) {
  let sum = start;
  let additions = 0;
  while (additions < limit) {
    sum += term;
    additions++;
    if (sum >= target) break;
  }
  return { sum, additions };
}

function jumping(start: number, term: number, target: number, limit: number) {
  const total = Float64Array.of(start);
  const additions = addRepeatedly(total, term, target, limit);
  return { sum: total[0]!, additions };
}

describe("addRepeatedly", () => {
  it("needs four capacities of 1/0.75 − 1 for one person, as doubles do", () => {
    expect(jumping(0, 1 / 0.75 - 1, 1, 100)).toEqual(oneByOne(0, 1 / 0.75 - 1, 1, 100));
    expect(jumping(0, 1 / 0.75 - 1, 1, 100).additions).toBe(4);
  });

  it("is the loop, bit for bit, on 5000 random cases (seed 77)", () => {
    const chance = plainRandom(77);
    for (let trial = 0; trial < 5000; trial++) {
      const term = chance.uniform() * 2 ** (below(chance, 40) - 30);
      const start = trial % 3 === 0 ? 0 : chance.uniform() * 2 ** below(chance, 12);
      const steps = below(chance, 3000);
      const target = start + term * steps * (0.5 + chance.uniform());
      const limit = 1 + below(chance, 4000);
      expect(jumping(start, term, target, limit)).toEqual(oneByOne(start, term, target, limit));
    }
  });

  it("is the loop where each addition lands half way between two doubles", () => {
    for (const start of [1, 1 + 2 ** -52, 1.5, 4 - 2 ** -51, 3.999]) {
      for (const halves of [1, 3, 5, 255, 2 ** 20 + 1]) {
        for (const scale of [2 ** -53, 2 ** -52, 2 ** -51]) {
          const term = halves * scale;
          expect(jumping(start, term, 64, 5000)).toEqual(oneByOne(start, term, 64, 5000));
        }
      }
    }
  });

  it("takes a handful of steps for millions of additions", () => {
    expect(jumping(0, 1e-6, 1, 10_000_000)).toEqual(oneByOne(0, 1e-6, 1, 10_000_000));
    // 10¹² additions at once would take an hour one by one.
    expect(jumping(0, 1e-12, 1, 2e12).additions).toBeGreaterThan(0.99e12);
  });

  it("counts to the limit when the term is lost in rounding", () => {
    expect(jumping(1, 2 ** -54, 2, 1_000)).toEqual({ sum: 1, additions: 1_000 });
  });
});
