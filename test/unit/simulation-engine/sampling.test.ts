import { describe, expect, it } from "vitest";
import { Xoshiro128 } from "../../../src/features/simulation/engine/random/stream.ts";
import { BinomialSampler, logBinomialRatio } from "../../../src/features/simulation/engine/sampling/binomial.ts";
import {
  HypergeometricSampler,
  logHypergeometricRatio,
  logSlope,
} from "../../../src/features/simulation/engine/sampling/hypergeometric.ts";
import { naturalLog } from "../../../src/features/simulation/engine/sampling/logarithm.ts";
import { chiSquareScore, logFactorials } from "../../support/oracle/goodness-of-fit.ts";

/** About three in a million per case, when all is right. */
const SUSPICIOUS = 4.5;
const DRAWS = 20_000;
const lnFactorial = logFactorials(2_000_000);

function streamOf(seed: number): Xoshiro128 {
  const stream = new Xoshiro128();
  stream.state.set([seed, 0x9e3779b9, 0x243f6a88, 0xb7e15162]);
  for (let warm = 0; warm < 16; warm++) stream.word();
  return stream;
}

function tally(draw: () => number, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (let turn = 0; turn < DRAWS; turn++) counts[draw()]!++;
  return counts;
}

describe("naturalLog", () => {
  it("agrees with the library's to 4 units in the last place of max(1, |ln x|), and near 1 of ln x itself", () => {
    for (let power = -1000; power <= 1000; power += 7) {
      for (const mantissa of [1, 1.1, Math.SQRT2, 1.5, 1.999999]) {
        const x = mantissa * 2 ** power;
        expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))));
      }
    }
    for (const gap of [1e-1, 1e-3, 1e-6, 1e-9, -1e-2, -1e-5, -1e-12]) {
      const exact = Math.log1p(1 + gap - 1);
      expect(Math.abs(naturalLog(1 + gap) / exact - 1)).toBeLessThan(1e-15);
    }
  });

  it("is −Infinity at 0 and exact at 1", () => {
    expect(naturalLog(0)).toBe(-Infinity);
    expect(naturalLog(1)).toBe(0);
    expect(naturalLog(Infinity)).toBe(Infinity);
  });
});

/** Σ ln of the quotients of neighbouring probabilities: exact to rounding, whatever the sizes. */
function walk(from: number, to: number, lnStep: (k: number) => number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += lnStep(k);
  for (let k = from; k > to; k--) sum -= lnStep(k - 1);
  return sum;
}

describe("acceptance ratios", () => {
  it("binomial: right to 1e-9 relative up to a million people, ten standard deviations out", () => {
    for (const [trials, p] of [
      [200, 0.3],
      [5_000, 0.01],
      [40_000, 0.16],
      [1_000_000, 0.5],
      [1_000_000, 0.00003],
    ] as const) {
      const mode = Math.floor((trials + 1) * p);
      const odds = p / (1 - p);
      const spread = Math.sqrt(trials * p * (1 - p));
      for (const away of [-10, -3, -1, 0.5, 2, 10]) {
        const k = Math.max(0, Math.min(trials, Math.round(mode + away * spread)));
        const exact = walk(mode, k, (j) => Math.log(((trials - j) / (j + 1)) * odds));
        expect(Math.abs(logBinomialRatio(trials, odds, k, mode, new Float64Array(4)) - exact)).toBeLessThan(1e-9);
      }
    }
  });

  it("hypergeometric: right to 1e-9 relative up to a million people, ten standard deviations out", () => {
    const cases = [
      [60, 90, 40],
      [3_000, 9_000, 700],
      [400_000, 600_000, 300_000],
      [30, 999_970, 500_000],
    ] as const;
    for (const [marked, unmarked, draws] of cases) {
      const all = marked + unmarked;
      const mode = Math.floor(((draws + 1) * (marked + 1)) / (all + 2));
      const spread = Math.sqrt((draws * (marked / all) * (unmarked / all) * (all - draws)) / (all - 1));
      for (const away of [-10, -3, -1, 0.5, 2, 10]) {
        const k = Math.max(0, draws - unmarked, Math.min(draws, marked, Math.round(mode + away * spread)));
        const step = (j: number) => ((marked - j) / (j + 1)) * ((draws - j) / (unmarked - draws + j + 1));
        const exact = walk(mode, k, (j) => Math.log(step(j)));
        const slope = logSlope(marked, unmarked, draws, mode);
        const ratio = logHypergeometricRatio(marked, unmarked, draws, k, mode, slope, new Float64Array(8));
        expect(Math.abs(ratio - exact)).toBeLessThan(1e-9);
      }
    }
  });
});

/** What a sampler makes of its first uniforms alone; undefined when it rejects them. Halves, which follow, are accepted. */
function firstTry(draw: (source: { uniform(): number }) => number, ...uniforms: number[]): number | undefined {
  let turn = 0;
  const drawn = draw({ uniform: () => uniforms[turn++] ?? 0.5 });
  return turn > uniforms.length ? undefined : drawn;
}

