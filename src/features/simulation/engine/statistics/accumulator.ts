import { MAX_ITERATIONS } from "../limits.ts";
import type { Scenario } from "../scenario.ts";
import { keepsRoleQuantiles, organisationCounters, roleCounters } from "./axes.ts";
import { ORGANISATION_CELLS, ROLE_CELLS } from "./layout.ts";
import type { CellRoles } from "./layout.ts";
import { OUTCOME_STRIDE, Outcomes } from "./outcomes.ts";

/**
 * What is known of a set of iterations. Merging is commutative and associative bit for bit, so the result does not depend
 * on shards, slices or restarts.
 */
export interface Accumulator {
  iterations: number;
  /** Spent on these iterations: Σ over roles and Steps of (classes + ROLE_MONTH_UNITS). */
  workUnits: number;
  /** Step-major: ORGANISATION_STRIDE cells a Step. */
  readonly organisation: Float64Array;
  /** Role-major: (N + 1) · ROLE_STRIDE cells a role. */
  readonly roles: Float64Array;
  /** By Step, metric (ORGANISATION_COUNTED), cell of its axis: iterations. Empty in an accumulator without counters. */
  readonly organisationCounts: Uint16Array;
  /** By role, Step, metric (ROLE_COUNTED), cell of its axis: iterations. Absent also where memory does not allow it. */
  readonly roleCounts: Uint16Array | undefined;
  readonly outcomes: Outcomes;
}

/** An accumulator of no iterations. */
export function createAccumulator(scenario: Scenario): Accumulator {
  return {
    ...createUncountedAccumulator(scenario),
    organisationCounts: new Uint16Array(organisationCounters(scenario)),
    roleCounts: keepsRoleQuantiles(scenario) ? new Uint16Array(roleCounters(scenario)) : undefined,
  };
}

/** One that cannot tell quantiles, a fraction of the size: for single iterations. */
export function createUncountedAccumulator(scenario: Scenario): Accumulator {
  const steps = scenario.months + 1;
  return {
    iterations: 0,
    workUnits: 0,
    organisation: emptyCells(steps, ORGANISATION_CELLS),
    roles: emptyCells(steps * scenario.roles.length, ROLE_CELLS),
    organisationCounts: new Uint16Array(0),
    roleCounts: undefined,
    outcomes: new Outcomes(),
  };
}

/**
 * Adds the iterations of `other` to `target`. Both must be of one scenario and share no iteration.
 *
 * @throws RangeError when the shapes differ or there would be too many iterations
 */
export function mergeInto(target: Accumulator, other: Accumulator): void {
  if (target.roles.length !== other.roles.length || target.organisation.length !== other.organisation.length) {
    throw new RangeError("simulation engine: accumulators of different scenarios");
  }
  if (target.iterations + other.iterations > MAX_ITERATIONS) {
    throw new RangeError(`simulation engine: more than ${MAX_ITERATIONS} iterations`);
  }
  target.iterations += other.iterations;
  target.workUnits += other.workUnits;
  mergeCells(target.organisation, other.organisation, ORGANISATION_CELLS);
  mergeCells(target.roles, other.roles, ROLE_CELLS);
  addCounts(target.organisationCounts, other.organisationCounts);
  if (target.roleCounts !== undefined && other.roleCounts !== undefined) addCounts(target.roleCounts, other.roleCounts);
  target.outcomes.appendAll(other.outcomes);
}

/** Memory of one accumulator at the most iterations, in bytes. */
export function accumulatorBytes(scenario: Scenario): number {
  const steps = scenario.months + 1;
  const cells = steps * (ORGANISATION_CELLS.stride + scenario.roles.length * ROLE_CELLS.stride);
  const counters = organisationCounters(scenario) + (keepsRoleQuantiles(scenario) ? roleCounters(scenario) : 0);
  return 8 * (cells + MAX_ITERATIONS * OUTCOME_STRIDE) + 2 * counters;
}

function addCounts(target: Uint16Array, other: Uint16Array): void {
  for (let index = 0; index < target.length; index++) target[index]! += other[index]!;
}

function emptyCells(records: number, layout: CellRoles): Float64Array {
  const cells = new Float64Array(records * layout.stride);
  for (let at = 0; at < cells.length; at += layout.stride) {
    for (const offset of layout.minima) cells[at + offset] = Infinity;
    for (const offset of layout.maxima) cells[at + offset] = -Infinity;
  }
  return cells;
}

function mergeCells(target: Float64Array, other: Float64Array, layout: CellRoles): void {
  for (let at = 0; at < target.length; at += layout.stride) {
    for (const offset of layout.sums) target[at + offset]! += other[at + offset]!;
    for (const offset of layout.minima) {
      if (other[at + offset]! < target[at + offset]!) target[at + offset] = other[at + offset]!;
    }
    for (const offset of layout.maxima) {
      if (other[at + offset]! > target[at + offset]!) target[at + offset] = other[at + offset]!;
    }
  }
}
