import { MAX_ITERATIONS, ORGANISATION_BINS, ROLE_BINS } from "./limits.ts";
import { organisationUniforms } from "./random/stream-keys.ts";
import { BLOCK_WORDS } from "./random/threefry.ts";
import { RolePath } from "./role-path.ts";
import type { Scenario } from "./scenario.ts";
import type { Accumulator } from "./statistics/accumulator.ts";
import { ORGANISATION_COUNTED, ROLE_COUNTED, binOf, organisationAxes, roleAxes } from "./statistics/axes.ts";
import type { Axis } from "./statistics/axes.ts";
import { exactGrid } from "./statistics/exact-sum.ts";
import type { ExactGrid } from "./statistics/exact-sum.ts";
import { ORGANISATION_CELL, ORGANISATION_STRIDE, ROLE_CELL, ROLE_STRIDE } from "./statistics/layout.ts";

/** Work units a role-month costs besides its classes. */
export const ROLE_MONTH_UNITS = 4;

/** Runs iterations of one scenario; keep it, its scratch memory is reused. */
export interface Runner {
  /**
   * Runs the iterations from … to − 1 into an accumulator of the same scenario.
   *
   * @returns the work units spent: Σ over roles and Steps of (classes + ROLE_MONTH_UNITS)
   */
  run(fromIteration: number, toIteration: number, into: Accumulator): number;
}

/** A runner with its scratch memory. */
export function createRunner(scenario: Scenario): Runner {
  return new ScenarioRunner(scenario);
}

class ScenarioRunner implements Runner {
  readonly #scenario: Scenario;
  readonly #path: RolePath;
  readonly #block = new Int32Array(BLOCK_WORDS);
  /** By month: the organisation's draw. */
  readonly #uniforms: Float64Array;
  /** By Step, summed over the roles of the iteration at hand. */
  readonly #people: Float64Array;
  readonly #payroll: Float64Array;
  readonly #rateSum: Float64Array;
  readonly #timeSum: Float64Array;
  readonly #capacitySum: Float64Array;
  #overloaded = 0;
  readonly #axes: readonly Axis[];
  readonly #roleAxes: readonly (readonly Axis[])[];
  readonly #rateGrid = exactGrid(1);
  readonly #timeGrids: readonly ExactGrid[];
  readonly #capacityGrids: readonly ExactGrid[];
  readonly #timeGrid: ExactGrid;
  readonly #capacityGrid: ExactGrid;

  constructor(scenario: Scenario) {
    const steps = scenario.months + 1;
    this.#scenario = scenario;
    this.#path = new RolePath(scenario);
    this.#uniforms = new Float64Array(steps);
    this.#people = new Float64Array(steps);
    this.#payroll = new Float64Array(steps);
    this.#rateSum = new Float64Array(steps);
    this.#timeSum = new Float64Array(steps);
    this.#capacitySum = new Float64Array(steps);
    const capacities = scenario.roles.map((role) => Math.max(-role.capacityFloor, role.capacityCeiling));
    this.#timeGrids = scenario.roles.map((role) => exactGrid(role.timeCeiling));
    this.#capacityGrids = capacities.map(exactGrid);
    this.#timeGrid = exactGrid(Math.max(...scenario.roles.map((role) => role.timeCeiling)));
    this.#capacityGrid = exactGrid(Math.max(...capacities));
    this.#axes = organisationAxes(scenario);
    this.#roleAxes = scenario.roles.map(roleAxes);
  }

  run(fromIteration: number, toIteration: number, into: Accumulator): number {
    const count = toIteration - fromIteration;
    if (!(count >= 0 && into.iterations + count <= MAX_ITERATIONS)) {
      throw new RangeError(`simulation engine: more than ${MAX_ITERATIONS} iterations`);
    }
    let work = 0;
    for (let iteration = fromIteration; iteration < toIteration; iteration++) {
      work += this.#runIteration(iteration, into);
    }
    into.workUnits += work;
    return work;
  }

  #runIteration(iteration: number, into: Accumulator): number {
    const { months, roles, organisationKey } = this.#scenario;
    organisationUniforms(organisationKey, iteration, months, this.#block, this.#uniforms);
    this.#people.fill(0);
    this.#payroll.fill(0);
    this.#rateSum.fill(0);
    this.#timeSum.fill(0);
    this.#capacitySum.fill(0);
    this.#overloaded = 0;
    let work = 0;
    for (let role = 0; role < roles.length; role++) work += this.#runRole(role, iteration, into);
    for (let step = 0; step <= months; step++) this.#recordOrganisation(step, into);
    this.#recordOutcome(iteration, into);
    into.iterations++;
    return work;
  }

