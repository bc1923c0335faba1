import { z } from "@hono/zod-openapi";
import { lastEventIdHeader } from "../../../shared/event-stream.ts";
import { pageOf, pageQuery } from "../../../shared/pagination.ts";
import { text } from "../../../shared/text.ts";
import { inputLimits, maxSweepFactors, maxSweepMonths } from "../limits.ts";
import { forecastSchema, warningSchema } from "../request/estimate-schemas.ts";
import { checkInput, inputFields } from "../request/schemas.ts";
import { simulationIdSchema, statusSchema } from "../runs/schemas.ts";
import { sweepMetrics, sweepStatistics, type MonthValues } from "./values.ts";

const { automation_factor: factor, ...otherFields } = inputFields;

export const sweepInputSchema = z
  .strictObject({
    ...otherFields,
    automation_factors: z
      .array(factor)
      .min(1)
      .max(maxSweepFactors)
      .openapi({
        description: `One run for each, 1 to ${maxSweepFactors} different ones, all on the same seed: their futures differ by the factor, not by luck.`,
      }),
  })
  .superRefine((input, context) => {
    checkInput(input, context);
    const seen = new Set<number>();
    for (const [index, value] of input.automation_factors.entries()) {
      if (seen.has(value))
        context.addIssue({ code: "custom", path: ["automation_factors", index], message: "must be given once only" });
      seen.add(value);
    }
    if (input.learn_factor !== undefined && input.act_factor !== undefined)
      context.addIssue({
        code: "custom",
        path: ["automation_factors"],
        message: "change nothing where learn_factor and act_factor are both given: leave one of them out",
      });
  })
  .openapi("SweepInput", {
    example: {
      company: "Acme",
      n_iterations: 200,
      automation_factors: [0.25, 0.5, 0.75],
      roles: [
        { role: "Engineer", count: 50, salary: 80_000 },
        { role: "Marketing", count: 100, salary: 70_000 },
      ],
      n_months: 48,
      seed: 7071,
      name: "How fast?",
    },
  });

export type SweepInput = z.infer<typeof sweepInputSchema>;

export const sweepIdSchema = z.uuid().toLowerCase().openapi({ example: "0b5a7f0e-4c1d-4f7e-8a55-2a6f0c9d1e33" });

const lastMonth = inputLimits.months.max;

export const sweepMonthsQuery = z.strictObject({
  months: z
    .string()
    .regex(
      new RegExp(`^\\d{1,3}(,\\d{1,3}){0,${maxSweepMonths - 1}}$`),
      `must be 1 to ${maxSweepMonths} months with commas between, such as 12,24,48`,
    )
    .transform((list) => list.split(",").map(Number))
    .refine((months) => new Set(months).size === months.length, "must not name a month twice")
    .refine((months) => months.every((month) => month <= lastMonth), `must be at most ${lastMonth} each`)
    .optional()
    .openapi({
      type: "string",
      description: `The months (Steps, 0 … n_months) to tell of, at most ${maxSweepMonths}; unless told, each whole year and the last.`,
      example: "12,24,48",
    }),
});

export const sweepListQuery = z.strictObject({
  ...pageQuery,
  company: text(inputLimits.companyLength).optional().openapi({ description: "The input's `company`, to the letter." }),
  name: text(inputLimits.nameLength).optional().openapi({ description: "A part of the name, in any case." }),
  created_by: z.uuid().optional(),
});

export const sweepEventsHeader = z.object(lastEventIdHeader);

const instant = z.iso.datetime().nullable();
const progressSchema = z.object({
  iterations_done: z
    .number()
    .int()
    .openapi({ description: "What runs did that failed or were cancelled is part of it." }),
  iterations_total: z.number().int().openapi({
    description: "Of all runs together that the sweep still has: one that was deleted is neither done nor to be done.",
  }),
  fraction: z.number(),
});
const progressExample = { iterations_done: 600, iterations_total: 600, fraction: 1 };

const countsSchema = z
  .object({
    total: z.number().int(),
    completed: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
  })
  .openapi({
    description: "How many of the sweep's runs have ended, and how. Runs deleted since are in `total` only.",
  });
const countsExample = { total: 3, completed: 3, failed: 0, cancelled: 0 };

const spread = (of: string) =>
  z
    .object(Object.fromEntries(sweepStatistics.map((name) => [name, z.number()])) as MonthSpread)
    .openapi({ description: of });
type MonthSpread = Record<(typeof sweepStatistics)[number], z.ZodNumber>;

