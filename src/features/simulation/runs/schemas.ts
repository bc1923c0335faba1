import { z } from "@hono/zod-openapi";
import { pageOf, pageQuery } from "../../../shared/pagination.ts";
import { text } from "../../../shared/text.ts";
import { inputLimits as limits } from "../limits.ts";
import { actualSchema, forecastSchema, warningSchema } from "../request/estimate-schemas.ts";
import { simulationInputSchema } from "../request/schemas.ts";
import { runSummaryExample, runSummarySchema } from "../results/summary-schemas.ts";
import { workloadSchema } from "../roles/workload-schemas.ts";
import { workloadSources } from "../roles/workload-sources.ts";

export const simulationIdSchema = z
  .string()
  .toLowerCase()
  .regex(
    /^sim-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    "must be an id such as sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
  )
  .openapi({ example: "sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55" });

const instant = z.iso.datetime().nullable();
export const statusSchema = z.enum(["created", "in_progress", "completed", "failed", "cancelled"]);

/** As a union, since a reference that is nullable comes out of the document without its null. */
const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);

const series = z.record(z.string(), z.number());

const workloadsExample = [{ Name: "Write code", Type: "Auto", Skill: 0.9, Time: 0.5 }];
const inputExample = {
  company: "Acme",
  n_iterations: 200,
  automation_factor: 0.5,
  roles: [{ role: "Engineer", count: 50, salary: 80_000, workloads: workloadsExample }],
  n_months: 12,
  model: "classic",
  seed: 7071,
};

/** A finished run as the documentation shows one: two of its thirteen Steps, and of each a few keys. */
const simulationExample = {
  id: "sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
  name: "A year at a moderate pace",
  status: "completed",
  input_data: inputExample,
  model: "classic",
  engine_version: "1.1.0",
  seed: 7071,
  progress: { iterations_done: 200, iterations_total: 200, fraction: 1 },
  results: [
    { Step: 0, employees_mean: 50, employees_min: 50, employees_max: 50, Engineer_count_mean: 50 },
    { Step: 12, employees_mean: 46.5, employees_min: 44, employees_max: 49, Engineer_count_mean: 46.5 },
  ],
  yearly_metrics: [{ Year: 1, employees_mean: -3.5, employees_min: -6, employees_max: -1 }],
  workloads: [{ role: "Engineer", source: "request", workloads: workloadsExample }],
  explanations: [{ role: "Engineer", explanation: "## Engineer\n\n50 people work in this role at the start …" }],
  summary: runSummaryExample,
  estimate: { work_units: 25_300, cpu_seconds: 0.003, cost_usd: 0.000_000_06, wall_seconds: 0.503 },
  actual: { work_units: 24_811, cpu_seconds: 0.003, cost_usd: 0.000_000_06, wall_seconds: 0.8 },
  warnings: [{ code: "horizon_before_floor", value: 19.5 }],
  error: null,
  created_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  created_at: "2026-11-22T09:30:00.000Z",
  started_at: "2026-11-22T09:30:00.100Z",
  completed_at: "2026-11-22T09:30:00.900Z",
};

export const simulationSchema = z
  .object({
    id: simulationIdSchema,
    name: z.string().nullable(),
    status: statusSchema,
    input_data: simulationInputSchema.openapi({
      description: "A valid body as it stands: post it again to repeat the run.",
    }),
    model: z.enum(["classic", "conserving"]),
    engine_version: z.string(),
    seed: z.number().int(),
    progress: z
      .object({ iterations_done: z.number().int(), iterations_total: z.number().int(), fraction: z.number() })
      .openapi({
        description:
          "Of a run that failed or was cancelled: how far it had come, 0 where that is not known. While it is under way 0 also stands for a moment in which it cannot be asked.",
      }),
    results: z.union([z.array(series), z.object({ columns: z.record(z.string(), z.array(z.number())) })]).openapi({
      description:
        "One object a Step (0 … n_months): `Step`, the organisation's keys, then each role's, every one as `_mean`, `_min`, `_max` over the iterations, and with `?quantiles=` as `_p5` … too. People and money are absolute, money a year. Empty until completed. `?shape=columns` gives the same as columns, `Step` first.",
    }),
    yearly_metrics: z
      .array(series)
      .openapi({ description: "For each whole year: value at its end minus value at its start." }),
    workloads: z.array(
      z.object({
        role: z.string(),
        source: z.enum(workloadSources).openapi({
          description:
            "`provider_fallback`: the configured service could not describe the role, so our catalogue stands in.",
        }),
        workloads: z.array(workloadSchema),
      }),
    ),
    summary: orNull(runSummarySchema).openapi({ description: "Null until completed." }),
    estimate: orNull(forecastSchema).openapi({ description: "What it was thought to cost, before it started." }),
    actual: orNull(actualSchema).openapi({
      description: "What it took, once completed. Work repeated after an interruption is not counted.",
    }),
    explanations: z.array(
      z.object({ role: z.string(), explanation: z.string().openapi({ description: "Markdown." }) }),
    ),
    warnings: z.array(warningSchema),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    created_at: z.iso.datetime(),
    started_at: instant,
    completed_at: instant,
    created_by: z.uuid(),
    cached: z.boolean().optional().openapi({
      description: "True when a POST found a completed run that answers the same question. Absent otherwise.",
    }),
  })
  .openapi("Simulation", { example: simulationExample });

export const listQuery = z.strictObject({
  ...pageQuery,
  company: text(limits.companyLength).optional().openapi({ description: "The input's `company`, to the letter." }),
  status: statusSchema.optional(),
  name: text(limits.nameLength).optional().openapi({ description: "A part of the name, in any case." }),
  created_by: z.uuid().optional(),
  sweep: z
    .union([z.uuid(), z.literal("none")])
    .optional()
    .openapi({ description: "The runs of this sweep; `none`: those that are of no sweep." }),
});

const summaryExample = {
  id: "sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55",
  name: "A year at a moderate pace",
  status: "completed",
  company: "Acme",
  model: "classic",
  engine_version: "1.1.0",
  seed: 7071,
  n_iterations: 200,
  n_months: 12,
  created_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  created_at: "2026-11-22T09:30:00.000Z",
  started_at: "2026-11-22T09:30:00.100Z",
  completed_at: "2026-11-22T09:30:00.900Z",
};

export const summarySchema = z
  .object({
    id: simulationIdSchema,
    name: z.string().nullable(),
    status: statusSchema,
    company: z.string(),
    model: z.enum(["classic", "conserving"]),
    engine_version: z.string(),
    seed: z.number().int(),
    n_iterations: z.number().int(),
    n_months: z.number().int(),
    created_by: z.uuid(),
    created_at: z.iso.datetime(),
    started_at: instant,
    completed_at: instant,
  })
  .openapi("SimulationSummary", { example: summaryExample });

export const simulationPageSchema = pageOf(summarySchema).openapi("SimulationPage", {
  example: { items: [summaryExample], next_cursor: null },
});
