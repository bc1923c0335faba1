import type { z } from "@hono/zod-openapi";
import type { SimulationId } from "../../../shared/ids.ts";
import { maxWaitSeconds } from "../limits.ts";
import { costToWire, forecastToWire, type estimateSchema } from "../request/estimate-schemas.ts";
import { costOf, type Estimate } from "../request/estimate.ts";
import type { QuantileKey } from "../results/quantiles.ts";
import type { Shape } from "../results/query-schemas.ts";
import { columnTexts, stepRows, yearRows } from "../results/series.ts";
import type { Warning } from "../warnings.ts";
import type { SimulationRecord, SimulationSummary } from "./repository.ts";
import type { simulationSchema, summarySchema } from "./schemas.ts";
import type { SimulationView } from "./verbs/read-run.ts";

const prefix = "sim-";

export const toWireId = (id: SimulationId): string => `${prefix}${id}`;
/** The id inside `sim-<uuid>`; the schema has checked its form. */
export const fromWireId = (id: string): SimulationId => id.slice(prefix.length) as SimulationId;

/** A run as JSON text (`simulationSchema`), in pieces: the rows of a large one are never in memory together. */
export function* simulationJson(
  { run, parts, iterationsDone, cached }: SimulationView,
  { shape = "rows", quantiles = [] }: { shape?: Shape; quantiles?: readonly QuantileKey[] | undefined } = {},
): Generator<string> {
  const series = { parts, roles: run.workloads.map(({ role }) => role), quantiles };
  const before: Before = {
    id: toWireId(run.id),
    name: run.name,
    status: run.status,
    input_data: run.input,
    model: run.model,
    engine_version: run.engineVersion,
    seed: run.seed,
    progress: {
      iterations_done: iterationsDone,
      iterations_total: run.iterations,
      fraction: iterationsDone / run.iterations,
    },
  };
  const after: After = {
    workloads: run.workloads.map(({ role, source, workloads }) => ({ role, source, workloads: [...workloads] })),
    explanations: [...(run.explanations ?? [])],
    summary: run.summary,
    estimate: run.estimate && forecastToWire(run.estimate),
    actual: actualOf(run),
    warnings: [...run.warnings],
    error: run.error,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    completed_at: run.completedAt?.toISOString() ?? null,
    created_by: run.createdBy,
    ...(cached === true ? { cached } : {}),
  };
  yield `${JSON.stringify(before).slice(0, -1)},"results":`;
  if (shape === "columns") yield* columnTexts(series);
  else yield* listOf(stepRows(series));
  yield ',"yearly_metrics":';
  yield* listOf(yearRows(series, run.months));
  yield `,${JSON.stringify(after).slice(1)}`;
}

type Simulation = z.infer<typeof simulationSchema>;
type Before = Pick<
  Simulation,
  "id" | "name" | "status" | "input_data" | "model" | "engine_version" | "seed" | "progress"
>;
type After = Omit<Simulation, keyof Before | "results" | "yearly_metrics">;

function* listOf(rows: Iterable<string>): Generator<string> {
  let separator = "[";
  for (const row of rows) {
    yield separator + row;
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}

/** What a completed run took, beside its estimate. Its wall time holds the pauses between slices and after a crash. */
function actualOf({ status, workUnits, startedAt, completedAt }: SimulationRecord): Simulation["actual"] {
  if (status !== "completed" || workUnits === null || startedAt === null || completedAt === null) return null;
  return { ...costToWire(costOf(workUnits)), wall_seconds: (completedAt.getTime() - startedAt.getTime()) / 1000 };
}

export const estimateToWire = (estimate: Estimate, warnings: readonly Warning[]): z.infer<typeof estimateSchema> => ({
  ...forecastToWire(estimate),
  within_budget: estimate.withinBudget,
  floor_people: estimate.floorPeople,
  warnings: [...warnings],
});

/** A run as lists show it: without its results. */
export const summaryToWire = ({
  id,
  name,
  status,
  companyLabel,
  model,
  seed,
  ...run
}: SimulationSummary): z.infer<typeof summarySchema> => ({
  id: toWireId(id),
  name,
  status,
  company: companyLabel,
  model,
  engine_version: run.engineVersion,
  seed,
  n_iterations: run.iterations,
  n_months: run.months,
  created_by: run.createdBy,
  created_at: run.createdAt.toISOString(),
  started_at: run.startedAt?.toISOString() ?? null,
  completed_at: run.completedAt?.toISOString() ?? null,
});

/**
 * The seconds of `Prefer: wait=N` (RFC 7240), at most a minute; 0 where there is none. A preference that cannot be read
 * is ignored, as the RFC has it.
 */
export function preferredWait(header: string | undefined): number {
  const found = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[,;]|$)/i.exec(header ?? "")?.[1];
  return Math.min(Number(found ?? 0), maxWaitSeconds);
}
