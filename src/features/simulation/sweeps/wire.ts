import type { z } from "@hono/zod-openapi";
import type { SweepId } from "../../../shared/ids.ts";
import { forecastToWire } from "../request/estimate-schemas.ts";
import { toWireId } from "../runs/wire.ts";
import type { StoredSweep, SweepRecord, SweepRun, SweepSummary } from "./repository.ts";
import type { sweepEventSchema, sweepPageSchema, sweepSchema } from "./schemas.ts";
import { countRuns, sweepStatus, type RunCounts } from "./status.ts";
import { sweepMetrics, sweepStatistics, type MonthValues } from "./values.ts";

type Sweep = z.infer<typeof sweepSchema>;
type Factor = Sweep["factors"][number];

export const fromWireSweepId = (id: string): SweepId => id as SweepId;

/** `partlyDone`: iterations done by the runs that have not completed. */
export function sweepToWire({ sweep, runs, months, partlyDone }: StoredSweep & { partlyDone: number }): Sweep {
  const counts = countRuns(runs.map(({ status }) => status));
  const byPosition = new Map(runs.map((run) => [run.position, run]));
  const ends = runs.map(({ completedAt }) => completedAt?.getTime() ?? null);
  const starts = runs.flatMap(({ startedAt }) => startedAt?.getTime() ?? []);
  return {
    ...commonToWire(sweep, counts),
    input_data: sweep.input,
    paired: new Set(runs.map(({ engineVersion }) => engineVersion)).size <= 1,
    progress: progressToWire(sweep, counts, partlyDone),
    runs: countsToWire(sweep, counts),
    factors: sweep.automationFactors.map((factor, position) => factorToWire(factor, byPosition.get(position), months)),
    warnings: [...sweep.warnings],
    estimate: forecastToWire(sweep.estimate),
    created_at: sweep.createdAt.toISOString(),
    started_at: starts.length === 0 ? null : new Date(Math.min(...starts)).toISOString(),
    completed_at:
      ends.length === 0 || ends.includes(null) ? null : new Date(Math.max(...(ends as number[]))).toISOString(),
    created_by: sweep.createdBy,
  };
}

export const sweepSummaryToWire = (sweep: SweepSummary): z.infer<typeof sweepPageSchema>["items"][number] => ({
  ...commonToWire(sweep, sweep.counts),
  company: sweep.companyLabel,
  n_iterations: sweep.iterations,
  n_months: sweep.months,
  automation_factors: [...sweep.automationFactors],
  runs: countsToWire(sweep, sweep.counts),
  created_at: sweep.createdAt.toISOString(),
  started_at: sweep.startedAt?.toISOString() ?? null,
  completed_at: sweep.completedAt?.toISOString() ?? null,
  created_by: sweep.createdBy,
});

export const sweepEventToWire = (sweep: SweepSummary, partlyDone: number): z.infer<typeof sweepEventSchema> => ({
  status: sweepStatus(sweep.counts),
  progress: progressToWire(sweep, sweep.counts, partlyDone),
  runs: countsToWire(sweep, sweep.counts),
});

type Described = Pick<
  SweepRecord,
  "id" | "name" | "model" | "engineVersion" | "seed" | "iterations" | "automationFactors"
>;

const commonToWire = ({ id, name, model, engineVersion, seed }: Described, counts: RunCounts) => ({
  id,
  name,
  status: sweepStatus(counts),
  model,
  engine_version: engineVersion,
  seed,
});

const countsToWire = ({ automationFactors }: Described, { completed, failed, cancelled }: RunCounts) => ({
  total: automationFactors.length,
  completed,
  failed,
  cancelled,
});

/** Of the runs that the sweep still has: what was deleted is neither done nor to be done. */
function progressToWire({ iterations }: Described, counts: RunCounts, partlyDone: number) {
  const total = iterations * Object.values(counts).reduce((sum, runs) => sum + runs, 0);
  const done = iterations * counts.completed + partlyDone;
  return { iterations_done: done, iterations_total: total, fraction: total === 0 ? 0 : done / total };
}

const factorToWire = (factor: number, run: SweepRun | undefined, months: readonly number[]): Factor => ({
  automation_factor: factor,
  simulation_id: run === undefined ? null : toWireId(run.id),
  status: run?.status ?? "deleted",
  engine_version: run?.engineVersion ?? null,
  error: run?.error ?? null,
  at: monthsOf(run?.values ?? null, months),
});

const monthsOf = (values: SweepRun["values"], months: readonly number[]): Factor["at"] =>
  values === null ? [] : months.map((month, place) => ({ month, ...valuesAt(values, place) }));

/** What `values` has of the month at `place`: by metric, by statistic. */
const valuesAt = (values: NonNullable<SweepRun["values"]>, place: number): MonthValues =>
  Object.fromEntries(
    sweepMetrics.map((metric) => [
      metric,
      Object.fromEntries(sweepStatistics.map((name) => [name, values[`${metric}_${name}`]?.[place] ?? 0])),
    ]),
  ) as MonthValues;
