import { bytesToHex } from "@noble/hashes/utils.js";
import { sql, type SQL } from "drizzle-orm";
import { auditedChange } from "../../../platform/db/audit.ts";
import type { HttpDatabase } from "../../../platform/db/client.ts";
import { claimKey } from "../../../platform/db/idempotency.ts";
import { simulations, simulationSweeps } from "../../../platform/db/schema/index.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import { invariant } from "../../../shared/errors.ts";
import type { IdempotentTry } from "../../../shared/idempotency.ts";
import { roomFor } from "../runs/active-runs.drizzle.ts";
import type { SweepRequest, SweepRunRequest } from "./repository.ts";

const jsonParam = (value: unknown): SQL => sql`${JSON.stringify(value)}::json`;

/**
 * One statement: the sweep, its runs, its audit row and its key exist together, or none does. What the runs have in common
 * travels once; the body of each is made in Postgres by putting its factor in front of the rest.
 */
export function insertSweep(
  db: HttpDatabase,
  sweep: SweepRequest,
  entry: AuditEntry,
  wanted: IdempotentTry | undefined,
) {
  const { companyId, createdBy, createdAt } = sweep;
  const room = roomFor(companyId);
  const allowed =
    wanted === undefined
      ? sql`select where ${room}`
      : claimKey({ companyId, userId: createdBy, at: createdAt }, wanted, sweep.id, room);
  return auditedChange(db, entry, runRows(sweep), sql`allowed as (${allowed}), sweep as (${sweepRow(sweep)})`);
}

const sweepRow = (sweep: SweepRequest): SQL => sql`
  insert into ${simulationSweeps} (id, company_id, created_by, name, company_label, model, engine_version, seed, iterations, months,
    automation_factors, input, warnings, estimate, created_at)
  select ${sweep.id}::uuid, ${sweep.companyId}::uuid, ${sweep.createdBy}::uuid, ${sweep.name}, ${sweep.companyLabel}, ${sweep.model},
    ${sweep.engineVersion}, ${sweep.seed}::bigint, ${sweep.iterations}::int, ${sweep.months}::int, ${jsonParam(sweep.automationFactors)},
    ${jsonParam(sweep.input)}, ${jsonParam(sweep.warnings)}, ${jsonParam(sweep.estimate)}, ${sweep.createdAt.toISOString()}::timestamptz
  from allowed returning *`;

function runRows({ runs }: SweepRequest): SQL {
  const [first] = runs;
  invariant(first, "a sweep has a run");
  const { automation_factor: _, ...common } = first.input;
  return sql`
    insert into ${simulations} (id, company_id, created_by, name, company_label, status, model, engine_version, seed, iterations, months,
      input, workloads, warnings, estimate, input_digest, created_at, sweep_id, sweep_position)
    select run.id, sweep.company_id, sweep.created_by, sweep.name, sweep.company_label, 'created', sweep.model, sweep.engine_version,
      sweep.seed, sweep.iterations, sweep.months,
      ('{"automation_factor":' || run.factor || ',' || substr(${JSON.stringify(common)}, 2))::json, ${jsonParam(first.workloads)},
      run.warnings, run.estimate, decode(run.digest, 'hex'), sweep.created_at, sweep.id, run.position
    from sweep, json_to_recordset(${jsonParam(runs.map(ownOf))})
      as run(id uuid, position int, factor json, warnings json, estimate json, digest text)
    returning id`;
}

/** What a run does not share with the others. */
const ownOf = ({ id, input, warnings, estimate, digest }: SweepRunRequest, position: number) => ({
  id,
  position,
  factor: input.automation_factor,
  warnings,
  estimate,
  digest: bytesToHex(digest),
});
