import type { Actor } from "../../../shared/access.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import type { Outcomes } from "../results/outcomes.ts";
import type { SeriesPart } from "../results/series.ts";
import type { RunSummary } from "../results/summary-schemas.ts";
import type { SimulationSummary } from "../runs/repository.ts";

/** What comparing needs of a completed run. */
export interface ComparableRun extends SimulationSummary {
  readonly summary: RunSummary;
  readonly outcomes: Outcomes;
  /** The organisation's series. */
  readonly organisation: SeriesPart;
}

/** The same of a run that need not have completed, or was stored before there were outcomes. */
export interface StoredForComparison extends SimulationSummary {
  readonly summary: RunSummary | null;
  readonly outcomes: Outcomes | null;
  readonly organisation: SeriesPart | null;
}

export interface ComparisonRepository {
  /** Those of the ids that the caller's company has, in no order. One round trip. */
  find(actor: Actor, ids: readonly SimulationId[], at: Date): Promise<StoredForComparison[]>;
}
