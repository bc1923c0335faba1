import { OUTCOME_COLUMNS } from "./outcomes.ts";
import type { OutcomeColumn } from "./outcomes.ts";
import { quantileRank } from "./quantiles.ts";
import type { EngineResult } from "./summarise.ts";

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

export interface OutcomeDistributions {
  /** `firstCutMonth` over the iterations that have one: absent when none has. */
  byOutcome: Record<OutcomeColumn, OutcomeDistribution | undefined>;
  /** Share of iterations in which nobody ever leaves. */
  shareWithoutCut: number;
}

/** The distributions of what came of each iteration, over the iterations of a result. */
export function outcomeDistributions(result: EngineResult): OutcomeDistributions {
  const withCut = result.outcomes.firstCutMonth.filter((month) => month > 0);
  const entries = OUTCOME_COLUMNS.map((column) => [
    column,
    distributionOf(column === "firstCutMonth" ? withCut : result.outcomes[column]),
  ]);
  return {
    byOutcome: Object.fromEntries(entries) as OutcomeDistributions["byOutcome"],
    shareWithoutCut: 1 - withCut.length / result.iterations,
  };
}

/** Also of use for differences between paired runs, iteration by iteration. Nothing is known of no values. */
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
