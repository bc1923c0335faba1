import { summarise, type Accumulator, type EngineInput, type Scenario } from "../engine/index.ts";
import type { Warning } from "../warnings.ts";
import { explain, type Explanation } from "./explanations.ts";
import { outcomesOf, type Outcomes } from "./outcomes.ts";
import { resultWarnings } from "./result-warnings.ts";
import { quantilesOf, seriesOf, type SeriesPart } from "./series.ts";
import type { RunSummary } from "./summary-schemas.ts";
import { summariseRun } from "./summary.ts";

/** All that is stored of a run once it has completed. */
export interface RunOutcome {
  /** By Step; the organisation first, then the roles in request order. */
  readonly parts: readonly SeriesPart[];
  /** The same for quantiles; the organisation's only where the roles' were dropped. */
  readonly quantiles: readonly SeriesPart[];
  /** By iteration. */
  readonly outcomes: Outcomes;
  readonly explanations: readonly Explanation[];
  readonly summary: RunSummary;
  /** Those of the request first. */
  readonly warnings: readonly Warning[];
  /** Spent on the iterations that count; work repeated after an interruption is not in it. */
  readonly workUnits: number;
}

/** What comes out of a run: a pure function of what was asked and the sums over all of its iterations. */
export function runOutcome(
  warnings: readonly Warning[],
  { roles }: EngineInput,
  scenario: Scenario,
  sums: Accumulator,
): RunOutcome {
  const result = summarise(scenario, sums);
  const parts = seriesOf(result);
  const quantiles = quantilesOf(scenario, sums, result);
  const outcomes = outcomesOf(result);
  return {
    parts,
    quantiles,
    outcomes,
    explanations: explain(roles, parts),
    summary: summariseRun(scenario, result, outcomes, quantiles[0] ?? {}),
    warnings: [...warnings, ...resultWarnings(scenario, result)],
    workUnits: result.workUnits,
  };
}
