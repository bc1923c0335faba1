import { quantileRank } from "./quantiles.ts";

/** Quantiles of a distribution: at 0, 0.05, … 1, the least and the greatest value included. */
export const DISTRIBUTION_QUANTILES = 21;

/** How one outcome is spread over the iterations. */
export interface OutcomeDistribution {
  /** Iterations counted. */
  count: number;
  mean: number;
  /** DISTRIBUTION_QUANTILES values, ascending; exact. */
  quantiles: Float64Array;
}

/** Of values or of differences between paired runs, one an iteration. Nothing is known of no values. */
export function distributionOf(values: Float64Array): OutcomeDistribution | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const sorted = values.toSorted();
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return {
    count,
    mean: Math.max(sorted[0]!, Math.min(sorted[count - 1]!, mean)),
    quantiles: Float64Array.from(
      { length: DISTRIBUTION_QUANTILES },
      (_, index) => sorted[quantileRank(index / (DISTRIBUTION_QUANTILES - 1), count) - 1]!,
    ),
  };
}
