import { z } from "@hono/zod-openapi";
import { DISTRIBUTION_QUANTILES, ORGANISATION_METRICS } from "../engine/index.ts";
import { quantileKeys } from "./quantiles.ts";

const numbersOf = <Key extends string>(keys: readonly Key[]) =>
  z.object(Object.fromEntries(keys.map((key) => [key, z.number()])) as Record<Key, z.ZodNumber>);

const spreadExample = { mean: 46.5, min: 44, max: 49, p5: 45, p10: 45, p25: 46, p50: 46, p75: 47, p90: 48, p95: 48 };

const spreadSchema = numbersOf(["mean", "min", "max", ...quantileKeys] as const).openapi("Spread", {
  example: spreadExample,
});

/** For the documentation. */
export const distributionExample = {
  iterations: 200,
  mean: 46.5,
  standard_error: 0.07,
  quantiles: [44, 45, 45, 45, 46, 46, 46, 46, 46, 46, 46, 47, 47, 47, 47, 47, 47, 48, 48, 48, 49],
};

export const distributionSchema = z
  .object({
    iterations: z.number().int().openapi({ description: "Iterations counted." }),
    mean: z.number().nullable(),
    standard_error: z.number().nullable().openapi({
      description: "Of the mean: what another seed would move it by. Null for fewer than two iterations.",
    }),
    quantiles: z.array(z.number()).openapi({
      description: `${DISTRIBUTION_QUANTILES} exact quantiles at 0, 0.05 … 1: the least value first, the greatest last. Empty when no iteration counts.`,
    }),
  })
  .openapi("Distribution", { example: distributionExample });

const distribution = (description: string) => distributionSchema.openapi({ description });

export const distributionsSchema = z
  .object({
    end_employees: distribution("People at the end."),
    largest_monthly_cut: distribution("The most people who left in one month."),
    first_month_with_cut: distribution("The first Step with fewer people than the one before, where there is one."),
    months_with_cuts: distribution("Steps with fewer people than the one before."),
    pay_saved: distribution(
      "Cash, not a run-rate: the sum over Steps 1 … n_months of a twelfth of the yearly pay saved then.",
    ),
    overloaded_people: distribution("People at the end who are asked for more than their time."),
  })
  .openapi("OutcomeDistributions");

const organisation = <Schema extends z.ZodType>(schema: Schema) =>
  z.object(
    Object.fromEntries(ORGANISATION_METRICS.map((metric) => [metric, schema])) as Record<
      (typeof ORGANISATION_METRICS)[number],
      Schema
    >,
  );

/** For the documentation: every metric with the same figures. */
export const runSummaryExample = {
  text: "**People.** After 12 months 46.50 people of 50 are left on average …",
  floor_people: 27,
  end: Object.fromEntries(ORGANISATION_METRICS.map((metric) => [metric, spreadExample])),
  overloaded_people: { mean: 0.4, min: 0, max: 2 },
  years_to_half_savings: 0.75,
  drivers: [{ role: "Engineer", share: 1, cost_savings: 280_000, headcount_savings: 3.5 }],
  share_without_cuts: 0,
  distributions: Object.fromEntries(Object.keys(distributionsSchema.shape).map((name) => [name, distributionExample])),
  quantile_errors: Object.fromEntries(ORGANISATION_METRICS.map((metric) => [metric, 0])),
};
export const runSummarySchema = z
  .object({
    text: z.string().openapi({ description: "The summary in words: Markdown." }),
    floor_people: z
      .number()
      .openapi({ description: "People whose time is still needed once all that can be learnt is learnt." }),
    end: organisation(spreadSchema).openapi({
      description:
        "Each metric of the organisation at Step n_months, over the iterations: people; money a year; averages over all people.",
    }),
    overloaded_people: numbersOf(["mean", "min", "max"] as const).openapi({
      description: "People at the end who are asked for more than their time (time_to_complete above 1).",
    }),
    years_to_half_savings: z.number().nullable().openapi({
      description:
        "Years until the mean yearly saving is first at least half of what it is in the end; null when nothing is saved.",
    }),
    drivers: z
      .array(
        z.object({
          role: z.string(),
          share: z.number().openapi({ description: "Of the roles' mean yearly savings at the end together." }),
          cost_savings: z.number().openapi({ description: "Its mean yearly saving at the end: money a year." }),
          headcount_savings: z.number().openapi({ description: "Its mean number of people fewer at the end." }),
        }),
      )
      .openapi({ description: "The roles that save something, those that save most first. Shares add up to 1." }),
    share_without_cuts: z.number().openapi({ description: "Share of iterations in which nobody ever leaves." }),
    distributions: distributionsSchema,
    quantile_errors: organisation(z.number()).openapi({
      description:
        "How far a `_p…` key of the organisation can be from the value of that rank: half a counter's cell, and one person more at some head counts above 98,000; in the metric's unit; 0 is exact.",
    }),
  })
  .openapi("RunSummary", { example: runSummaryExample });

/** A run's summary, as stored and as sent. */
export type RunSummary = z.infer<typeof runSummarySchema>;
export type Distribution = z.infer<typeof distributionSchema>;
export type OutcomeName = keyof z.infer<typeof distributionsSchema>;
