/**
 * Where the numbers of one Step stand in an accumulator's cells. An average takes four cells from its offset on: the
 * coarse and the fine part of its exact sum, its smallest and its largest value.
 */
export const ROLE_CELL = { peopleSum: 0, peopleMin: 1, peopleMax: 2, rate: 3, time: 7, capacity: 11 } as const;
export const ROLE_STRIDE = 15;

/** The payroll's sum is not kept: it follows exactly from the roles' head counts. */
export const ORGANISATION_CELL = {
  peopleSum: 0,
  peopleMin: 1,
  peopleMax: 2,
  payrollMin: 3,
  payrollMax: 4,
  rate: 5,
  time: 9,
  capacity: 13,
} as const;
export const ORGANISATION_STRIDE = 17;

/** Within an average's four cells. */
export const AVERAGE_CELL = { coarse: 0, fine: 1, min: 2, max: 3 } as const;
const AVERAGE_OFFSETS = { role: [3, 7, 11], organisation: [5, 9, 13] } as const;

/** Per stride: which cells are summed when accumulators merge, which keep the least, which the greatest. */
export interface CellRoles {
  readonly stride: number;
  readonly sums: readonly number[];
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
}

export const ROLE_CELLS: CellRoles = {
  stride: ROLE_STRIDE,
  sums: [0, ...AVERAGE_OFFSETS.role.flatMap((at) => [at, at + 1])],
  minima: [1, ...AVERAGE_OFFSETS.role.map((at) => at + 2)],
  maxima: [2, ...AVERAGE_OFFSETS.role.map((at) => at + 3)],
};

export const ORGANISATION_CELLS: CellRoles = {
  stride: ORGANISATION_STRIDE,
  sums: [0, ...AVERAGE_OFFSETS.organisation.flatMap((at) => [at, at + 1])],
  minima: [1, 3, ...AVERAGE_OFFSETS.organisation.map((at) => at + 2)],
  maxima: [2, 4, ...AVERAGE_OFFSETS.organisation.map((at) => at + 3)],
};
