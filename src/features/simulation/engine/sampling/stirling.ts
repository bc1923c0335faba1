import { logOfRatio } from "./logarithm.ts";

/** ln k! − [(k + ½)·ln(k + 1) − (k + 1) + ½·ln 2π] for k = 0 … 15, computed to 20 digits with arbitrary precision. */
const SMALL_REMAINDERS: readonly number[] = [
  0.08106146679532726, 0.041340695955409294, 0.02767792568499834, 0.020790672103765093, 0.016644691189821192,
  0.013876128823070748, 0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.008330563433362871,
  0.00757367548795184, 0.00694284010720953, 0.006408994188004207, 0.005951370112758848, 0.005554733551962801,
  0.00520765591960964,
];

/**
 * What Stirling's formula leaves of ln k!: ln k! = (k + ½)·ln(k + 1) − (k + 1) + ½·ln 2π + stirlingRemainder(k).
 * From k = 16 on by the asymptotic series in 1/(k + 1), whose error there is below 10⁻¹⁴ (Abramowitz and Stegun 6.1.42).
 *
 * @param k an integer ≥ 0
 * @param inverse 1 / (k + 1)
 */
function stirlingRemainder(k: number, inverse: number): number {
  if (k < SMALL_REMAINDERS.length) return SMALL_REMAINDERS[k]!;
  const square = inverse * inverse;
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680)))) * inverse;
}

/**
 * The part of ln(a! / b!) that carries the size: (b + ½)·ln((a + 1)/(b + 1)) plus the difference of the remainders. The
 * whole is ln(a!/b!) = factorialRatioCore(a, b) + (a − b)·ln(a + 1) − (a − b). Callers collect the last two terms over
 * several factorials, where they cancel or fold into one logarithm: subtracting logarithms of factorials themselves would
 * lose 10⁻⁸ at a million people.
 */
export function factorialRatioCore(a: number, b: number): number {
  if (a === b) return 0;
  // One division for both inverses.
  const both = 1 / ((a + 1) * (b + 1));
  const remainders = stirlingRemainder(a, (b + 1) * both) - stirlingRemainder(b, (a + 1) * both);
  return (b + 0.5) * logOfRatio(a + 1, b + 1) + remainders;
}
