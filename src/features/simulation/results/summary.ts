import { ORGANISATION_METRICS, quantileErrors } from "../engine/index.ts";
import type { EngineResult, OrganisationMetric, Scenario } from "../engine/index.ts";
import { byOutcome, counts, toDistribution, type Outcomes } from "./outcomes.ts";
import { quantileKeys, type QuantileKey } from "./quantiles.ts";
import type { SeriesPart } from "./series.ts";
import type { RunSummary } from "./summary-schemas.ts";
import { summaryText } from "./summary-text.ts";

const monthsPerYear = 12;
/** An exact half is half, however the sums were rounded. */
const halfRounding = 1e-9;

/** What a finished run says in short. `quantiles` are the organisation's, one number a Step. */
export function summariseRun(
  scenario: Scenario,
  result: EngineResult,
  outcomes: Outcomes,
  quantiles: SeriesPart,
): RunSummary {
  const distributions = byOutcome((name) =>
    toDistribution(Float64Array.from(outcomes[name].filter((value) => counts(name, value)))),
  );
  const { mean, quantiles: overloaded } = distributions.overloaded_people;
  const figures = {
    floor_people: result.floorPeople,
    end: byMetric((metric) => endSpread(result, quantiles, metric)),
    overloaded_people: { mean: mean ?? 0, min: overloaded[0] ?? 0, max: overloaded.at(-1) ?? 0 },
    years_to_half_savings: yearsToHalf(result.organisation.cost_savings.mean),
    drivers: driversOf(scenario, result),
    share_without_cuts: (result.iterations - distributions.first_month_with_cut.iterations) / result.iterations,
    distributions,
    quantile_errors: quantileErrors(scenario).organisation,
  };
  const start = { months: scenario.months, people: scenario.initialPeople, payroll: scenario.initialPayroll };
  return { text: summaryText(start, figures), ...figures };
}

const byMetric = <T>(make: (metric: OrganisationMetric) => T): Record<OrganisationMetric, T> =>
  Object.fromEntries(ORGANISATION_METRICS.map((metric) => [metric, make(metric)])) as Record<OrganisationMetric, T>;

function endSpread(result: EngineResult, quantiles: SeriesPart, metric: OrganisationMetric) {
  const { mean, min, max } = result.organisation[metric];
  const at = Object.fromEntries(quantileKeys.map((key) => [key, lastOf(quantiles[`${metric}_${key}`])]));
  return { mean: lastOf(mean), min: lastOf(min), max: lastOf(max), ...(at as Record<QuantileKey, number>) };
}

/** The value at the last Step. */
const lastOf = (series: readonly number[] | Float64Array | undefined): number => series?.at(-1) ?? 0;

/** `saved` by Step. Savings never fall, since nobody comes back. */
function yearsToHalf(saved: Float64Array): number | null {
  const end = lastOf(saved);
  const half = (end / 2) * (1 - halfRounding);
  return end > 0 ? saved.findIndex((value) => value >= half) / monthsPerYear : null;
}

function driversOf(scenario: Scenario, { roles }: EngineResult): RunSummary["drivers"] {
  const savedBy = roles.map((role) => lastOf(role.cost_savings.mean));
  // Not the organisation's saving, in which a role's can be lost: beside a payroll of 10¹⁸ a few salaries are rounding.
  const total = savedBy.reduce((sum, saved) => sum + saved, 0);
  return scenario.roles
    .map(({ name, people }, index) => {
      const saved = savedBy[index] ?? 0;
      const left = lastOf(roles[index]?.count.mean);
      return { role: name, share: saved / total, cost_savings: saved, headcount_savings: people - left };
    })
    .filter(({ cost_savings }) => cost_savings > 0)
    .toSorted((a, b) => b.share - a.share);
}
