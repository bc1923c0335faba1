import { z } from "@hono/zod-openapi";
import { quantileKeys, toQuantileKeys } from "./quantiles.ts";

const somePercentiles = `(${quantileKeys.join("|")})`;
const quantilesField = z
  .string()
  .regex(new RegExp(`^${somePercentiles}(, ?${somePercentiles}){0,20}$`), `must be some of ${quantileKeys.join(",")}`)
  .transform(toQuantileKeys)
  .optional()
  .openapi({
    type: "string",
    description:
      "Adds `_p5` … to every key's triple: the smallest value that at least 5 % of the iterations do not exceed (type 1 of Hyndman and Fan), read off counters. It is off by at most half a counter's cell: a 2048th of the metric's range for the organisation (`summary.quantile_errors`), a 512th for a role; head counts are exact up to 2,047 people and 511 in a role, and one more off at some above 98,000 and 24,000. The roles' keys are missing where the run warns of `role_quantiles_dropped`.",
    example: "p5,p25,p50,p75,p95",
  });

export const quantilesQuery = z.strictObject({ quantiles: quantilesField });

export const resultsQuery = z.strictObject({
  quantiles: quantilesField,
  shape: z.enum(["rows", "columns"]).default("rows").openapi({
    description: "`columns` gives `results` as `{columns: {key: [one number a Step]}}`: a fifth of the size.",
  }),
});
export type Shape = z.infer<typeof resultsQuery>["shape"];
