import type { CompanyId, SimulationId, UserId } from "../../../shared/ids.ts";
import type { ResolvedRole } from "../roles/workloads.ts";
import type { Warning } from "../warnings.ts";
import type { Estimate } from "./estimate.ts";
import type { SimulationInput } from "./schemas.ts";

/** What was asked, as stored. */
export interface SimulationRequest {
  readonly id: SimulationId;
  readonly companyId: CompanyId;
  readonly createdBy: UserId;
  readonly name: string | null;
  /** The input's `company`. */
  readonly companyLabel: string;
  readonly model: "classic" | "conserving";
  readonly engineVersion: string;
  readonly seed: number;
  readonly iterations: number;
  readonly months: number;
  readonly input: SimulationInput;
  readonly workloads: readonly ResolvedRole[];
  readonly warnings: readonly Warning[];
  /** What it was thought to cost; null for runs of the first days. */
  readonly estimate: Estimate | null;
  readonly createdAt: Date;
}
