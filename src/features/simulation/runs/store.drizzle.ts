import { and, asc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database, HttpDatabase } from "../../../platform/db/client.ts";
import { simulations, simulationSeries } from "../../../platform/db/schema/index.ts";
import type { CompanyId, SimulationId } from "../../../shared/ids.ts";
import type { RunOutcome } from "../results/outcome.ts";
import { mailAboutEnd } from "./finished-mail.drizzle.ts";
import type { RunKey, RunStore } from "./repository.ts";
import { toRecord } from "./rows.drizzle.ts";

/**
 * Parts written in one transaction: about 20 × 80 KB at the longest horizon. Beside them at most 0.7 MB of outcomes and
 * 1.5 MB of quantiles: far from any request limit.
 */
const partsPerBatch = 20;

/** Each write may be repeated: a run that has ended stays as it is. */
export function createRunStore(database: Database): RunStore {
  const scopeOf = ({ companyId }: RunKey) => ({ kind: "company", companyId }) as const;
  const unfinished = ({ companyId, simulationId }: RunKey) =>
    and(eq(simulations.companyId, companyId), eq(simulations.id, simulationId), isNull(simulations.completedAt));
  return {
    async begin(key, engineVersion, at) {
      const [rows] = await database.batch(scopeOf(key), (db) => [
        db
          .update(simulations)
          .set({
            status: "in_progress",
            engineVersion,
            startedAt: sql`coalesce(${simulations.startedAt}, ${at.toISOString()}::timestamptz)`,
          })
          .where(unfinished(key))
          .returning(),
      ]);
      return rows[0] && toRecord(rows[0]);
    },
    async complete(key, outcome) {
      const rows = seriesRows(outcome);
      for (let from = 0; from < rows.length; from += partsPerBatch)
        if (!(await storeSeries(key, rows.slice(from, from + partsPerBatch)))) return;
      const { explanations, summary, warnings, workUnits } = outcome;
      await database.batch(scopeOf(key), (db) => [
        db
          .update(simulations)
          .set({ status: "completed", explanations, summary, warnings, workUnits, completedAt: outcome.at })
          .where(unfinished(key)),
        mailAboutEnd(db, key, "completed", outcome.at),
        dropUnread(db, key),
      ]);
    },
    async fail(key, { error, iterationsDone, at }) {
      await database.batch(scopeOf(key), (db) => [
        db.update(simulations).set({ status: "failed", error, iterationsDone, completedAt: at }).where(unfinished(key)),
        mailAboutEnd(db, key, "failed", at),
        dropUnread(db, key),
      ]);
    },
    async findStale(before, limit) {
      const [rows] = await database.batch({ kind: "system" }, (db) => [
        db
          .select({ companyId: simulations.companyId, simulationId: simulations.id })
          .from(simulations)
          // A sweep's runs are started by the sweep, a few at a time.
          .where(and(isNull(simulations.completedAt), isNull(simulations.sweepId), lt(simulations.createdAt, before)))
          // One that was never begun waits for this poke alone; the others have an alarm of their own.
          .orderBy(sql`${simulations.status} <> 'created'`, asc(simulations.createdAt))
          .limit(limit),
      ]);
      return rows.map((row) => ({
        companyId: row.companyId as CompanyId,
        simulationId: row.simulationId as SimulationId,
      }));
    },
  };

  /**
   * False when the run has ended or is gone. Parts left by an earlier try are written over: it may have been another
   * engine's.
   */
  async function storeSeries(key: RunKey, rows: readonly SeriesRow[]): Promise<boolean> {
    const [stored] = await database.batch(scopeOf(key), (db) => [
      db.execute(sql`
        insert into ${simulationSeries} (company_id, simulation_id, part, columns, quantiles, outcomes)
        select ${key.companyId}::uuid, ${key.simulationId}::uuid, given.part, given.columns, given.quantiles, given.outcomes
        from json_to_recordset(${JSON.stringify(rows)}::json) as given (part int, columns json, quantiles json, outcomes json)
        where exists (select from ${simulations} where ${unfinished(key)})
        on conflict (company_id, simulation_id, part) do update
          set columns = excluded.columns, quantiles = excluded.quantiles, outcomes = excluded.outcomes
        returning part`),
      dropUnread(db, key),
    ]);
    return stored.rows.length > 0;
  }
}

/**
 * Takes back what was stored of a run that ended without it, such as one cancelled meanwhile: nobody would read it. Comes
 * after each write in its transaction, which may have begun before that end.
 */
const dropUnread = (db: HttpDatabase, { companyId, simulationId }: RunKey) =>
  db.execute(sql`
    delete from ${simulationSeries} where company_id = ${companyId}::uuid and simulation_id = ${simulationId}::uuid
      and exists (select from ${simulations} where company_id = ${companyId}::uuid and id = ${simulationId}::uuid
        and status in ('cancelled', 'failed'))`);

/** A row of `simulation_series`. Absent keys become null. */
interface SeriesRow extends Pick<Partial<RunOutcome>, "outcomes"> {
  readonly part: number;
  readonly columns: RunOutcome["parts"][number];
  readonly quantiles: RunOutcome["parts"][number] | undefined;
}

/** The outcomes are the whole organisation's: they lie with its part. */
const seriesRows = ({ parts, quantiles, outcomes }: RunOutcome): SeriesRow[] =>
  parts.map((columns, part) => ({ part, columns, quantiles: quantiles[part], ...(part === 0 ? { outcomes } : {}) }));
