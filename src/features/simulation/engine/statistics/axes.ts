import { COUNTER_MEMORY_BYTES, ORGANISATION_BINS, ROLE_BINS } from "../limits.ts";
import type { RoleTable } from "../role-table.ts";
import type { Scenario } from "../scenario.ts";

/**
 * How values are told apart by counters: `bins` equal cells of `width` from `low` on. A value is known to half a cell;
 * whole numbers to nothing at all while there are as many cells as numbers.
 */
export interface Axis {
  readonly low: number;
  readonly width: number;
  /** 1 / width. */
  readonly density: number;
  readonly bins: number;
  /** Values are whole numbers, and cells hold `width` of them each. */
  readonly whole: boolean;
}

/** Counted for the organisation, in this order. */
export const ORGANISATION_COUNTED = ["people", "payroll", "rate", "time", "capacity"] as const;
/** Counted for each role, in this order. */
export const ROLE_COUNTED = ["people", "rate", "time", "capacity"] as const;

/** The organisation's axes, in the order of ORGANISATION_COUNTED. */
export function organisationAxes(scenario: Scenario): Axis[] {
  const { roles, initialPeople, initialPayroll } = scenario;
  return [
    wholeAxis(initialPeople, ORGANISATION_BINS),
    axis(0, initialPayroll, ORGANISATION_BINS),
    axis(0, 1, ORGANISATION_BINS),
    axis(0, Math.max(...roles.map((role) => role.timeCeiling)), ORGANISATION_BINS),
    axis(
      Math.min(...roles.map((role) => role.capacityFloor)),
      Math.max(...roles.map((role) => role.capacityCeiling)),
      ORGANISATION_BINS,
    ),
  ];
}

/** A role's axes, in the order of ROLE_COUNTED. */
export function roleAxes(role: RoleTable): Axis[] {
  return [
    wholeAxis(role.people, ROLE_BINS),
    axis(0, 1, ROLE_BINS),
    axis(0, role.timeCeiling, ROLE_BINS),
    axis(role.capacityFloor, role.capacityCeiling, ROLE_BINS),
  ];
}

/** Whether counters for every role fit the memory budget; the organisation's always do. */
export function keepsRoleQuantiles(scenario: Scenario): boolean {
  return 2 * roleCounters(scenario) <= COUNTER_MEMORY_BYTES;
}

export function organisationCounters(scenario: Scenario): number {
  return (scenario.months + 1) * ORGANISATION_COUNTED.length * ORGANISATION_BINS;
}

export function roleCounters(scenario: Scenario): number {
  return scenario.roles.length * (scenario.months + 1) * ROLE_COUNTED.length * ROLE_BINS;
}

/** The cell a value falls into; what lies beyond an end is counted in its last cell. */
export function binOf(axis: Axis, value: number): number {
  const bin = Math.floor((value - axis.low) * axis.density);
  return bin < 0 ? 0 : bin < axis.bins ? bin : axis.bins - 1;
}

/** The middle of a cell. */
export function middleOf(axis: Axis, bin: number): number {
  return axis.whole ? axis.low + bin * axis.width + (axis.width - 1) / 2 : axis.low + (bin + 0.5) * axis.width;
}

/**
 * How far the middle of a cell can be from a value in it. A multiple of some widths is counted a cell too low, since
 * 49 · (1/49) is less than 1: one more then.
 */
export function axisError({ whole, width, density }: Axis): number {
  if (!whole) return width / 2;
  return (width - 1) / 2 + (width * density < 1 ? 1 : 0);
}

function axis(low: number, high: number, bins: number): Axis {
  const width = high > low ? (high - low) / bins : 1;
  return { low, width, density: 1 / width, bins, whole: false };
}

function wholeAxis(most: number, bins: number): Axis {
  const width = Math.ceil((most + 1) / bins);
  return { low: 0, width, density: 1 / width, bins, whole: true };
}
