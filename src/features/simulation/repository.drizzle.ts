import { and, asc, eq, sql } from "drizzle-orm";
import { auditRow } from "../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { auditLog, simulations, simulationSeries } from "../../platform/db/schema/index.ts";
import type { CompanyId, SimulationId, UserId } from "../../shared/ids.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import { maxActiveRunsPerCompany } from "./limits.ts";
import type { SimulationRecord, SimulationRepository, SimulationRequest } from "./repository.ts";
import type { SeriesPart } from "./series.ts";

/** Namespace of the advisory lock that makes a company's starts queue up, so that two cannot both be the tenth. */
const startLock = 727_002;

export function createSimulationRepository(database: Database): SimulationRepository {
  return {
    async create(actor, request, audit) {
      const scope = { kind: "session", actor, at: request.createdAt } as const;
      const [, made] = await database.batch(scope, (db) => [
        db.execute(sql`select pg_advisory_xact_lock(${startLock}, hashtext(${request.companyId}))`),
        insertRun(db, request, audit),
      ]);
      return made.rows.length === 0 ? "too_many" : "created";
    },
    async find(actor, id, at) {
      const { companyId } = actor;
      const [runs, series] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select()
          .from(simulations)
          .where(and(eq(simulations.companyId, companyId), eq(simulations.id, id)))
          .limit(1),
        db
          .select({ columns: simulationSeries.columns })
          .from(simulationSeries)
          .innerJoin(simulations, and(eq(simulations.companyId, simulationSeries.companyId), eq(simulations.id, simulationSeries.simulationId)))
          .where(
            and(
              eq(simulationSeries.companyId, companyId),
              eq(simulationSeries.simulationId, id),
              // Parts land in several transactions; they count once the run says so.
              eq(simulations.status, "completed"),
            ),
          )
          .orderBy(asc(simulationSeries.part)),
      ]);
      const row = runs[0];
      return row && { run: toRecord(row), parts: series.map(({ columns }) => columns as SeriesPart) };
    },
  };
}

/** One statement: the run and its audit row exist together, or, with too many under way, neither does. */
function insertRun(db: HttpDatabase, run: SimulationRequest, entry: AuditEntry) {
  const audit = auditRow(entry);
  const at = run.createdAt.toISOString();
  return db.execute(sql`
    with made as (
      insert into ${simulations} (id, company_id, created_by, name, status, model, engine_version, seed, iterations, months, input, workloads, warnings, created_at)
      select ${run.id}::uuid, ${run.companyId}::uuid, ${run.createdBy}::uuid, ${run.name}, 'created', ${run.model}, ${run.engineVersion},
        ${run.seed}::bigint, ${run.iterations}::int, ${run.months}::int, ${JSON.stringify(run.input)}::json, ${JSON.stringify(run.workloads)}::json,
        ${JSON.stringify(run.warnings)}::json, ${at}::timestamptz
      where (select count(*) from ${simulations} where company_id = ${run.companyId}::uuid and completed_at is null) < ${maxActiveRunsPerCompany}
      returning id, company_id
    )
    insert into ${auditLog} (id, company_id, at, actor_user_id, action, target_type, target_id, outcome, request_id, ip, user_agent)
    select ${audit.id}::uuid, company_id, ${at}::timestamptz, ${audit.actorUserId}::uuid, ${audit.action}, ${audit.targetType}, id::text,
      ${audit.outcome}, ${audit.requestId}, ${audit.ip}, ${audit.userAgent}
    from made returning id`);
}

export function toRequest(row: typeof simulations.$inferSelect): SimulationRequest {
  return {
    id: row.id as SimulationId,
    companyId: row.companyId as CompanyId,
    createdBy: row.createdBy as UserId,
    name: row.name,
    model: row.model as SimulationRequest["model"],
    engineVersion: row.engineVersion,
    seed: row.seed,
    iterations: row.iterations,
    months: row.months,
    // Written by `insertRun` from checked values; the wire's schema is not run again on our own rows.
    input: row.input as SimulationRequest["input"],
    workloads: row.workloads as SimulationRequest["workloads"],
    warnings: row.warnings as SimulationRequest["warnings"],
    createdAt: row.createdAt,
  };
}

function toRecord(row: typeof simulations.$inferSelect): SimulationRecord {
  return {
    ...toRequest(row),
    status: row.status as SimulationRecord["status"],
    explanations: row.explanations as SimulationRecord["explanations"],
    error: row.error,
    startedAt: row.startedAt,
    completedAt: row.completedAt,
  };
}
