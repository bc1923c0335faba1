import { sql, type SQL } from "drizzle-orm";
import { simulations, simulationSweeps } from "../../../platform/db/schema/index.ts";
import type { CompanyId, SimulationId, SweepId, UserId } from "../../../shared/ids.ts";
import type { SweepRecord, SweepRun, SweepSummary } from "./repository.ts";
import type { RunCounts } from "./status.ts";
import { sweepValueKeys } from "./values.ts";

/** How a sweep's runs stand, as one JSON value. Written out: drizzle would not say whose column it means. */
const standing = sql<
  RunCounts & { going: SimulationId[]; cut_short_done: number; started_at: string | null; completed_at: string | null }
>`(
  select json_build_object(
    'created', count(*) filter (where r.status = 'created'), 'in_progress', count(*) filter (where r.status = 'in_progress'),
    'completed', count(*) filter (where r.status = 'completed'), 'failed', count(*) filter (where r.status = 'failed'),
    'cancelled', count(*) filter (where r.status = 'cancelled'),
    'going', coalesce(json_agg(r.id order by r.sweep_position) filter (where r.status = 'in_progress'), '[]'),
    'cut_short_done', coalesce(sum(r.iterations_done) filter (where r.status in ('failed', 'cancelled')), 0),
    'started_at', min(r.started_at),
    'completed_at', case when bool_and(r.completed_at is not null) then max(r.completed_at) end)
  from simulations r where r.company_id = simulation_sweeps.company_id and r.sweep_id = simulation_sweeps.id)`;

/** The columns that lists show: none of the big ones. */
export const sweepSummaryColumns = {
  id: simulationSweeps.id,
  companyId: simulationSweeps.companyId,
  createdBy: simulationSweeps.createdBy,
  name: simulationSweeps.name,
  companyLabel: simulationSweeps.companyLabel,
  model: simulationSweeps.model,
  engineVersion: simulationSweeps.engineVersion,
  seed: simulationSweeps.seed,
  iterations: simulationSweeps.iterations,
  months: simulationSweeps.months,
  automationFactors: simulationSweeps.automationFactors,
  createdAt: simulationSweeps.createdAt,
  standing,
};

type Row = typeof simulationSweeps.$inferSelect;
type Standing = (typeof standing)["_"]["type"];
const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Ids and closed sets get their types back. */
const typed = <Columns extends Pick<Row, "id" | "companyId" | "createdBy" | "model">>(row: Columns) => ({
  ...row,
  id: row.id as SweepId,
  companyId: row.companyId as CompanyId,
  createdBy: row.createdBy as UserId,
  model: row.model as SweepRecord["model"],
});

export function toSweepSummary({
  standing: { going, cut_short_done: cutShortDone, started_at: startedAt, completed_at: completedAt, ...counts },
  ...row
}: Omit<Row, "input" | "warnings" | "estimate"> & { standing: Standing }): SweepSummary {
  return {
    ...typed(row),
    counts,
    going,
    cutShortDone,
    startedAt: instant(startedAt),
    completedAt: instant(completedAt),
  };
}

/** The JSON columns were written from checked values. */
export const toSweep = (row: Row): SweepRecord => ({
  ...typed(row),
  input: row.input as SweepRecord["input"],
  warnings: row.warnings as SweepRecord["warnings"],
  estimate: row.estimate as SweepRecord["estimate"],
});

/** The months asked for, as an array; unless told, each whole year and the last month. */
const monthsArray = (months: readonly number[] | undefined): SQL =>
  months === undefined
    ? sql`array(select m from generate_series(12, simulations.months, 12) m union select simulations.months order by 1)`
    : sql`array(select value::int from json_array_elements_text(${JSON.stringify(months)}::json))`;

/**
 * What a run keeps of some months, picked in Postgres: of a quarter of a megabyte a run, a few kilobytes leave it. Each kept
 * series is read once; `offset 0` keeps the planner from reading it once a month.
 */
const valuesOf = (months: SQL): SQL<SweepRun["values"]> => sql`
  case when simulations.status = 'completed' then (
    select json_object_agg(kept.key,
      (select json_agg(kept.numbers[wanted.month + 1] order by wanted.place) from unnest(${months}) with ordinality wanted (month, place)))
    from (
      select given.key, translate(given.value::text, '[]', '{}')::float8[] as numbers
      from simulation_series s,
        lateral (select * from json_each(s.columns) union all select * from json_each(s.quantiles)) given
      where s.company_id = simulations.company_id and s.simulation_id = simulations.id and s.part = 0
        and given.key in (select json_array_elements_text(${JSON.stringify(sweepValueKeys)}::json))
      offset 0
    ) kept
  ) end`;

export const sweepRunColumns = (months: readonly number[] | undefined) => ({
  id: simulations.id,
  position: simulations.sweepPosition,
  status: simulations.status,
  iterationsDone: simulations.iterationsDone,
  error: simulations.error,
  engineVersion: simulations.engineVersion,
  startedAt: simulations.startedAt,
  completedAt: simulations.completedAt,
  months: sql<number[]>`to_json(${monthsArray(months)})`,
  values: valuesOf(monthsArray(months)),
});

export const toSweepRun = (row: {
  id: string;
  position: number | null;
  status: string;
  iterationsDone: number | null;
  error: SweepRun["error"];
  engineVersion: string;
  startedAt: Date | null;
  completedAt: Date | null;
  values: SweepRun["values"];
}): SweepRun => ({
  id: row.id as SimulationId,
  position: row.position ?? 0,
  status: row.status as SweepRun["status"],
  iterationsDone: row.iterationsDone,
  error: row.error,
  engineVersion: row.engineVersion,
  startedAt: row.startedAt,
  completedAt: row.completedAt,
  values: row.values,
});
