import { and, asc, eq, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../../../platform/db/client.ts";
import { simulations, simulationSweeps } from "../../../platform/db/schema/index.ts";
import type { CompanyId, SimulationId, SweepId } from "../../../shared/ids.ts";
import type { SweepKey } from "./contract.ts";
import type { SweepStore } from "./repository.ts";

/** Each write may be repeated: a run that has ended stays as it is. */
export function createSweepStore(database: Database): SweepStore {
  const scopeOf = ({ companyId }: SweepKey) => ({ kind: "company", companyId }) as const;
  const unfinished = ({ companyId, sweepId }: SweepKey) =>
    and(eq(simulations.companyId, companyId), eq(simulations.sweepId, sweepId), isNull(simulations.completedAt));
  return {
    async findUnfinished(key) {
      const [[sweep], runs] = await database.batch(scopeOf(key), (db) => [
        db
          .select({ createdAt: simulationSweeps.createdAt })
          .from(simulationSweeps)
          .where(and(eq(simulationSweeps.companyId, key.companyId), eq(simulationSweeps.id, key.sweepId))),
        db
          .select({ id: simulations.id })
          .from(simulations)
          .where(unfinished(key))
          .orderBy(asc(simulations.sweepPosition)),
      ]);
      return { ids: runs.map(({ id }) => id as SimulationId), createdAt: sweep?.createdAt };
    },
    async fail(key, ids, error, at) {
      const chosen = ids === "all" ? undefined : sql`${simulations.id} = any(${ids}::uuid[])`;
      const [ended] = await database.batch(scopeOf(key), (db) => [
        db
          .update(simulations)
          .set({ status: "failed", error, completedAt: at })
          .where(and(unfinished(key), chosen))
          .returning({ id: simulations.id, startedAt: simulations.startedAt }),
      ]);
      return ended.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id as SimulationId);
    },
    async keepProgress(key, iterationsDone) {
      const done = [...iterationsDone].map(([id, iterations]) => ({ id, iterations }));
      await database.batch(scopeOf(key), (db) => [
        db.execute(sql`
          update ${simulations} set iterations_done = done.iterations
          from json_to_recordset(${JSON.stringify(done)}::json) as done(id uuid, iterations int)
          where ${simulations.id} = done.id and ${simulations.companyId} = ${key.companyId}::uuid
            and ${simulations.sweepId} = ${key.sweepId}::uuid and ${simulations.status} = 'failed'`),
      ]);
    },
    async findStale(before, limit) {
      const [rows] = await database.batch({ kind: "system" }, (db) => [
        db
          .select({ companyId: simulations.companyId, sweepId: simulations.sweepId })
          .from(simulations)
          .where(
            and(isNull(simulations.completedAt), isNotNull(simulations.sweepId), lt(simulations.createdAt, before)),
          )
          .groupBy(simulations.companyId, simulations.sweepId)
          .orderBy(sql`bool_or(${simulations.status} <> 'created')`, sql`min(${simulations.createdAt})`)
          .limit(limit),
      ]);
      return rows.map(({ companyId, sweepId }) => ({ companyId: companyId as CompanyId, sweepId: sweepId as SweepId }));
    },
  };
}
