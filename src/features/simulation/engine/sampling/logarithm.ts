const LN_2 = 0.6931471805599453;
const SQRT_2 = 1.4142135623730951;
const SQRT_HALF = 0.7071067811865476;
/** Below this s² five terms of the series suffice for a double. */
const SHORT_SERIES = 0.0006;
const TWO_TO_16 = 65536;
const TWO_TO_MINUS_16 = 1 / 65536;

/**
 * The natural logarithm on + − × ÷ alone, so that its bits are the same on every runtime (Math.log's are not).
 * x is scaled by powers of two (exact) into [√½, √2) and put into the series below. Error: at most 4·10⁻¹⁶ of the result
 * near 1, and 10⁻¹⁶ times the number of halvings elsewhere.
 *
 * @param x any double ≥ 0; 0 gives −Infinity
 */
export function naturalLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  if (!(mantissa >= SQRT_HALF && mantissa < SQRT_2)) {
    if (mantissa === 0) return -Infinity;
    if (mantissa === Infinity) return Infinity;
    for (; mantissa >= TWO_TO_16; exponent += 16) mantissa *= TWO_TO_MINUS_16;
    for (; mantissa >= SQRT_2; exponent++) mantissa *= 0.5;
    for (; mantissa < TWO_TO_MINUS_16; exponent -= 16) mantissa *= TWO_TO_16;
    for (; mantissa < SQRT_HALF; exponent--) mantissa *= 2;
  }
  return exponent * LN_2 + twiceArtanh((mantissa - 1) / (mantissa + 1));
}

/**
 * ln((1 + s)/(1 − s)) = 2·artanh(s) by its Taylor series in s² ≤ 0.0295, cut where the next term is below 2·10⁻¹⁸ of the
 * result.
 */
function twiceArtanh(s: number): number {
  const z = s * s;
  if (z <= SHORT_SERIES) return 2 * s * (1 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9)))));
  let series = 1 / 19 + z * (1 / 21);
  series = 1 / 17 + z * series;
  series = 1 / 15 + z * series;
  series = 1 / 13 + z * series;
  series = 1 / 11 + z * series;
  series = 1 / 9 + z * series;
  series = 1 / 7 + z * series;
  series = 1 / 5 + z * series;
  series = 1 / 3 + z * series;
  return 2 * s * (1 + z * series);
}

/**
 * Whether ln x ≤ bound, for x > 0 and a bound ≤ 0 or hardly above: the last question of a rejection. Mostly answered
 * without a logarithm, by (x − 1/x)/2 ≤ ln x ≤ 2(x − 1)/(x + 1) on (0, 1].
 */
export function logIsAtMost(x: number, bound: number): boolean {
  if (x > 1) return naturalLog(x) <= bound;
  if (2 * (x - 1) <= bound * (x + 1)) return true;
  if (x * x - 1 > 2 * bound * x) return false;
  return naturalLog(x) <= bound;
}