const monthSchema = z
  .object({
    month: z.number().int(),
    employees: spread("People."),
    total_salary_of_employees: spread("Pay, a year."),
    cost_savings: spread("Pay at the start minus pay at this month, a year."),
  })
  .openapi("SweepMonth");

const spreadExample = { mean: 83.9, min: 79, max: 89, p5: 80, p10: 81, p25: 82, p50: 84, p75: 86, p90: 87, p95: 88 };
const monthExample = {
  month: 48,
  ...(Object.fromEntries(sweepMetrics.map((metric) => [metric, spreadExample])) as MonthValues),
};

const factorSchema = z
  .object({
    automation_factor: z.number(),
    simulation_id: simulationIdSchema
      .nullable()
      .openapi({ description: "The run, to be read, compared and downloaded like any other. Null if it was deleted." }),
    status: z.enum([...statusSchema.options, "deleted"]),
    engine_version: z.string().nullable(),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    at: z.array(monthSchema).openapi({ description: "The months asked for. Empty until the run has completed." }),
  })
  .openapi("SweepFactor");

const common = {
  id: sweepIdSchema,
  name: z.string().nullable(),
  status: statusSchema.openapi({
    description:
      "Under way while one of its runs is; then `completed` if at least one of them has (one that failed says so at its factor), `failed` if some failed and none completed, else `cancelled`.",
  }),
  model: z.enum(["classic", "conserving"]),
  engine_version: z.string(),
  seed: z.number().int().openapi({ description: "Of every run." }),
};
const commonExample = {
  id: "0b5a7f0e-4c1d-4f7e-8a55-2a6f0c9d1e33",
  name: "How fast?",
  status: "completed",
  model: "classic",
  engine_version: "1.1.0",
  seed: 7071,
} as const;
const times = { created_at: z.iso.datetime(), started_at: instant, completed_at: instant, created_by: z.uuid() };
const timesExample = {
  created_at: "2026-11-22T09:30:00.000Z",
  started_at: "2026-11-22T09:30:00.100Z",
  completed_at: "2026-11-22T09:30:03.900Z",
  created_by: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
};

export const sweepSchema = z
  .object({
    ...common,
    input_data: sweepInputSchema.openapi({
      description: "A valid body as it stands: post it again to repeat the sweep.",
    }),
    paired: z.boolean().openapi({
      description: "All runs there are have one engine version. False only if the engine was changed in mid-sweep.",
    }),
    progress: progressSchema,
    runs: countsSchema,
    factors: z.array(factorSchema).openapi({ description: "In the order asked for." }),
    warnings: z
      .array(warningSchema)
      .openapi({ description: "Those that hold at every factor, before the runs. Each run has all of its own." }),
    estimate: forecastSchema.openapi({ description: "What all runs together were thought to cost." }),
    ...times,
  })
  .openapi("Sweep", {
    example: {
      ...commonExample,
      input_data: {
        company: "Acme",
        n_iterations: 200,
        automation_factors: [0.25, 0.5, 0.75],
        roles: [{ role: "Engineer", count: 50, salary: 80_000 }],
        n_months: 48,
        model: "classic",
        seed: 7071,
      },
      paired: true,
      progress: progressExample,
      runs: countsExample,
      factors: [0.25, 0.5, 0.75].map((automation_factor, index) => ({
        automation_factor,
        simulation_id: `sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d5${index}`,
        status: "completed",
        engine_version: "1.1.0",
        error: null,
        at: [monthExample],
      })),
      warnings: [],
      estimate: { work_units: 75_900, cpu_seconds: 0.009, cost_usd: 0.000_000_18, wall_seconds: 1.5 },
      ...timesExample,
    },
  });

const sweepSummarySchema = z
  .object({
    ...common,
    company: z.string(),
    n_iterations: z.number().int().openapi({ description: "Of each run." }),
    n_months: z.number().int(),
    automation_factors: z.array(z.number()),
    runs: countsSchema,
    ...times,
  })
  .openapi("SweepSummary");

export const sweepPageSchema = pageOf(sweepSummarySchema).openapi("SweepPage", {
  example: {
    items: [
      {
        ...commonExample,
        company: "Acme",
        n_iterations: 200,
        n_months: 48,
        automation_factors: [0.25, 0.5, 0.75],
        runs: countsExample,
        ...timesExample,
      },
    ],
    next_cursor: null,
  },
});

/** The data of every event of a sweep. */
export const sweepEventSchema = z.object({ status: statusSchema, progress: progressSchema, runs: countsSchema });