  /** A role's whole path at once: its classes stay in the nearest cache, and scratch is one role's. */
  #runRole(roleIndex: number, iteration: number, into: Accumulator): number {
    const cells = into.roles;
    const counts = into.roleCounts;
    const axes = this.#roleAxes[roleIndex]!;
    const { months, actProbability } = this.#scenario;
    const salary = this.#scenario.roles[roleIndex]!.salary;
    const path = this.#path;
    const timeGrid = this.#timeGrids[roleIndex]!;
    const capacityGrid = this.#capacityGrids[roleIndex]!;
    let at = roleIndex * (months + 1) * ROLE_STRIDE;
    let work = 0;
    path.begin(roleIndex, iteration);
    for (let step = 0; ; step++) {
      const people = path.people;
      const each = people > 0 ? people : 1;
      this.#people[step]! += people;
      this.#payroll[step]! += people * salary;
      this.#rateSum[step]! += path.rateSum;
      this.#timeSum[step]! += path.timeSum;
      this.#capacitySum[step]! += path.capacitySum;
      const rate = path.rateSum / each;
      const time = path.timeSum / each;
      const capacity = path.capacitySum / each;
      recordCount(cells, at + ROLE_CELL.peopleSum, people);
      recordAverage(cells, at + ROLE_CELL.rate, rate, this.#rateGrid);
      recordAverage(cells, at + ROLE_CELL.time, time, timeGrid);
      recordAverage(cells, at + ROLE_CELL.capacity, capacity, capacityGrid);
      if (counts !== undefined) {
        const row = (roleIndex * (months + 1) + step) * ROLE_COUNTED.length * ROLE_BINS;
        counts[row + binOf(axes[0]!, people)]!++;
        counts[row + ROLE_BINS + binOf(axes[1]!, rate)]!++;
        counts[row + 2 * ROLE_BINS + binOf(axes[2]!, time)]!++;
        counts[row + 3 * ROLE_BINS + binOf(axes[3]!, capacity)]!++;
      }
      work += path.classes + ROLE_MONTH_UNITS;
      if (step === months) break;
      path.advance(step, this.#uniforms[step]! < actProbability);
      at += ROLE_STRIDE;
    }
    this.#overloaded += path.overloaded();
    return work;
  }

  #recordOrganisation(step: number, into: Accumulator): void {
    const cells = into.organisation;
    const at = step * ORGANISATION_STRIDE;
    const people = this.#people[step]!;
    const payroll = this.#payroll[step]!;
    const each = people > 0 ? people : 1;
    const rate = this.#rateSum[step]! / each;
    const time = this.#timeSum[step]! / each;
    const capacity = this.#capacitySum[step]! / each;
    recordCount(cells, at + ORGANISATION_CELL.peopleSum, people);
    if (payroll < cells[at + ORGANISATION_CELL.payrollMin]!) cells[at + ORGANISATION_CELL.payrollMin] = payroll;
    if (payroll > cells[at + ORGANISATION_CELL.payrollMax]!) cells[at + ORGANISATION_CELL.payrollMax] = payroll;
    recordAverage(cells, at + ORGANISATION_CELL.rate, rate, this.#rateGrid);
    recordAverage(cells, at + ORGANISATION_CELL.time, time, this.#timeGrid);
    recordAverage(cells, at + ORGANISATION_CELL.capacity, capacity, this.#capacityGrid);
    const counts = into.organisationCounts;
    if (counts.length === 0) return;
    const row = step * ORGANISATION_COUNTED.length * ORGANISATION_BINS;
    counts[row + binOf(this.#axes[0]!, people)]!++;
    counts[row + ORGANISATION_BINS + binOf(this.#axes[1]!, payroll)]!++;
    counts[row + 2 * ORGANISATION_BINS + binOf(this.#axes[2]!, rate)]!++;
    counts[row + 3 * ORGANISATION_BINS + binOf(this.#axes[3]!, time)]!++;
    counts[row + 4 * ORGANISATION_BINS + binOf(this.#axes[4]!, capacity)]!++;
  }

  /** In the order of OUTCOME_COLUMNS. */
  #recordOutcome(iteration: number, into: Accumulator): void {
    const { months, initialPayroll } = this.#scenario;
    let largestCut = 0;
    let firstCutMonth = 0;
    let monthsWithCuts = 0;
    let paySaved = 0;
    for (let step = 1; step <= months; step++) {
      const cut = this.#people[step - 1]! - this.#people[step]!;
      if (cut > 0) {
        monthsWithCuts++;
        if (firstCutMonth === 0) firstCutMonth = step;
        if (cut > largestCut) largestCut = cut;
      }
      paySaved += (initialPayroll - this.#payroll[step]!) / 12;
    }
    const at = into.outcomes.append(iteration);
    const cells = into.outcomes.cells;
    cells[at] = this.#people[months]!;
    cells[at + 1] = largestCut;
    cells[at + 2] = firstCutMonth;
    cells[at + 3] = monthsWithCuts;
    cells[at + 4] = paySaved;
    cells[at + 5] = this.#overloaded;
  }
}

/** Into three cells: sum, least, greatest. Head counts are integers: their plain sums are exact. */
function recordCount(cells: Float64Array, at: number, people: number): void {
  cells[at]! += people;
  if (people < cells[at + 1]!) cells[at + 1] = people;
  if (people > cells[at + 2]!) cells[at + 2] = people;
}

/** Into four cells: the sum's coarse and fine part, least, greatest. */
function recordAverage(cells: Float64Array, at: number, value: number, grid: ExactGrid): void {
  const coarse = value + grid.coarse - grid.coarse;
  cells[at]! += coarse;
  cells[at + 1]! += value - coarse + grid.fine - grid.fine;
  if (value < cells[at + 2]!) cells[at + 2] = value;
  if (value > cells[at + 3]!) cells[at + 3] = value;
}