/** The largest double below 1 that a uniform can be. */
const ALMOST_ONE = 1 - 2 ** -53;
const GRID = 20_000;

describe("rejections", () => {
  // A rejection is exact where its hat covers the histogram, and what it takes unasked lies below. Both are asked of the
  // samplers themselves, with uniforms at the edge.
  it.each([
    [401, 0.025],
    [401, 0.5],
    [1_000, 0.01],
    [4_000, 0.16166],
    [50_000, 0.000_25],
    [1_000_000, 0.000_01],
    [1_000_000, 0.323_32],
    [1_000_000, 0.5],
  ])("binomial n = %i, p = %d: the hat covers all, the quick acceptance is below the histogram", (trials, p) => {
    const sampler = new BinomialSampler(p);
    const quick = 0.92 - 4.2 / (1.15 + 2.53 * Math.sqrt(trials * p * (1 - p)));
    const draw = (source: { uniform(): number }) => sampler.draw(trials, source);
    const grid = Array.from({ length: GRID + 1 }, (_, cell) => Math.min(ALMOST_ONE, cell / GRID));
    expect(grid.filter((u) => firstTry(draw, ALMOST_ONE, u) !== undefined)).toEqual([]);
    // Within ± 0.43 of the middle no second question is asked.
    expect(grid.filter((u) => firstTry(draw, quick, 0.07 + 0.86 * u) === undefined)).toEqual([]);
  });

  const hypergeometric = [
    [25, 25, 25],
    [60, 90, 40],
    [1_500, 2_500, 700],
    [2_000, 2_096, 2_000],
    [2_001, 2_096, 2_000],
    [400_000, 600_000, 25],
    [400_000, 600_000, 300_000],
    [500_000, 500_000, 500_000],
  ] as const;

  it.each(hypergeometric)("hypergeometric %i, %i, %i: the hat covers all", (marked, unmarked, draws) => {
    const sampler = new HypergeometricSampler();
    const draw = (source: { uniform(): number }) => sampler.draw(marked, unmarked, draws, source);
    // The sides of the rectangle: nothing there may be accepted. Finer where x is small, that is in the tails.
    const grid = Array.from({ length: GRID }, (_, cell) => Math.min(ALMOST_ONE, ((cell + 1) / GRID) ** 3));
    for (const side of [0, ALMOST_ONE]) {
      expect(grid.filter((x) => firstTry(draw, x, side) !== undefined)).toEqual([]);
    }
  });

  it.each(hypergeometric)("hypergeometric %i, %i, %i: accepts at P(k)/P(mode), to 1e-8", (marked, unmarked, draws) => {
    const sampler = new HypergeometricSampler();
    const draw = (source: { uniform(): number }) => sampler.draw(marked, unmarked, draws, source);
    const all = marked + unmarked;
    const share = marked / all;
    const variance = (draws * share * (1 - share) * (all - draws)) / (all - 1);
    const width = 2 * Math.sqrt(2 / Math.E) * Math.sqrt(variance + 0.5) + 3 - 2 * Math.sqrt(3 / Math.E);
    const mode = Math.floor(((draws + 1) * (marked + 1)) / (all + 2));
    const step = (j: number) => ((marked - j) / (j + 1)) * ((draws - j) / (unmarked - draws + j + 1));
    for (const away of [-6, -2, -1, 0.7, 1.5, 6]) {
      const k = Math.max(0, Math.min(draws, mode + Math.round(away * Math.sqrt(variance)) || 1));
      const exact = walk(mode, k, (j) => Math.log(step(j)));
      const acceptedAt = (x: number) => firstTry(draw, x, 0.5 + ((k - draws * share) * x) / width) === k;
      let [yes, no] = [0, 1];
      for (let half = 0; half < 60; half++) {
        const x = (yes + no) / 2;
        if (acceptedAt(x)) yes = x;
        else no = x;
      }
      expect(Math.abs(2 * Math.log(yes) - exact)).toBeLessThan(1e-8);
    }
  });
});

