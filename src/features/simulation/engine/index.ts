export { MAX_ITERATIONS } from "./limits.ts";
export type { EngineInput, EngineModel, EngineRole, EngineWorkload } from "./input.ts";
export { compileScenario, floorPeople, roleFloor, withFactors } from "./scenario.ts";
export type { Scenario } from "./scenario.ts";
export type { RoleTable } from "./role-table.ts";
export { iterationPath } from "./paths.ts";
export type { IterationPath } from "./paths.ts";
export { createRunner } from "./runner.ts";
export type { Runner } from "./runner.ts";
export { accumulatorBytes, createAccumulator, mergeInto } from "./statistics/accumulator.ts";
export type { Accumulator } from "./statistics/accumulator.ts";
export { keepsRoleQuantiles } from "./statistics/axes.ts";
export { DISTRIBUTION_QUANTILES, distributionOf } from "./statistics/distributions.ts";
export type { OutcomeDistribution } from "./statistics/distributions.ts";
export { quantileErrors, readQuantiles } from "./statistics/quantiles.ts";
export type { QuantileErrors, QuantileSeries } from "./statistics/quantiles.ts";
export { OUTCOME_COLUMNS } from "./statistics/outcomes.ts";
export type { OutcomeColumn } from "./statistics/outcomes.ts";
export { restoreAccumulator, serialiseAccumulator } from "./statistics/serialise.ts";
export { ORGANISATION_METRICS, ROLE_METRICS, summarise } from "./statistics/summarise.ts";
export type { EngineResult, MetricSeries, OrganisationMetric, RoleMetric } from "./statistics/summarise.ts";
export { workPerIteration } from "./work.ts";

/** Part of what a result depends on: it changes whenever the same input and seed could give other bytes. */
export const ENGINE_VERSION = "1.1.0";
