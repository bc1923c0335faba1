import { z } from "@hono/zod-openapi";
import { warningCodes, warnings } from "../warnings.ts";
import type { Cost, Estimate } from "./estimate.ts";

export const warningSchema = z
  .object({
    code: z.enum(warningCodes).openapi({
      description: warningCodes.map((code) => `\`${code}\`: ${warnings[code]}`).join("\n\n"),
    }),
    role: z.string().optional().openapi({ description: "Absent when it is about the whole run." }),
    value: z.number().optional(),
  })
  .openapi("Warning");

const costFields = {
  work_units: z.number().int().openapi({ description: "Class-months: what the engine's cost is proportional to." }),
  cpu_seconds: z.number().openapi({
    description: "Of one core. Reckoned from the work, not measured: a Worker's clock stands still while it computes.",
  }),
  cost_usd: z.number().openapi({ description: "US dollars, of computing alone." }),
};

/** What a run is thought to cost. */
export const forecastSchema = z
  .object({
    ...costFields,
    wall_seconds: z.number().openapi({ description: "From start to end, as if one core did it all." }),
  })
  .openapi("Forecast");

/** What a run took. */
export const actualSchema = z
  .object({
    ...costFields,
    wall_seconds: z.number().openapi({ description: "From `started_at` to `completed_at`, pauses included." }),
  })
  .openapi("ActualCost");

export const costToWire = ({ workUnits, cpuSeconds, usDollars }: Cost) => ({
  work_units: workUnits,
  cpu_seconds: cpuSeconds,
  cost_usd: usDollars,
});

export const forecastToWire = (
  estimate: Pick<Estimate, keyof Cost | "wallSeconds">,
): z.infer<typeof forecastSchema> => ({
  ...costToWire(estimate),
  wall_seconds: estimate.wallSeconds,
});

export const estimateSchema = z
  .object({
    ...forecastSchema.shape,
    within_budget: z.boolean().openapi({ description: "A run beyond the budget is refused." }),
    floor_people: z.number().openapi({ description: "People left once all that can be learnt is learnt." }),
    warnings: z.array(warningSchema),
  })
  .openapi("Estimate", {
    example: {
      work_units: 372_400,
      cpu_seconds: 0.05,
      cost_usd: 0.000_001,
      wall_seconds: 0.55,
      within_budget: true,
      floor_people: 67.5,
      warnings: [],
    },
  });
