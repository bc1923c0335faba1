import type { UniformSource } from "../random/stream.ts";
import { naturalLog } from "./logarithm.ts";
import { factorialRatioCore } from "./stirling.ts";

/** Up to this many draws (after the symmetries) sequential search is used; beyond it, ratio of uniforms. */
const INVERSION_MAX_DRAWS = 24;
/** 2·√(2/e) and 3 − 2·√(3/e): the table mountain's scale and shift. */
const HAT_SCALE = 1.7155277699214136;
const HAT_SHIFT = 0.8989161620588987;

/**
 * How many of the `marked` are among `draws` people taken at random, without replacement, from `marked + unmarked`.
 * Exact. By symmetry the draws are at most half of all and at most the marked; then up to 24 of them by sequential
 * search from 0, more by ratio of uniforms (HRUA: Stadlober, "The ratio of uniforms approach for generating discrete
 * random variates", J. Comput. Appl. Math. 31, 1990), without that program's cut at 16 standard deviations.
 * Certain outcomes take no uniform.
 *
 * @param draws an integer, 0 … marked + unmarked
 */
export function drawHypergeometric(marked: number, unmarked: number, draws: number, source: UniformSource): number {
  const all = marked + unmarked;
  if (draws === 0 || marked === 0) return 0;
  if (unmarked === 0) return draws;
  if (draws === all) return marked;
  if (draws > all - draws) return marked - drawHypergeometric(marked, unmarked, all - draws, source);
  if (marked > unmarked) return draws - drawLesser(unmarked, marked, draws, source);
  return drawLesser(marked, unmarked, draws, source);
}

/** Here marked ≤ unmarked and 2·draws ≤ all; marked and draws may change places. */
function drawLesser(marked: number, unmarked: number, draws: number, source: UniformSource): number {
  if (draws <= marked) {
    return draws <= INVERSION_MAX_DRAWS
      ? invert(marked, unmarked, draws, source)
      : reject(marked, unmarked, draws, source);
  }
  const rest = marked + unmarked - draws;
  return marked <= INVERSION_MAX_DRAWS ? invert(draws, rest, marked, source) : reject(draws, rest, marked, source);
}

/** Sequential search; `draws` ≤ 24 ≤ … ≤ unmarked, so 0 is possible and its probability is a short product. */
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

function reject(marked: number, unmarked: number, draws: number, source: UniformSource): number {
  const all = marked + unmarked;
  const share = marked / all;
  const centre = draws * share + 0.5;
  const variance = (draws * share * (1 - share) * (all - draws)) / (all - 1);
  const width = HAT_SCALE * Math.sqrt(variance + 0.5) + HAT_SHIFT;
  const mode = Math.floor(((draws + 1) * (marked + 1)) / (all + 2));
  const slope = logSlope(marked, unmarked, draws, mode);
  for (;;) {
    const x = source.uniform();
    const y = source.uniform();
    const k = Math.floor(centre + (width * (y - 0.5)) / x);
    if (!(k >= 0 && k <= draws)) continue;
    const ratio = logRatio(marked, unmarked, draws, k, mode, slope);
    if (x * (4 - x) - 3 <= ratio) return k;
    if (x * (x - ratio) >= 1) continue;
    if (2 * naturalLog(x) <= ratio) return k;
  }
}

/** ln P(X = k) − ln P(X = reference), right to 10⁻⁹ up to a million people within ten standard deviations. */
export function logHypergeometricRatio(
  marked: number,
  unmarked: number,
  draws: number,
  k: number,
  reference: number,
): number {
  return logRatio(marked, unmarked, draws, k, reference, logSlope(marked, unmarked, draws, reference));
}

/** What the four factorials' linear terms fold into, per step away from the reference. */
function logSlope(marked: number, unmarked: number, draws: number, reference: number): number {
  const others = unmarked - draws;
  return naturalLog(
    ((marked - reference + 1) / (reference + 1)) * ((draws - reference + 1) / (others + reference + 1)),
  );
}

function logRatio(
  marked: number,
  unmarked: number,
  draws: number,
  k: number,
  reference: number,
  slope: number,
): number {
  const others = unmarked - draws;
  return (
    factorialRatioCore(reference, k) +
    factorialRatioCore(marked - reference, marked - k) +
    factorialRatioCore(draws - reference, draws - k) +
    factorialRatioCore(others + reference, others + k) +
    (k - reference) * slope
  );
}
