import { floorPeople } from "../scenario.ts";
import type { Scenario } from "../scenario.ts";
import type { Accumulator } from "./accumulator.ts";
import { AVERAGE_CELL, ORGANISATION_CELL, ORGANISATION_STRIDE, ROLE_CELL, ROLE_STRIDE } from "./layout.ts";
import { OUTCOME_COLUMNS, OUTCOME_STRIDE } from "./outcomes.ts";
import type { OutcomeColumn } from "./outcomes.ts";

/** The organisation's metrics, in the order results report them. People and money in absolute figures, money a year. */
export const ORGANISATION_METRICS = [
  "automation",
  "employees",
  "avg_time_per_employee",
  "total_salary_of_employees",
  "cost_savings",
  "avg_unused_output_capacity",
  "headcount_savings",
] as const;
export type OrganisationMetric = (typeof ORGANISATION_METRICS)[number];

/** Each role's metrics, in the order results report them. */
export const ROLE_METRICS = [
  "count",
  "cost_savings",
  "avg_automation_rate",
  "avg_time_per_employee",
  "total_salary_of_employee",
  "avg_unused_output_capacity",
] as const;
export type RoleMetric = (typeof ROLE_METRICS)[number];

/** One metric over the iterations, by Step: N + 1 values each. */
export interface MetricSeries {
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

/** What a set of iterations says. */
export interface EngineResult {
  /** N + 1: entries of every series. */
  steps: number;
  iterations: number;
  /** Spent on these iterations. */
  workUnits: number;
  organisation: Record<OrganisationMetric, MetricSeries>;
  /** In request order. */
  roles: Record<RoleMetric, MetricSeries>[];
  /** The work left in people once all is learnt: no reduction of `conserving` goes below it. */
  floorPeople: number;
  /** Per iteration, in ascending order of their index: which they were, and what came of each. */
  iterationIndexes: Float64Array;
  outcomes: Record<OutcomeColumn, Float64Array>;
}

/**
 * Means, minima and maxima of every metric at every Step.
 *
 * @throws RangeError when the accumulator holds no iteration
 */
export function summarise(scenario: Scenario, accumulator: Accumulator): EngineResult {
  if (accumulator.iterations === 0) throw new RangeError("simulation engine: nothing to summarise");
  const steps = scenario.months + 1;
  const roles = scenario.roles.map((role, index) => {
    const read = new CellReader(
      accumulator.roles,
      index * steps * ROLE_STRIDE,
      ROLE_STRIDE,
      steps,
      accumulator.iterations,
    );
    const count = read.count(ROLE_CELL.peopleSum);
    const salary = mapSeries(count, (people) => people * role.salary);
    return {
      count,
      cost_savings: savings(salary, role.people * role.salary),
      avg_automation_rate: read.average(ROLE_CELL.rate),
      avg_time_per_employee: read.average(ROLE_CELL.time),
      total_salary_of_employee: salary,
      avg_unused_output_capacity: read.average(ROLE_CELL.capacity),
    };
  });
  return {
    steps,
    iterations: accumulator.iterations,
    workUnits: accumulator.workUnits,
    organisation: summariseOrganisation(scenario, accumulator, roles),
    roles,
    floorPeople: floorPeople(scenario),
    ...readOutcomes(accumulator),
  };
}

function summariseOrganisation(
  scenario: Scenario,
  accumulator: Accumulator,
  roles: readonly Record<RoleMetric, MetricSeries>[],
): Record<OrganisationMetric, MetricSeries> {
  const steps = scenario.months + 1;
  const read = new CellReader(accumulator.organisation, 0, ORGANISATION_STRIDE, steps, accumulator.iterations);
  const employees = read.count(ORGANISATION_CELL.peopleSum);
  const payroll: MetricSeries = {
    mean: new Float64Array(steps),
    min: read.column(ORGANISATION_CELL.payrollMin),
    max: read.column(ORGANISATION_CELL.payrollMax),
  };
  for (const role of roles) {
    for (let step = 0; step < steps; step++) payroll.mean[step]! += role.total_salary_of_employee.mean[step]!;
  }
  keepBetween(payroll);
  return {
    automation: read.average(ORGANISATION_CELL.rate),
    employees,
    avg_time_per_employee: read.average(ORGANISATION_CELL.time),
    total_salary_of_employees: payroll,
    cost_savings: savings(payroll, scenario.initialPayroll),
    avg_unused_output_capacity: read.average(ORGANISATION_CELL.capacity),
    headcount_savings: savings(employees, scenario.initialPeople),
  };
}

/** Reads series out of one block of an accumulator's cells. */
class CellReader {
  readonly #cells: Float64Array;
  readonly #start: number;
  readonly #stride: number;
  readonly #steps: number;
  readonly #iterations: number;

  constructor(cells: Float64Array, start: number, stride: number, steps: number, iterations: number) {
    this.#cells = cells;
    this.#start = start;
    this.#stride = stride;
    this.#steps = steps;
    this.#iterations = iterations;
  }

  column(offset: number): Float64Array {
    return Float64Array.from(
      { length: this.#steps },
      (_, step) => this.#cells[this.#start + step * this.#stride + offset]!,
    );
  }

  count(offset: number): MetricSeries {
    const mean = this.column(offset).map((sum) => sum / this.#iterations);
    return { mean, min: this.column(offset + 1), max: this.column(offset + 2) };
  }

  average(offset: number): MetricSeries {
    const fine = this.column(offset + AVERAGE_CELL.fine);
    const mean = this.column(offset + AVERAGE_CELL.coarse).map(
      (coarse, step) => (coarse + fine[step]!) / this.#iterations,
    );
    return keepBetween({
      mean,
      min: this.column(offset + AVERAGE_CELL.min),
      max: this.column(offset + AVERAGE_CELL.max),
    });
  }
}

/** A mean of equal values may end an ulp outside them by its last two roundings. */
function keepBetween(series: MetricSeries): MetricSeries {
  series.mean.forEach((mean, step) => {
    series.mean[step] = Math.max(series.min[step]!, Math.min(series.max[step]!, mean));
  });
  return series;
}

function mapSeries(series: MetricSeries, map: (value: number) => number): MetricSeries {
  return { mean: series.mean.map(map), min: series.min.map(map), max: series.max.map(map) };
}

/** Step 0 minus the Step: the least is left where the most is saved. Rounding keeps order, so the extremes are exact. */
function savings(series: MetricSeries, initial: number): MetricSeries {
  const saved = (left: number) => initial - left;
  return { mean: series.mean.map(saved), min: series.max.map(saved), max: series.min.map(saved) };
}

function readOutcomes(accumulator: Accumulator): Pick<EngineResult, "iterationIndexes" | "outcomes"> {
  const rows = accumulator.outcomes.sorted();
  const column = (offset: number) =>
    Float64Array.from({ length: accumulator.outcomes.rows }, (_, row) => rows[row * OUTCOME_STRIDE + offset]!);
  const outcomes = Object.fromEntries(OUTCOME_COLUMNS.map((name, index) => [name, column(index + 1)]));
  return { iterationIndexes: column(0), outcomes: outcomes as Record<OutcomeColumn, Float64Array> };
}
