import { and, asc, desc, eq, sql, type SQL } from "drizzle-orm";
import { auditedChange } from "../../../platform/db/audit.ts";
import type { Database } from "../../../platform/db/client.ts";
import { forgetOldKeys, readKey } from "../../../platform/db/idempotency.ts";
import { idempotencyKeys, simulations, simulationSweeps } from "../../../platform/db/schema/index.ts";
import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { IdempotentTry } from "../../../shared/idempotency.ts";
import type { SimulationId, SweepId } from "../../../shared/ids.ts";
import { toPage } from "../../../shared/pagination.ts";
import { sweepRunsAtOnce } from "../limits.ts";
import { lockStarts } from "../runs/active-runs.drizzle.ts";
import { insertSweep } from "./insert.drizzle.ts";
import type { SweepCreation, SweepFilter, SweepRepository, SweepRequest } from "./repository.ts";
import { sweepRunColumns, sweepSummaryColumns, toSweep, toSweepRun, toSweepSummary } from "./rows.drizzle.ts";

const ofCompany = (actor: Actor, id: SweepId) =>
  and(eq(simulationSweeps.companyId, actor.companyId), eq(simulationSweeps.id, id));
const runsOf = (actor: Actor, id: SweepId) =>
  and(eq(simulations.companyId, actor.companyId), eq(simulations.sweepId, id));

export function createSweepRepository(database: Database): SweepRepository {
  return {
    create: (actor, sweep, audit, wanted) => createSweep(database, actor, sweep, audit, wanted),
    async find(actor, id, months, at) {
      const [[sweep], runs] = await database.batch({ kind: "session", actor, at }, (db) => [
        db.select().from(simulationSweeps).where(ofCompany(actor, id)).limit(1),
        db
          .select(sweepRunColumns(months))
          .from(simulations)
          .where(runsOf(actor, id))
          .orderBy(asc(simulations.sweepPosition)),
      ]);
      return sweep && { sweep: toSweep(sweep), months: runs[0]?.months ?? [], runs: runs.map(toSweepRun) };
    },
    async findSummary(actor, id, at) {
      const [[row]] = await database.batch({ kind: "session", actor, at }, (db) => [
        db.select(sweepSummaryColumns).from(simulationSweeps).where(ofCompany(actor, id)).limit(1),
      ]);
      return row && toSweepSummary(row);
    },
    async list(actor, filter, { limit, after }, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select(sweepSummaryColumns)
          .from(simulationSweeps)
          .where(
            and(
              ...filtersOf(actor, filter),
              after &&
                sql`(${simulationSweeps.createdAt}, ${simulationSweeps.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
            ),
          )
          .orderBy(desc(simulationSweeps.createdAt), desc(simulationSweeps.id))
          .limit(limit + 1),
      ]);
      return toPage(rows.map(toSweepSummary), limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    async remove(actor, id, audit) {
      const [going, removed] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
        db
          .select({ id: simulations.id })
          .from(simulations)
          .where(and(runsOf(actor, id), sql`${simulations.completedAt} is null`))
          .orderBy(asc(simulations.sweepPosition))
          .limit(sweepRunsAtOnce),
        auditedChange(
          db,
          audit,
          sql`delete from ${simulationSweeps} where ${ofCompany(actor, id)} returning id`,
          // A key whose sweep or run is gone is as good as new.
          sql`freed as (delete from ${idempotencyKeys} where company_id = ${actor.companyId}::uuid and target_id in
            (select ${id}::uuid union all select id from ${simulations} where ${runsOf(actor, id)}))`,
        ),
      ]);
      return removed.rows.length > 0 ? going.map((run) => run.id as SimulationId) : undefined;
    },
  };
}

async function createSweep(
  database: Database,
  actor: Actor,
  sweep: SweepRequest,
  audit: AuditEntry,
  wanted: IdempotentTry | undefined,
): Promise<SweepCreation> {
  const scope = { kind: "session", actor, at: sweep.createdAt } as const;
  if (wanted === undefined) {
    const [, made] = await database.batch(scope, (db) => [
      lockStarts(db, sweep.companyId),
      insertSweep(db, sweep, audit, undefined),
    ]);
    return { outcome: made.rows.length > 0 ? "created" : "too_many" };
  }
  const claimant = { companyId: sweep.companyId, userId: sweep.createdBy, at: sweep.createdAt };
  const [, , made, [used]] = await database.batch(scope, (db) => [
    lockStarts(db, sweep.companyId),
    forgetOldKeys(db, claimant),
    insertSweep(db, sweep, audit, wanted),
    readKey(db, claimant, wanted),
  ]);
  if (made.rows.length > 0) return { outcome: "created" };
  if (used === undefined) return { outcome: "too_many" };
  return used.sameBody ? { outcome: "repeated", id: used.targetId as SweepId } : { outcome: "key_reused" };
}

const filtersOf = (actor: Actor, { company, name, createdBy }: SweepFilter): (SQL | undefined)[] => [
  eq(simulationSweeps.companyId, actor.companyId),
  company === undefined ? undefined : eq(simulationSweeps.companyLabel, company),
  name === undefined ? undefined : sql`strpos(lower(${simulationSweeps.name}), lower(${name})) > 0`,
  createdBy === undefined ? undefined : eq(simulationSweeps.createdBy, createdBy),
];
