import type { UniformSource } from "../random/stream.ts";
import { logIsAtMost, naturalLog } from "./logarithm.ts";
import { factorialRatioCores } from "./stirling.ts";

/** Up to this many draws (after the symmetries) sequential search is used; beyond it, ratio of uniforms. */
const INVERSION_MAX_DRAWS = 24;
/** ln n! is tabulated up to here; so small, subtracting table entries loses nothing that matters (10⁻¹⁰). */
const TABLE_MAX_PEOPLE = 4096;
/** 2·√(2/e) and 3 − 2·√(3/e): the table mountain's scale and shift. */
const HAT_SCALE = 1.7155277699214136;
const HAT_SHIFT = 0.8989161620588987;

/**
 * Draws how many of the `marked` are among `draws` people taken at random, without replacement, from `marked + unmarked`.
 * Exact. By symmetry the draws are at most half of all and at most the marked; then up to 24 of them by sequential
 * search from 0, more by ratio of uniforms (HRUA: Stadlober, "The ratio of uniforms approach for generating discrete
 * random variates", J. Comput. Appl. Math. 31, 1990), without that program's cut at 16 standard deviations.
 */
export class HypergeometricSampler {
  /** ln n!, n = 0 … TABLE_MAX_PEOPLE. */
  readonly #logFactorial = logFactorials(TABLE_MAX_PEOPLE);
  readonly #pairs = new Float64Array(8);

  /**
   * Certain outcomes take no uniform.
   *
   * @param draws an integer, 0 … marked + unmarked
   */
  draw(marked: number, unmarked: number, draws: number, source: UniformSource): number {
    const all = marked + unmarked;
    if (draws === 0 || marked === 0) return 0;
    if (unmarked === 0) return draws;
    if (draws === all) return marked;
    const fewer = draws > all - draws ? all - draws : draws;
    const drawn =
      marked > unmarked
        ? fewer - this.#drawLesser(unmarked, marked, fewer, source)
        : this.#drawLesser(marked, unmarked, fewer, source);
    return fewer === draws ? drawn : marked - drawn;
  }

  /** Here marked ≤ unmarked and 2 · draws ≤ all; then marked and draws may change places. */
  #drawLesser(marked: number, unmarked: number, draws: number, source: UniformSource): number {
    if (draws <= marked) {
      if (draws <= INVERSION_MAX_DRAWS) return invert(marked, unmarked, draws, source);
      return this.#reject(marked, unmarked, draws, source);
    }
    const rest = marked + unmarked - draws;
    if (marked <= INVERSION_MAX_DRAWS) return invert(draws, rest, marked, source);
    return this.#reject(draws, rest, marked, source);
  }

  #reject(marked: number, unmarked: number, draws: number, source: UniformSource): number {
    const all = marked + unmarked;
    const share = marked / all;
    const centre = draws * share + 0.5;
    const variance = (draws * share * (1 - share) * (all - draws)) / (all - 1);
    const width = HAT_SCALE * Math.sqrt(variance + 0.5) + HAT_SHIFT;
    const mode = Math.floor(((draws + 1) * (marked + 1)) / (all + 2));
    const small = all <= TABLE_MAX_PEOPLE;
    const atMode = small
      ? this.#logDenominator(marked, unmarked, draws, mode)
      : logSlope(marked, unmarked, draws, mode);
    for (;;) {
      const x = source.uniform();
      const y = source.uniform();
      const k = Math.floor(centre + (width * (y - 0.5)) / x);
      if (!(k >= 0 && k <= draws)) continue;
      const ratio = small
        ? atMode - this.#logDenominator(marked, unmarked, draws, k)
        : logHypergeometricRatio(marked, unmarked, draws, k, mode, atMode, this.#pairs);
      // Accepted if x² ≤ P(X = k) / P(X = mode).
      if (logIsAtMost(x, ratio / 2)) return k;
    }
  }

  /** ln of what P(X = k) is divided by: k!·(marked − k)!·(draws − k)!·(unmarked − draws + k)!. */
  #logDenominator(marked: number, unmarked: number, draws: number, k: number): number {
    const table = this.#logFactorial;
    return table[k]! + table[marked - k]! + table[draws - k]! + table[unmarked - draws + k]!;
  }
}

/** Sequential search; `draws` is at most `unmarked`, so 0 is possible and its probability a short product. */
function invert(marked: number, unmarked: number, draws: number, source: UniformSource): number {
  const all = marked + unmarked;
  let numerator = 1;
  let denominator = 1;
  for (let i = 0; i < draws; i++) {
    numerator *= unmarked - i;
    denominator *= all - i;
  }
  let mass = numerator / denominator;
  let u = source.uniform();
  let k = 0;
  const surplus = unmarked - draws + 1;
  while (u >= mass && k < draws) {
    u -= mass;
    mass *= ((marked - k) * (draws - k)) / ((k + 1) * (surplus + k));
    k++;
  }
  return k;
}

/**
 * ln P(X = k) − ln P(X = reference), right to 10⁻⁹ up to a million people within ten standard deviations.
 *
 * @param slope `logSlope` at the reference
 * @param pairs scratch of eight
 */
export function logHypergeometricRatio(
  marked: number,
  unmarked: number,
  draws: number,
  k: number,
  reference: number,
  slope: number,
  pairs: Float64Array,
): number {
  const others = unmarked - draws;
  pairs[0] = reference;
  pairs[1] = k;
  pairs[2] = marked - reference;
  pairs[3] = marked - k;
  pairs[4] = draws - reference;
  pairs[5] = draws - k;
  pairs[6] = others + reference;
  pairs[7] = others + k;
  return factorialRatioCores(pairs) + (k - reference) * slope;
}

/** What the four factorials' linear terms fold into, per step away from the reference. */
export function logSlope(marked: number, unmarked: number, draws: number, reference: number): number {
  const others = unmarked - draws;
  return naturalLog(
    ((marked - reference + 1) / (reference + 1)) * ((draws - reference + 1) / (others + reference + 1)),
  );
}

/** By compensated summation (Kahan): each entry right to an ulp or two. */
function logFactorials(most: number): Float64Array {
  const table = new Float64Array(most + 1);
  let sum = 0;
  let lost = 0;
  for (let n = 1; n <= most; n++) {
    const term = naturalLog(n) - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
    table[n] = sum;
  }
  return table;
}
