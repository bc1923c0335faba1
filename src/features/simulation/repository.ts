import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, SimulationId, UserId } from "../../shared/ids.ts";
import type { Explanation } from "./explanations.ts";
import type { SimulationInput } from "./schemas.ts";
import type { SeriesPart } from "./series.ts";
import type { ResolvedRole, Warning } from "./workloads.ts";

export type SimulationStatus = "created" | "in_progress" | "completed" | "failed" | "cancelled";

/** What was asked, as stored. */
export interface SimulationRequest {
  readonly id: SimulationId;
  readonly companyId: CompanyId;
  readonly createdBy: UserId;
  readonly name: string | null;
  readonly model: "classic" | "conserving";
  readonly engineVersion: string;
  readonly seed: number;
  readonly iterations: number;
  readonly months: number;
  readonly input: SimulationInput;
  readonly workloads: readonly ResolvedRole[];
  readonly warnings: readonly Warning[];
  readonly createdAt: Date;
}

export interface SimulationRecord extends SimulationRequest {
  readonly status: SimulationStatus;
  readonly explanations: readonly Explanation[] | null;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface SimulationRepository {
  /** Stores a run with its audit row unless the company has too many under way. One round trip. */
  create(actor: Actor, request: SimulationRequest, audit: AuditEntry): Promise<"created" | "too_many">;
  /** A run of the caller's company with its series, if it has ended. One round trip. */
  find(actor: Actor, id: SimulationId, at: Date): Promise<{ run: SimulationRecord; parts: SeriesPart[] } | undefined>;
}

export interface RunKey {
  readonly companyId: CompanyId;
  readonly simulationId: SimulationId;
}

/** What the object that computes a run needs of the database. Every call may be repeated. */
export interface RunStore {
  /** Marks the run as in progress and returns what to compute; undefined when it is gone or has ended. */
  begin(key: RunKey, engineVersion: string, at: Date): Promise<SimulationRequest | undefined>;
  complete(key: RunKey, outcome: { parts: readonly SeriesPart[]; explanations: readonly Explanation[]; at: Date }): Promise<void>;
  fail(key: RunKey, error: { code: string; detail: string }, at: Date): Promise<void>;
  /** Runs of any company that were made before `before` and have not ended, oldest first. */
  findStale(before: Date, limit: number): Promise<RunKey[]>;
}
