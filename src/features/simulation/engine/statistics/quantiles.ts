import { ORGANISATION_BINS, ROLE_BINS } from "../limits.ts";
import type { Scenario } from "../scenario.ts";
import type { Accumulator } from "./accumulator.ts";
import { ORGANISATION_COUNTED, ROLE_COUNTED, axisError, middleOf, organisationAxes, roleAxes } from "./axes.ts";
import type { Axis } from "./axes.ts";
import type { EngineResult, MetricSeries, OrganisationMetric, RoleMetric } from "./summarise.ts";

/** Keeps p · n from being counted one up by its own rounding. */
const RANK_ROUNDING = 1e-9;

/** One quantile of every metric, by Step. */
export interface QuantileSeries {
  organisation: Record<OrganisationMetric, Float64Array>;
  /** In request order; absent when memory did not allow counters for the roles. */
  roles: Record<RoleMetric, Float64Array>[] | undefined;
}

/**
 * The rank of a quantile among n values in ascending order, 1 … n: the smallest value that at least p · n of them do not
 * exceed. (The inverse of the empirical distribution function: type 1 of Hyndman and Fan, 1996.)
 */
export function quantileRank(probability: number, count: number): number {
  return Math.min(count, Math.max(1, Math.ceil(probability * count - RANK_ROUNDING)));
}

/**
 * One quantile of every metric at every Step, read off the counters: the middle of the cell that holds the value of that
 * rank, kept between the least and the greatest value. It is off by at most `quantileErrors`.
 *
 * @param result `summarise` of the same accumulator
 * @param probability 0 … 1
 */
export function readQuantiles(
  scenario: Scenario,
  accumulator: Accumulator,
  result: EngineResult,
  probability: number,
): QuantileSeries {
  const n = accumulator.iterations;
  const rank = quantileRank(probability, n);
  const organisation = new CounterReader(
    accumulator.organisationCounts,
    0,
    ORGANISATION_COUNTED.length,
    ORGANISATION_BINS,
    organisationAxes(scenario),
    scenario.months + 1,
  );
  const { employees, total_salary_of_employees: payroll } = result.organisation;
  return {
    organisation: {
      automation: organisation.read(2, rank, result.organisation.automation),
      employees: organisation.read(0, rank, employees),
      avg_time_per_employee: organisation.read(3, rank, result.organisation.avg_time_per_employee),
      total_salary_of_employees: organisation.read(1, rank, payroll),
      // The k-th smallest saving is where the k-th largest remains.
      cost_savings: organisation.read(1, n + 1 - rank, payroll).map((left) => scenario.initialPayroll - left),
      avg_unused_output_capacity: organisation.read(4, rank, result.organisation.avg_unused_output_capacity),
      headcount_savings: organisation.read(0, n + 1 - rank, employees).map((left) => scenario.initialPeople - left),
    },
    roles: readRoles(scenario, accumulator, result, rank),
  };
}

function readRoles(
  scenario: Scenario,
  accumulator: Accumulator,
  result: EngineResult,
  rank: number,
): Record<RoleMetric, Float64Array>[] | undefined {
  const counts = accumulator.roleCounts;
  if (counts === undefined) return undefined;
  const steps = scenario.months + 1;
  return scenario.roles.map((role, index) => {
    const start = index * steps * ROLE_COUNTED.length * ROLE_BINS;
    const reader = new CounterReader(counts, start, ROLE_COUNTED.length, ROLE_BINS, roleAxes(role), steps);
    const series = result.roles[index]!;
    const people = reader.read(0, rank, series.count);
    const most = reader.read(0, accumulator.iterations + 1 - rank, series.count);
    return {
      count: people,
      cost_savings: most.map((left) => role.people * role.salary - left * role.salary),
      avg_automation_rate: reader.read(1, rank, series.avg_automation_rate),
      avg_time_per_employee: reader.read(2, rank, series.avg_time_per_employee),
      total_salary_of_employee: people.map((left) => left * role.salary),
      avg_unused_output_capacity: reader.read(3, rank, series.avg_unused_output_capacity),
    };
  });
}

/** How far a quantile can be from the value of its rank, by metric. */
export interface QuantileErrors {
  organisation: Record<OrganisationMetric, number>;
  /** In request order. */
  roles: Record<RoleMetric, number>[];
}

/** The stated errors of `readQuantiles` (`axisError`): about half a counter's cell, and nothing for people where cells are single numbers. */
export function quantileErrors(scenario: Scenario): QuantileErrors {
  const [people, payroll, rate, time, capacity] = organisationAxes(scenario).map(axisError) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    organisation: {
      automation: rate,
      employees: people,
      avg_time_per_employee: time,
      total_salary_of_employees: payroll,
      cost_savings: payroll,
      avg_unused_output_capacity: capacity,
      headcount_savings: people,
    },
    roles: scenario.roles.map((role) => {
      const errors = roleAxes(role).map(axisError) as [number, number, number, number];
      return {
        count: errors[0],
        cost_savings: errors[0] * role.salary,
        avg_automation_rate: errors[1],
        avg_time_per_employee: errors[2],
        total_salary_of_employee: errors[0] * role.salary,
        avg_unused_output_capacity: errors[3],
      };
    }),
  };
}

/** Finds ranks in one block of counters: rows of `metrics` times `bins`, a row a Step. */
class CounterReader {
  readonly #counts: Uint16Array;
  readonly #start: number;
  readonly #metrics: number;
  readonly #bins: number;
  readonly #axes: readonly Axis[];
  readonly #steps: number;

  constructor(counts: Uint16Array, start: number, metrics: number, bins: number, axes: readonly Axis[], steps: number) {
    this.#counts = counts;
    this.#start = start;
    this.#metrics = metrics;
    this.#bins = bins;
    this.#axes = axes;
    this.#steps = steps;
  }

  read(metric: number, rank: number, within: MetricSeries): Float64Array {
    const axis = this.#axes[metric]!;
    return Float64Array.from({ length: this.#steps }, (_, step) => {
      const row = this.#start + (step * this.#metrics + metric) * this.#bins;
      let bin = 0;
      for (let seen = this.#counts[row]!; seen < rank && bin < this.#bins - 1; seen += this.#counts[row + bin]!) bin++;
      return Math.max(within.min[step]!, Math.min(within.max[step]!, middleOf(axis, bin)));
    });
  }
}
