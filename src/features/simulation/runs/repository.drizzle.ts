import { and, asc, desc, eq, isNull, sql, type SQL } from "drizzle-orm";
import { auditedChange } from "../../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../../platform/db/client.ts";
import { claimKey, forgetOldKeys, readKey } from "../../../platform/db/idempotency.ts";
import { idempotencyKeys, simulations, simulationSeries } from "../../../platform/db/schema/index.ts";
import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { IdempotentTry } from "../../../shared/idempotency.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import { toPage, type Page, type PageMark } from "../../../shared/pagination.ts";
import type { SeriesPart } from "../results/series.ts";
import { lockStarts, roomFor } from "./active-runs.drizzle.ts";
import type {
  Creation,
  RunStanding,
  SimulationFilter,
  SimulationRepository,
  SimulationSummary,
  StoredRun,
} from "./repository.ts";
import { summaryColumns, toRecord, toSummary } from "./rows.drizzle.ts";
import { idOfAnswer, lockAnswer, selectAnswer, type Question } from "./same-question.drizzle.ts";

const ofCompany = (actor: Actor, id: SimulationId) =>
  and(eq(simulations.companyId, actor.companyId), eq(simulations.id, id));

export function createSimulationRepository(database: Database): SimulationRepository {
  return {
    create: (actor, run, audit, wanted, sameness) => createRun(database, actor, { run, ...sameness }, audit, wanted),
    async find(actor, id, at, withQuantiles) {
      const [[row], series] = await database.batch({ kind: "session", actor, at }, (db) =>
        selectRun(db, actor, id, withQuantiles),
      );
      return row && toStored(row, series);
    },
    async findCancelled(actor, id, at, iterationsDone) {
      const isNew = and(ofCompany(actor, id), eq(simulations.status, "cancelled"), isNull(simulations.iterationsDone));
      const [, [row], series] = await database.batch({ kind: "session", actor, at }, (db) => [
        db.update(simulations).set({ iterationsDone }).where(isNew),
        ...selectRun(db, actor, id, false),
      ]);
      return row && toStored(row, series);
    },
    async findRequest(actor, id, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db.select().from(simulations).where(ofCompany(actor, id)).limit(1),
      ]);
      return rows[0] && toRecord(rows[0]);
    },
    async findStanding(actor, id, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select({ status: simulations.status, error: simulations.error })
          .from(simulations)
          .where(ofCompany(actor, id)),
      ]);
      return rows[0] as RunStanding | undefined;
    },
    list: (actor, filter, page, at) => listRuns(database, actor, filter, page, at),
    async cancel(actor, id, audit) {
      const [, found] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
        auditedChange(
          db,
          audit,
          sql`update ${simulations} set status = 'cancelled', completed_at = ${audit.at.toISOString()}::timestamptz
          where ${and(ofCompany(actor, id), isNull(simulations.completedAt))} returning id`,
        ),
        db.select({ id: simulations.id }).from(simulations).where(ofCompany(actor, id)),
      ]);
      return found.length > 0;
    },
    async remove(actor, id, audit) {
      const [removed] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
        auditedChange(
          db,
          audit,
          sql`delete from ${simulations} where ${ofCompany(actor, id)} returning id`,
          // A key whose run is gone is as good as new.
          sql`freed as (delete from ${idempotencyKeys} where company_id = ${actor.companyId}::uuid and target_id = ${id}::uuid)`,
        ),
      ]);
      return removed.rows.length > 0;
    },
  };
}

