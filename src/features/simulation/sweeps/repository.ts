import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { IdempotentTry } from "../../../shared/idempotency.ts";
import type { SimulationId, SweepId } from "../../../shared/ids.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import type { Estimate } from "../request/estimate.ts";
import type { EstimatedRequest } from "../request/request.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import type { SimulationFilter, SimulationRecord } from "../runs/repository.ts";
import type { Warning } from "../warnings.ts";
import type { SweepKey } from "./contract.ts";
import type { SweepInput } from "./schemas.ts";
import type { RunCounts } from "./status.ts";

type Shared = "companyId" | "createdBy" | "name" | "companyLabel" | "model" | "engineVersion" | "seed" | "months";

/** What was asked, as stored. */
export interface SweepRecord extends Pick<SimulationRequest, Shared | "createdAt"> {
  readonly id: SweepId;
  /** Of each run. */
  readonly iterations: number;
  /** In request order. */
  readonly automationFactors: readonly number[];
  readonly input: SweepInput;
  /** Those that hold at every factor. */
  readonly warnings: readonly Warning[];
  readonly estimate: Estimate;
}

/** A run of a sweep, as it would be asked by itself. */
export interface SweepRunRequest extends EstimatedRequest {
  /** Of all that is asked: the same question, posted by itself, is answered by this run. */
  readonly digest: Uint8Array;
}

export interface SweepRequest extends SweepRecord {
  /** In the order of the factors. */
  readonly runs: readonly SweepRunRequest[];
}

/** What lists and event streams show of a sweep. */
export interface SweepSummary extends Omit<SweepRecord, "input" | "warnings" | "estimate"> {
  readonly counts: RunCounts;
  /** Its runs that are in progress: a few. */
  readonly going: readonly SimulationId[];
  /** Iterations done by its runs that ended without completing, as far as that is known. */
  readonly cutShortDone: number;
  readonly startedAt: Date | null;
  /** When the last of its runs ended; null while one has not. */
  readonly completedAt: Date | null;
}

/** A run of a sweep, with what it keeps of the months that were asked for: `{metric_statistic: one number a month}`. */
export interface SweepRun extends Pick<
  SimulationRecord,
  "id" | "status" | "iterationsDone" | "error" | "engineVersion" | "startedAt" | "completedAt"
> {
  /** Of its factor, from 0. */
  readonly position: number;
  /** Null unless completed. A month beyond the run's last has null. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>> | null;
}

export interface StoredSweep {
  readonly sweep: SweepRecord;
  /** Those that `values` are of. */
  readonly months: readonly number[];
  /** By position. Runs that were deleted are not there. */
  readonly runs: readonly SweepRun[];
}

export type SweepFilter = Omit<SimulationFilter, "status" | "sweep">;

export type SweepCreation =
  | { readonly outcome: "created" | "too_many" | "key_reused" }
  | { readonly outcome: "repeated"; readonly id: SweepId };

export interface SweepRepository {
  /** Stores a sweep and all its runs with an audit row, unless the company has too many under way. One round trip. */
  create(
    actor: Actor,
    sweep: SweepRequest,
    audit: AuditEntry,
    wanted: IdempotentTry | undefined,
  ): Promise<SweepCreation>;
  /**
   * A sweep of the caller's company, with what its completed runs keep of `months`; unless told, of each whole year and
   * the last month. One round trip.
   */
  find(actor: Actor, id: SweepId, months: readonly number[] | undefined, at: Date): Promise<StoredSweep | undefined>;
  /** The same without what it was asked and what its runs keep. One round trip. */
  findSummary(actor: Actor, id: SweepId, at: Date): Promise<SweepSummary | undefined>;
  /** The company's sweeps, newest first, from `after` on; at most `limit`. One round trip. */
  list(
    actor: Actor,
    filter: SweepFilter,
    page: { limit: number; after: PageMark | undefined },
    at: Date,
  ): Promise<Page<SweepSummary>>;
  /**
   * Deletes a sweep with all its runs, and the keys that made them, with an audit row. Returns those that may have been
   * under way; undefined when there is none of that id. One round trip.
   */
  remove(actor: Actor, id: SweepId, audit: AuditEntry): Promise<readonly SimulationId[] | undefined>;
}

/** What the object that sees a sweep through, and the clock, need of the database. Every call may be repeated. */
export interface SweepStore {
  /** The sweep's runs that have not ended, by position, and when it was made; none of a sweep that is gone. */
  findUnfinished(
    key: SweepKey,
  ): Promise<{ readonly ids: readonly SimulationId[]; readonly createdAt: Date | undefined }>;
  /** Ends unfinished runs of the sweep as failed: those of `ids`, or all. Returns those that had begun. */
  fail(
    key: SweepKey,
    ids: readonly SimulationId[] | "all",
    error: { code: string; detail: string },
    at: Date,
  ): Promise<readonly SimulationId[]>;
  /** Keeps of runs of the sweep that were failed how far they had come. */
  keepProgress(key: SweepKey, iterationsDone: ReadonlyMap<SimulationId, number>): Promise<void>;
  /** Sweeps of any company with unfinished runs that were made before `before`; those of which nothing has begun first. */
  findStale(before: Date, limit: number): Promise<SweepKey[]>;
}
