import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "../../../platform/db/client.ts";
import { simulations, simulationSeries } from "../../../platform/db/schema/index.ts";
import { summaryColumns, toSummary } from "../runs/rows.drizzle.ts";
import type { ComparisonRepository, StoredForComparison } from "./repository.ts";

export function createComparisonRepository(database: Database): ComparisonRepository {
  return {
    async find(actor, ids, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select({
            ...summaryColumns,
            summary: simulations.summary,
            organisation: simulationSeries.columns,
            outcomes: simulationSeries.outcomes,
          })
          .from(simulations)
          .leftJoin(
            simulationSeries,
            and(
              eq(simulationSeries.companyId, simulations.companyId),
              eq(simulationSeries.simulationId, simulations.id),
              eq(simulationSeries.part, 0),
            ),
          )
          .where(and(eq(simulations.companyId, actor.companyId), inArray(simulations.id, [...ids]))),
      ]);
      return rows.map(({ summary, organisation, outcomes, ...row }) => ({
        ...toSummary(row),
        summary: summary as StoredForComparison["summary"],
        outcomes: outcomes as StoredForComparison["outcomes"],
        organisation,
      }));
    },
  };
}