async function listRuns(
  database: Database,
  actor: Actor,
  filter: SimulationFilter,
  { limit, after }: { limit: number; after: PageMark | undefined },
  at: Date,
): Promise<Page<SimulationSummary>> {
  const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
    db
      .select(summaryColumns)
      .from(simulations)
      .where(
        and(
          ...filtersOf(actor, filter),
          after &&
            sql`(${simulations.createdAt}, ${simulations.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
        ),
      )
      .orderBy(desc(simulations.createdAt), desc(simulations.id))
      .limit(limit + 1),
  ]);
  return toPage(rows.map(toSummary), limit, ({ createdAt, id }) => ({ at: createdAt, id }));
}

async function createRun(
  database: Database,
  actor: Actor,
  question: Question,
  audit: AuditEntry,
  wanted: IdempotentTry | undefined,
): Promise<Creation> {
  const { run } = question;
  const scope = { kind: "session", actor, at: run.createdAt } as const;
  const answers = (db: HttpDatabase) =>
    [selectAnswer(db, question), selectSeries(db, actor, idOfAnswer(question), false)] as const;
  if (wanted === undefined) {
    const [, made, [answer], series] = await database.batch(scope, (db) => [
      lockStarts(db, run.companyId),
      insertRun(db, question, audit, undefined),
      ...answers(db),
    ]);
    if (made.rows.length > 0) return { outcome: "created" };
    return answer === undefined
      ? { outcome: "too_many" }
      : { outcome: "answered", stored: toStored(answer, series), cached: true };
  }
  const claimant = { companyId: run.companyId, userId: run.createdBy, at: run.createdAt };
  const [, , made, [used], [answer], series] = await database.batch(scope, (db) => [
    lockStarts(db, run.companyId),
    forgetOldKeys(db, claimant),
    insertRun(db, question, audit, wanted),
    readKey(db, claimant, wanted),
    ...answers(db),
  ]);
  if (made.rows.length > 0) return { outcome: "created" };
  if (used === undefined) return { outcome: "too_many" };
  if (!used.sameBody) return { outcome: "key_reused" };
  if (answer?.id !== used.targetId) return { outcome: "repeated", id: used.targetId as SimulationId };
  // A key that is older than the run's end made that run, or waited for it: its first answer was not a cached one.
  const cached = answer.completedAt !== null && used.createdAt >= answer.completedAt;
  return { outcome: "answered", stored: toStored(answer, series), cached };
}

const filtersOf = (
  actor: Actor,
  { company, status, name, createdBy, sweep }: SimulationFilter,
): (SQL | undefined)[] => [
  eq(simulations.companyId, actor.companyId),
  company === undefined ? undefined : eq(simulations.companyLabel, company),
  status === undefined ? undefined : eq(simulations.status, status),
  name === undefined ? undefined : sql`strpos(lower(${simulations.name}), lower(${name})) > 0`,
  createdBy === undefined ? undefined : eq(simulations.createdBy, createdBy),
  sweep === undefined ? undefined : sweep === "none" ? isNull(simulations.sweepId) : eq(simulations.sweepId, sweep),
];

const toStored = (
  row: typeof simulations.$inferSelect,
  series: readonly { columns: SeriesPart; quantiles: SeriesPart | null }[],
): StoredRun => ({
  run: toRecord(row),
  parts: series.map(({ columns, quantiles }) => ({ ...columns, ...quantiles })),
});

const selectRun = (db: HttpDatabase, actor: Actor, id: SimulationId, withQuantiles: boolean) =>
  [
    db.select().from(simulations).where(ofCompany(actor, id)).limit(1),
    selectSeries(db, actor, sql`${id}::uuid`, withQuantiles),
  ] as const;

function selectSeries(db: HttpDatabase, actor: Actor, id: SQL, withQuantiles: boolean) {
  const ofRun = and(
    eq(simulations.companyId, simulationSeries.companyId),
    eq(simulations.id, simulationSeries.simulationId),
  );
  return (
    db
      .select({
        columns: simulationSeries.columns,
        quantiles: withQuantiles ? simulationSeries.quantiles : sql<null>`null::json`,
      })
      .from(simulationSeries)
      .innerJoin(simulations, ofRun)
      // Parts land in several transactions; they count once the run says so.
      .where(
        and(
          eq(simulations.companyId, actor.companyId),
          sql`${simulations.id} = ${id}`,
          eq(simulations.status, "completed"),
        ),
      )
      .orderBy(asc(simulationSeries.part))
  );
}

/**
 * One statement: the run, its audit row and its key exist together, or none does: with too many under way, with a used
 * key, or where a completed run answers the same question. A key that comes with such a question is then that run's.
 */
function insertRun(db: HttpDatabase, question: Question, entry: AuditEntry, wanted: IdempotentTry | undefined) {
  const { run, digest } = question;
  const room = roomFor(run.companyId);
  const claimant = { companyId: run.companyId, userId: run.createdBy, at: run.createdAt };
  const allowed =
    wanted === undefined
      ? sql`select where ${room}`
      : claimKey(
          claimant,
          wanted,
          sql`coalesce((select id from answer), ${run.id}::uuid)`,
          sql`(exists (select from answer) or ${room})`,
        );
  return auditedChange(
    db,
    entry,
    sql`
    insert into ${simulations} (id, company_id, created_by, name, company_label, status, model, engine_version, seed, iterations, months,
      input, workloads, warnings, estimate, input_digest, created_at)
    select ${run.id}::uuid, ${run.companyId}::uuid, ${run.createdBy}::uuid, ${run.name}, ${run.companyLabel}, 'created', ${run.model},
      ${run.engineVersion}, ${run.seed}::bigint, ${run.iterations}::int, ${run.months}::int, ${JSON.stringify(run.input)}::json,
      ${JSON.stringify(run.workloads)}::json, ${JSON.stringify(run.warnings)}::json, ${JSON.stringify(run.estimate)}::json,
      ${sql.param(digest, simulations.inputDigest)}::bytea, ${run.createdAt.toISOString()}::timestamptz
    from allowed where not exists (select from answer) returning id`,
    sql`answer as (${lockAnswer(question)}), allowed as (${allowed})`,
  );
}
