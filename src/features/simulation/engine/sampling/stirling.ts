import { naturalLog } from "./logarithm.ts";

/** ln k! − [(k + ½)·ln(k + 1) − (k + 1) + ½·ln 2π] for k = 0 … 15, computed to 20 digits with arbitrary precision. */
const SMALL_REMAINDERS: readonly number[] = [
  0.08106146679532726, 0.041340695955409294, 0.02767792568499834, 0.020790672103765093, 0.016644691189821192,
  0.013876128823070748, 0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.008330563433362871,
  0.00757367548795184, 0.00694284010720953, 0.006408994188004207, 0.005951370112758848, 0.005554733551962801,
  0.00520765591960964,
];

/** From here on the asymptotic series is right to 10⁻¹⁴; below, the table is used. */
const SERIES_FROM = 16;
/** Where |ln(A/B)| is this small its series of five terms is exact to a double: ((A − B)/(A + B))². */
const NEAR = 0.0006;

/**
 * What Stirling's formula leaves of ln k!: ln k! = (k + ½)·ln(k + 1) − (k + 1) + ½·ln 2π + remainder, for k ≥ 16, by the
 * asymptotic series in 1/(k + 1) (Abramowitz and Stegun 6.1.42).
 */
function remainderSeries(inverse: number): number {
  const square = inverse * inverse;
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680)))) * inverse;
}

/**
 * Σ over pairs (a, b) of the part of ln(a! / b!) that carries the size: (b + ½)·ln((a + 1)/(b + 1)) plus the difference of
 * the remainders. The whole is ln(a!/b!) = this + (a − b)·ln(a + 1) − (a − b). Callers collect the last two terms over
 * several factorials, where they cancel or fold into one logarithm: subtracting logarithms of factorials themselves would
 * lose 10⁻⁸ at a million people.
 *
 * @param pairs a₁, b₁, a₂, b₂ …: integers from 0 to below 10⁹
 */
export function factorialRatioCores(pairs: Float64Array): number {
  let total = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const a = pairs[index]!;
    const b = pairs[index + 1]!;
    const upper = a + 1;
    const lower = b + 1;
    const sum = upper + lower;
    // One division serves the logarithm's argument and both remainders.
    const inverse = 1 / (upper * lower * sum);
    const s = (a - b) * upper * lower * inverse;
    const z = s * s;
    const logarithm =
      z <= NEAR ? 2 * s * (1 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9))))) : naturalLog(upper / lower);
    const remainderOfA = a < SERIES_FROM ? SMALL_REMAINDERS[a]! : remainderSeries(lower * sum * inverse);
    const remainderOfB = b < SERIES_FROM ? SMALL_REMAINDERS[b]! : remainderSeries(upper * sum * inverse);
    total += (b + 0.5) * logarithm + (remainderOfA - remainderOfB);
  }
  return total;
}
