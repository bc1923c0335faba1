import type { UniformSource } from "../random/stream.ts";
import { logIsAtMost, naturalLog } from "./logarithm.ts";
import { factorialRatioCores } from "./stirling.ts";

/** No row's k = 0 lies so far before the table. */
const NOT_BUILT = -1_000_000;
/** Up to this many trials the distribution function is tabulated (lazily, one row a number of trials). */
const TABLE_MAX_TRIALS = 400;
/** Equal parts of [0, 1) for which a row says where to begin the search. */
const GUIDES = 32;
/** Below this mean inversion from 0 is cheaper than rejection; the rejection's hat is proven for means ≥ 10 only. */
const REJECTION_MIN_MEAN = 10;
/** Uniforms are multiples of 2⁻⁵³: a tail below this is never reached. */
const UNREACHED = 5e-17;

/**
 * Draws from Binomial(n, p) for one p and any n: exact, no normal approximation. Up to 400 trials by inversion in a table
 * with guides (Chen and Asau 1974); beyond, for a mean under 10, by inversion term by term, else by transformed rejection
 * (BTRD: Hörmann, "The generation of binomial random variates", J. Statist. Comput. Simul. 46, 1993). The tables are a
 * cache and do not influence what is drawn.
 */
export class BinomialSampler {
  /** min(p, 1 − p); the draw is mirrored when p > ½. */
  readonly #p: number;
  readonly #q: number;
  readonly #mirrored: boolean;
  readonly #odds: number;
  readonly #pairs = new Float64Array(4);
  /** P(X ≤ k), rows one after another; a row holds the k that uniforms reach, its last entry is 2, a sentinel. */
  #table = new Float64Array(1024);
  #tableEnd = 0;
  /** By trials: the entry in #table of k = 0 (which may lie before the row), or NOT_BUILT. */
  readonly #rowOrigin = new Int32Array(TABLE_MAX_TRIALS + 1).fill(NOT_BUILT);
  /** By trials and part of [0, 1): the smallest k a uniform of that part can give. */
  readonly #guide = new Uint16Array((TABLE_MAX_TRIALS + 1) * GUIDES);

  /** @param probability of success, 0 … 1 */
  constructor(probability: number) {
    if (!(probability >= 0 && probability <= 1)) throw new RangeError("binomial: the probability must be 0 … 1");
    this.#mirrored = probability > 0.5;
    this.#p = this.#mirrored ? 1 - probability : probability;
    this.#q = 1 - this.#p;
    this.#odds = this.#p / this.#q;
  }

  /** @param trials an integer, 0 … 2³¹ − 1; 0 and certain outcomes take no uniform */
  draw(trials: number, source: UniformSource): number {
    if (trials === 0) return 0;
    const successes = this.#p === 0 ? 0 : this.#drawSmaller(trials, source);
    return this.#mirrored ? trials - successes : successes;
  }

  #drawSmaller(trials: number, source: UniformSource): number {
    if (trials > TABLE_MAX_TRIALS) {
      return trials * this.#p < REJECTION_MIN_MEAN ? this.#invert(trials, source) : this.#reject(trials, source);
    }
    if (this.#rowOrigin[trials] === NOT_BUILT) this.#buildRow(trials);
    const origin = this.#rowOrigin[trials]!;
    const u = source.uniform();
    let k = this.#guide[trials * GUIDES + Math.trunc(u * GUIDES)]!;
    while (u >= this.#table[origin + k]!) k++;
    return k;
  }

  #buildRow(trials: number): void {
    this.#reserve(trials + 1);
    let mass = integerPower(this.#q, trials);
    let below = mass;
    let k = 0;
    const next = () => {
      mass *= ((trials - k) / (k + 1)) * this.#odds;
      below += mass;
      k++;
    };
    while (below < UNREACHED) next();
    const origin = this.#tableEnd - k;
    let part = 0;
    for (; k < trials && below < 1 - UNREACHED; next()) {
      this.#table[origin + k] = below;
      for (; part < GUIDES && part / GUIDES < below; part++) this.#guide[trials * GUIDES + part] = k;
    }
    this.#table[origin + k] = 2;
    for (; part < GUIDES; part++) this.#guide[trials * GUIDES + part] = k;
    this.#tableEnd = origin + k + 1;
    this.#rowOrigin[trials] = origin;
  }

  #reserve(entries: number): void {
    if (this.#tableEnd + entries <= this.#table.length) return;
    const table = new Float64Array(2 * (this.#table.length + entries));
    table.set(this.#table);
    this.#table = table;
  }

  /** Sequential search from 0: about mean + 1 terms. */
  #invert(trials: number, source: UniformSource): number {
    let mass = integerPower(this.#q, trials);
    let u = source.uniform();
    let k = 0;
    while (u >= mass && k < trials) {
      u -= mass;
      mass *= ((trials - k) / (k + 1)) * this.#odds;
      k++;
    }
    return k;
  }

  /** BTRD; names as in the paper: b, a, c shape the hat, v_r cuts its table mountain, alpha is its scale. */
  #reject(trials: number, source: UniformSource): number {
    const p = this.#p;
    const spread = Math.sqrt(trials * p * this.#q);
    const b = 1.15 + 2.53 * spread;
    const a = -0.0873 + 0.0248 * b + 0.01 * p;
    const c = trials * p + 0.5;
    const vr = 0.92 - 4.2 / b;
    for (;;) {
      let v = source.uniform();
      let u = v / vr - 0.43;
      // Four times in five the point lies surely below the histogram, and one uniform was enough.
      if (u <= 0.43) return Math.floor(((2 * a) / (0.5 - Math.abs(u)) + b) * u + c);
      if (v >= vr) {
        u = source.uniform() - 0.5;
      } else {
        u -= 0.5;
        u = (u < 0 ? -0.5 : 0.5) - u;
        v = source.uniform() * vr;
      }
      const us = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a) / us + b) * u + c);
      if (!(k >= 0 && k <= trials)) continue;
      const alpha = (2.83 + 5.1 / b) * spread;
      const mode = Math.floor((trials + 1) * p);
      const height = (v * alpha) / (a / (us * us) + b);
      if (logIsAtMost(height, logBinomialRatio(trials, this.#odds, k, mode, this.#pairs))) return k;
    }
  }
}

/**
 * ln P(X = k) − ln P(X = reference) of Binomial(n, p), right to 10⁻⁹ for n up to 10⁶ within ten standard deviations.
 *
 * @param odds p / (1 − p)
 * @param pairs scratch of four
 */
export function logBinomialRatio(
  trials: number,
  odds: number,
  k: number,
  reference: number,
  pairs: Float64Array,
): number {
  const slope = ((trials - reference + 1) / (reference + 1)) * odds;
  pairs[0] = reference;
  pairs[1] = k;
  pairs[2] = trials - reference;
  pairs[3] = trials - k;
  return factorialRatioCores(pairs) + (k - reference) * naturalLog(slope);
}

/** base^exponent by squaring, for an integer exponent ≥ 0. */
function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
