import { distributionOf, type EngineResult, type OutcomeColumn } from "../engine/index.ts";
import type { Distribution, OutcomeName } from "./summary-schemas.ts";

/** What came of each iteration, by outcome; index = iteration. Stored with the run, so that runs can be compared. */
export type Outcomes = Record<OutcomeName, readonly number[]>;

const columnOf = {
  end_employees: "endPeople",
  largest_monthly_cut: "largestCut",
  first_month_with_cut: "firstCutMonth",
  months_with_cuts: "monthsWithCuts",
  pay_saved: "paySaved",
  overloaded_people: "overloadedPeople",
} as const satisfies Record<OutcomeName, OutcomeColumn>;

export const outcomeNames = Object.keys(columnOf) as OutcomeName[];

export const byOutcome = <T>(make: (name: OutcomeName) => T): Record<OutcomeName, T> =>
  Object.fromEntries(outcomeNames.map((name) => [name, make(name)])) as Record<OutcomeName, T>;

export const outcomesOf = ({ outcomes }: EngineResult): Outcomes => byOutcome((name) => [...outcomes[columnOf[name]]]);

/** Whether an iteration counts for an outcome: one in which nobody leaves has no first month with a cut. */
export const counts = (name: OutcomeName, value: number): boolean => name !== "first_month_with_cut" || value > 0;

/** The spread of some values, one an iteration; nulls and no quantiles where there are none. */
export function toDistribution(values: Float64Array): Distribution {
  const found = distributionOf(values);
  return {
    iterations: values.length,
    mean: found?.mean ?? null,
    standard_error: standardError(values, found?.mean ?? 0),
    quantiles: [...(found?.quantiles ?? [])],
  };
}

/** Of the mean of independent values: √(s² / n), s² with n − 1. Null for fewer than two. */
function standardError(values: Float64Array, mean: number): number | null {
  const n = values.length;
  if (n < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (n - 1) / n);
}