describe("BinomialSampler", () => {
  const seed = 31_337;
  const probability = (trials: number, p: number, k: number) =>
    Math.exp(
      lnFactorial[trials]! -
        lnFactorial[k]! -
        lnFactorial[trials - k]! +
        k * Math.log(p) +
        (trials - k) * Math.log1p(-p),
    );

  it.each([
    [1, 0.5],
    [3, 0.16166],
    [17, 0.9],
    [160, 0.16166],
    [160, 0.999],
    [161, 0.01],
    [161, 0.16166],
    [400, 0.5],
    [2_000, 0.001],
    [2_000, 0.32332],
    [50_000, 0.16166],
    [50_000, 0.99],
    [1_000_000, 0.000004],
    [1_000_000, 0.00005],
    [1_000_000, 0.16166],
    [1_000_000, 0.5],
  ])(`n = %i, p = %d: chi-square, seed ${seed}`, (trials, p) => {
    const sampler = new BinomialSampler(p);
    const stream = streamOf(seed);
    const spread = Math.sqrt(trials * p * (1 - p));
    // Cells: at most 400 values wide each side; beyond lies nothing at this number of draws.
    const width = Math.max(1, Math.ceil(spread / 20));
    const first = Math.max(0, Math.floor(trials * p - 9 * spread - 3));
    const last = Math.min(trials, Math.ceil(trials * p + 9 * spread + 30));
    const probabilities: number[] = [];
    for (let k = first; k <= last; k++) {
      const cell = Math.floor((k - first) / width);
      probabilities[cell] = (probabilities[cell] ?? 0) + probability(trials, p, k);
    }
    const observed = tally(() => Math.floor((sampler.draw(trials, stream) - first) / width), probabilities.length);
    expect(chiSquareScore(observed, probabilities)).toBeLessThan(SUSPICIOUS);
  });

  it("is certain where the outcome is, and takes no uniform then", () => {
    const fail = {
      uniform: () => {
        throw new Error("no uniform was needed");
      },
    };
    expect(new BinomialSampler(0).draw(1_000_000, fail)).toBe(0);
    expect(new BinomialSampler(1).draw(1_000_000, fail)).toBe(1_000_000);
    expect(new BinomialSampler(0.3).draw(0, fail)).toBe(0);
    expect(() => new BinomialSampler(Number.NaN)).toThrow(RangeError);
  });

  it("stays inside 0 … n at the extremes of the uniforms", () => {
    for (const u of [0, 2 ** -53, 0.5, 1 - 2 ** -53]) {
      for (const p of [1e-12, 0.3, 1 - 1e-12]) {
        for (const trials of [1, 160, 161, 1000]) {
          let turn = 0;
          // Constant at first; then ordinary, so that a rejection can end.
          const source = { uniform: () => (turn++ < 2 ? u : 0.37) };
          const drawn = new BinomialSampler(p).draw(trials, source);
          expect(Number.isInteger(drawn) && drawn >= 0 && drawn <= trials).toBe(true);
        }
      }
    }
  });
});

describe("HypergeometricSampler", () => {
  const sampler = new HypergeometricSampler();
  const seed = 4_711;
  const probability = (marked: number, unmarked: number, draws: number, k: number) => {
    const choose = (n: number, m: number) => lnFactorial[n]! - lnFactorial[m]! - lnFactorial[n - m]!;
    return Math.exp(choose(marked, k) + choose(unmarked, draws - k) - choose(marked + unmarked, draws));
  };

  it.each([
    [1, 1, 1],
    [3, 4, 5],
    [10, 2, 6],
    [2, 30, 20],
    [24, 24, 24],
    [25, 25, 25],
    [25, 26, 25],
    [60, 40, 50],
    [40, 500, 300],
    [500, 40, 300],
    [200, 300, 24],
    [900, 100, 980],
    [1_500, 2_500, 700],
    [3_000, 5_000, 1_500],
    [400_000, 600_000, 30],
    [400_000, 600_000, 500_000],
    [100, 999_900, 400_000],
  ])(`%i marked, %i unmarked, %i draws: chi-square, seed ${seed}`, (marked, unmarked, draws) => {
    const stream = streamOf(seed);
    const all = marked + unmarked;
    const mean = (draws * marked) / all;
    const spread = Math.sqrt((mean * (unmarked / all) * (all - draws)) / Math.max(1, all - 1));
    const width = Math.max(1, Math.ceil(spread / 20));
    const first = Math.max(0, draws - unmarked, Math.floor(mean - 9 * spread - 3));
    const last = Math.min(draws, marked, Math.ceil(mean + 9 * spread + 3));
    const probabilities: number[] = [];
    for (let k = first; k <= last; k++) {
      const cell = Math.floor((k - first) / width);
      probabilities[cell] = (probabilities[cell] ?? 0) + probability(marked, unmarked, draws, k);
    }
    const observed = tally(
      () => Math.floor((sampler.draw(marked, unmarked, draws, stream) - first) / width),
      probabilities.length,
    );
    expect(chiSquareScore(observed, probabilities)).toBeLessThan(SUSPICIOUS);
  });

  it("is certain where the outcome is", () => {
    const fail = {
      uniform: () => {
        throw new Error("no uniform was needed");
      },
    };
    expect(sampler.draw(5, 7, 0, fail)).toBe(0);
    expect(sampler.draw(5, 7, 12, fail)).toBe(5);
    expect(sampler.draw(0, 7, 3, fail)).toBe(0);
    expect(sampler.draw(5, 0, 3, fail)).toBe(3);
  });
});
