import type { Estimate } from "./reference.ts";

/** Mean, spread and extremes of a sample. */
export function estimate(values: ArrayLike<number>): Estimate {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = list.length > 1 ? Math.sqrt(squares / (list.length - 1)) : 0;
  return { mean, sd, min: Math.min(...list), max: Math.max(...list) };
}

/**
 * Why two estimates of one quantity do not agree, or undefined: means within four standard errors and 0.2 %. Spreads are compared for
 * counts only, and not where the second is at most `leastSpread`.
 */
export function disagreement(
  a: Estimate,
  iterationsOfA: number,
  b: Estimate,
  iterationsOfB: number,
  isCount: boolean,
  leastSpread = 0,
): string | undefined {
  const error = 4 * Math.sqrt(a.sd ** 2 / iterationsOfA + b.sd ** 2 / iterationsOfB) + 0.002 * Math.abs(a.mean) + 1e-9;
  if (!(Math.abs(a.mean - b.mean) <= error)) return `means ${a.mean} and ${b.mean} differ by more than ${error}`;
  if (!isCount || a.mean <= 20 || a.sd === 0 || b.sd <= leastSpread) return undefined;
  const spread = 4 * Math.sqrt(1 / (2 * iterationsOfA) + 1 / (2 * iterationsOfB)) + 0.05;
  if (!(Math.abs(Math.log(a.sd / b.sd)) <= spread)) return `spreads ${a.sd} and ${b.sd} differ by more than ${spread}`;
  return undefined;
}
