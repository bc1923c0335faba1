import { quantileKeys } from "../results/quantiles.ts";

/** What a sweep tells of a month: of each metric the same statistics. */
export const sweepMetrics = ["employees", "total_salary_of_employees", "cost_savings"] as const;
export const sweepStatistics = ["mean", "min", "max", ...quantileKeys] as const;

type Metric = (typeof sweepMetrics)[number];
export type MonthValues = Record<Metric, Record<(typeof sweepStatistics)[number], number>>;

export const sweepValueKeys: readonly string[] = sweepMetrics.flatMap((metric) =>
  sweepStatistics.map((statistic) => `${metric}_${statistic}`),
);
