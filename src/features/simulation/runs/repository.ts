import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { IdempotentTry } from "../../../shared/idempotency.ts";
import type { CompanyId, SimulationId, SweepId } from "../../../shared/ids.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import type { Explanation } from "../results/explanations.ts";
import type { RunOutcome } from "../results/outcome.ts";
import type { SeriesPart } from "../results/series.ts";
import type { RunSummary } from "../results/summary-schemas.ts";

export type SimulationStatus = "created" | "in_progress" | "completed" | "failed" | "cancelled";

export interface SimulationRecord extends SimulationRequest {
  readonly status: SimulationStatus;
  readonly explanations: readonly Explanation[] | null;
  /** Null unless completed, and for runs of the first days. */
  readonly summary: RunSummary | null;
  readonly workUnits: number | null;
  /** Where the run ended without completing: what was done by then. Null where nobody could say. */
  readonly iterationsDone: number | null;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  /** The sweep that it is a run of. */
  readonly sweepId: SweepId | null;
}

/** Whether a run has ended, and how. */
export type RunStanding = Pick<SimulationRecord, "status" | "error">;

/** What lists show of a run: no input, no results. */
export type SimulationSummary = Omit<
  SimulationRecord,
  | "input"
  | "workloads"
  | "warnings"
  | "estimate"
  | "explanations"
  | "summary"
  | "workUnits"
  | "iterationsDone"
  | "error"
  | "sweepId"
>;

export interface SimulationFilter {
  readonly company?: string | undefined;
  readonly status?: SimulationStatus | undefined;
  /** A part of the name, in any case. */
  readonly name?: string | undefined;
  readonly createdBy?: string | undefined;
  /** Runs of this sweep, or those of no sweep. */
  readonly sweep?: string | undefined;
}

/** A run with its series, which are empty unless it has completed. */
export interface StoredRun {
  readonly run: SimulationRecord;
  readonly parts: readonly SeriesPart[];
}

/**
 * `repeated`: the same key and body made that run before. `key_reused`: the same key, another body. `answered`: a completed
 * run of the company answers the same question; `cached` when it did so before the caller's key was first used.
 */
export type Creation =
  | { readonly outcome: "created" | "too_many" | "key_reused" }
  | { readonly outcome: "repeated"; readonly id: SimulationId }
  | { readonly outcome: "answered"; readonly stored: StoredRun; readonly cached: boolean };

/** What tells two questions apart, and whether an answer that is there already will do. */
export interface Sameness {
  readonly digest: Uint8Array;
  /** The caller chose the seed: otherwise luck is part of the question. */
  readonly repeatable: boolean;
}

export interface SimulationRepository {
  /**
   * Stores a run with its audit row, unless a completed one answers the same question or the company has too many under
   * way. One round trip.
   */
  create(
    actor: Actor,
    request: SimulationRequest,
    audit: AuditEntry,
    wanted: IdempotentTry | undefined,
    sameness: Sameness,
  ): Promise<Creation>;
  /** What a run of the caller's company was asked, without its results. One round trip. */
  findRequest(actor: Actor, id: SimulationId, at: Date): Promise<SimulationRequest | undefined>;
  findStanding(actor: Actor, id: SimulationId, at: Date): Promise<RunStanding | undefined>;
  /** The company's runs, newest first, from `after` on; at most `limit`. One round trip. */
  list(
    actor: Actor,
    filter: SimulationFilter,
    page: { limit: number; after: PageMark | undefined },
    at: Date,
  ): Promise<Page<SimulationSummary>>;
  /** Ends an unfinished run as cancelled, with its audit row; false when there is none of that id. One round trip. */
  cancel(actor: Actor, id: SimulationId, audit: AuditEntry): Promise<boolean>;
  /** `find` for a run that was just cancelled, of which it keeps how far it came. One round trip. */
  findCancelled(actor: Actor, id: SimulationId, at: Date, iterationsDone: number): Promise<StoredRun | undefined>;
  /** Deletes a run and its series, with an audit row; false when there is none of that id. One round trip. */
  remove(actor: Actor, id: SimulationId, audit: AuditEntry): Promise<boolean>;
  /** A run of the caller's company with its series, and their quantiles if wanted, if it has ended. One round trip. */
  find(actor: Actor, id: SimulationId, at: Date, withQuantiles: boolean): Promise<StoredRun | undefined>;
}

export interface RunKey {
  readonly companyId: CompanyId;
  readonly simulationId: SimulationId;
}

/** What the object that computes a run needs of the database. Every call may be repeated. */
export interface RunStore {
  /** Marks the run as in progress and returns what to compute; undefined when it is gone or has ended. */
  begin(key: RunKey, engineVersion: string, at: Date): Promise<SimulationRecord | undefined>;
  complete(key: RunKey, outcome: RunOutcome & { readonly at: Date }): Promise<void>;
  fail(key: RunKey, end: { error: { code: string; detail: string }; iterationsDone: number; at: Date }): Promise<void>;
  /** Runs of any company, of no sweep, that were made before `before` and have not ended, oldest first. */
  findStale(before: Date, limit: number): Promise<RunKey[]>;
}
