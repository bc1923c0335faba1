import { z } from "@hono/zod-openapi";
import { comparedRuns } from "../limits.ts";
import { outcomeNames } from "../results/outcomes.ts";
import {
  distributionExample,
  distributionSchema,
  type distributionsSchema,
  runSummaryExample,
  runSummarySchema,
} from "../results/summary-schemas.ts";
import { simulationIdSchema } from "../runs/schemas.ts";

const id = "sim-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

export const compareQuery = z.strictObject({
  ids: z
    .string()
    .toLowerCase()
    .regex(
      new RegExp(`^${id}(,${id}){${comparedRuns.min - 1},${comparedRuns.max - 1}}$`),
      `must be ${comparedRuns.min} to ${comparedRuns.max} ids of simulations with commas between`,
    )
    .transform((text) => text.split(","))
    .refine((ids) => new Set(ids).size === ids.length, "must not name a run twice")
    .openapi({
      type: "string",
      description: `${comparedRuns.min} to ${comparedRuns.max} runs; the others are compared with the first.`,
      example: "sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55,sim-0d8f4f1f-5a10-4b7e-9a51-3f1c5c0e5d0b",
    }),
});

/** What two runs must share for their futures to be the same luck, one by one, as far as both go. */
export const pairingFields = ["seed", "engine_version"] as const;

const differenceSchema = distributionSchema.openapi("Difference", {
  description:
    "Of the later run minus the first. Paired: taken future by future, over the `iterations` that both runs have, with 21 exact quantiles. Not paired: the difference of the means, as of independent runs; no quantiles, `iterations` 0.",
});

const comparedSchema = z.object({
  id: simulationIdSchema,
  name: z.string().nullable(),
  model: z.enum(["classic", "conserving"]),
  engine_version: z.string(),
  seed: z.number().int(),
  n_iterations: z.number().int(),
  n_months: z.number().int(),
  summary: runSummarySchema,
  results: z.object({ columns: z.record(z.string(), z.array(z.number())) }).openapi({
    description: "The organisation's keys, one number a Step.",
  }),
});

const exampleRun = (exampleId: string) => ({
  id: exampleId,
  name: "A year at a moderate pace",
  model: "classic",
  engine_version: "1.1.0",
  seed: 7071,
  n_iterations: 200,
  n_months: 12,
  summary: runSummaryExample,
  results: { columns: { employees_mean: [50, 49.8, 49.4] } },
});

const exampleIds = ["sim-6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55", "sim-0d8f4f1f-5a10-4b7e-9a51-3f1c5c0e5d0b"] as const;

export const comparisonSchema = z
  .object({
    paired: z.boolean().openapi({
      description: "All runs share seed and engine version: what a change leaves alone keeps its luck.",
    }),
    runs: z.array(comparedSchema).openapi({ description: "In the order asked for." }),
    differences: z
      .array(
        z.object({
          id: simulationIdSchema,
          to: simulationIdSchema.openapi({ description: "The first run." }),
          paired: z.boolean(),
          differs_in: z.array(z.enum(pairingFields)).openapi({ description: "Why the two are not paired." }),
          outcomes: z.object(
            Object.fromEntries(outcomeNames.map((name) => [name, differenceSchema])) as Record<
              keyof typeof distributionsSchema.shape,
              typeof differenceSchema
            >,
          ),
        }),
      )
      .openapi({ description: "Of every run but the first, to the first, by outcome of an iteration." }),
  })
  .openapi("Comparison", {
    example: {
      paired: true,
      runs: exampleIds.map(exampleRun),
      differences: [
        {
          id: exampleIds[1],
          to: exampleIds[0],
          paired: true,
          differs_in: [],
          outcomes: Object.fromEntries(outcomeNames.map((name) => [name, distributionExample])),
        },
      ],
    },
  });

export type Comparison = z.infer<typeof comparisonSchema>;
