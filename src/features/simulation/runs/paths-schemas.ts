import { z } from "@hono/zod-openapi";
import { text } from "../../../shared/text.ts";
import { defaultPathIterations } from "../limits.ts";

export const pathsQuery = z.strictObject({
  iterations: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .openapi({
      description: `Numbers and ranges, at most 50 in all; unless told the first ${defaultPathIterations}, or all of a run that has fewer.`,
      example: "0-19",
    }),
  metrics: text(20_000).default("employees").openapi({
    description: "Comma-separated; the organisation's names bare, a role's as `{role}_{metric}`.",
    example: "employees,cost_savings",
  }),
});

export const pathsSchema = z
  .object({
    paths: z.array(z.object({ iteration: z.number().int(), columns: z.record(z.string(), z.array(z.number())) })),
  })
  .openapi("Paths", { example: { paths: [{ iteration: 0, columns: { employees: [50, 50, 49] } }] } });
