import { simulations } from "../../../platform/db/schema/index.ts";
import type { CompanyId, SimulationId, UserId } from "../../../shared/ids.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import type { SimulationRecord, SimulationSummary } from "./repository.ts";

type Row = typeof simulations.$inferSelect;

/** The columns that lists show: none of the big ones. */
export const summaryColumns = {
  id: simulations.id,
  companyId: simulations.companyId,
  createdBy: simulations.createdBy,
  name: simulations.name,
  companyLabel: simulations.companyLabel,
  status: simulations.status,
  model: simulations.model,
  engineVersion: simulations.engineVersion,
  seed: simulations.seed,
  iterations: simulations.iterations,
  months: simulations.months,
  createdAt: simulations.createdAt,
  startedAt: simulations.startedAt,
  completedAt: simulations.completedAt,
};

/** Ids and closed sets get their types back; the table's CHECKs hold them. */
export const toSummary = (row: Pick<Row, keyof typeof summaryColumns>): SimulationSummary => ({
  ...row,
  id: row.id as SimulationId,
  companyId: row.companyId as CompanyId,
  createdBy: row.createdBy as UserId,
  status: row.status as SimulationRecord["status"],
  model: row.model as SimulationRecord["model"],
});

/** The JSON columns were written from checked values; the wire's schema is not run again on our own rows. */
export const toRecord = (row: Row): SimulationRecord => ({
  ...toSummary(row),
  input: row.input as SimulationRequest["input"],
  workloads: row.workloads as SimulationRequest["workloads"],
  warnings: row.warnings as SimulationRequest["warnings"],
  estimate: row.estimate as SimulationRequest["estimate"],
  explanations: row.explanations as SimulationRecord["explanations"],
  summary: row.summary as SimulationRecord["summary"],
  workUnits: row.workUnits,
  iterationsDone: row.iterationsDone,
  error: row.error,
  sweepId: row.sweepId as SimulationRecord["sweepId"],
});
