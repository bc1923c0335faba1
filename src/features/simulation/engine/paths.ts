import type { Runner } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import { createUncountedAccumulator } from "./statistics/accumulator.ts";
import { summarise } from "./statistics/summarise.ts";
import type { MetricSeries, OrganisationMetric, RoleMetric } from "./statistics/summarise.ts";

/** One future: every metric by Step, N + 1 values each. */
export interface IterationPath {
  organisation: Record<OrganisationMetric, Float64Array>;
  /** In request order. */
  roles: Record<RoleMetric, Float64Array>[];
}

/** Works one iteration out again: the same values it added to a run's statistics. */
export function iterationPath(scenario: Scenario, runner: Runner, iteration: number): IterationPath {
  const accumulator = createUncountedAccumulator(scenario);
  runner.run(iteration, iteration + 1, accumulator);
  const result = summarise(scenario, accumulator);
  return { organisation: single(result.organisation), roles: result.roles.map((role) => single(role)) };
}

/** Of one iteration the least value is the value. */
function single<Metric extends string>(series: Record<Metric, MetricSeries>): Record<Metric, Float64Array> {
  const entries = Object.entries<MetricSeries>(series).map(([metric, { min }]) => [metric, min]);
  return Object.fromEntries(entries) as Record<Metric, Float64Array>;
}
