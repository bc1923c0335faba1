import type { z } from "@hono/zod-openapi";
import { AppError } from "../../shared/errors.ts";
import type { SimulationId } from "../../shared/ids.ts";
import { maxWaitSeconds } from "./limits.ts";
import type { simulationSchema } from "./schemas.ts";
import { rowsOf, yearlyMetrics } from "./series.ts";
import type { SimulationView } from "./service.ts";

const prefix = "sim-";

export const toWireId = (id: SimulationId): string => `${prefix}${id}`;
/** The id inside `sim-<uuid>`; the schema has checked its form. */
export const fromWireId = (id: string): SimulationId => id.slice(prefix.length) as SimulationId;

export function simulationToWire({ run, parts, iterationsDone }: SimulationView): z.infer<typeof simulationSchema> {
  const roles = run.workloads.map(({ role }) => role);
  return {
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
    results: parts.length === 0 ? [] : rowsOf(parts, roles),
    yearly_metrics: yearlyMetrics(parts, roles, run.months),
    workloads: run.workloads.map(({ role, source, workloads }) => ({ role, source, workloads: [...workloads] })),
    explanations: [...(run.explanations ?? [])],
    warnings: [...run.warnings],
    error: run.error,
    created_by: run.createdBy,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    completed_at: run.completedAt?.toISOString() ?? null,
  };
}

/** The seconds of `Prefer: wait=N` (RFC 7240); 0 where there is none. Other preferences are none of ours. */
export function preferredWait(header: string | undefined): number {
  const found = /(?:^|[,;])\s*wait\s*=\s*"?([^",;]*)"?/i.exec(header ?? "")?.[1];
  if (found === undefined) return 0;
  if (!/^\d{1,4}$/.test(found.trim())) {
    const message = "must be a whole number of seconds";
    throw new AppError("validation_failed", `Prefer: wait ${message}.`, { errors: [{ path: "Prefer.wait", message }] });
  }
  return Math.min(Number(found), maxWaitSeconds);
}
