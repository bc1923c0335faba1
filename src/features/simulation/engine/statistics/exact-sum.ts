/**
 * Sums that are the same bits in every order and grouping. A value is split into a multiple of a coarse grid and a
 * multiple of a fine one, and each part is summed on its own: sums of so few multiples of one grid are exact, and
 * exact sums commute. The grids follow from a bound on the values known before the run: 2⁻³⁸ and 2⁻⁷⁶ of it.
 * What is lost is below 2⁻⁷⁷ of the bound per value, that is nothing a double of that size could hold.
 */
export interface ExactGrid {
  /** Adding and subtracting it rounds to the coarse grid. */
  readonly coarse: number;
  readonly fine: number;
}

const TWO_TO_MINUS_38 = 1 / 274877906944;
/** 1.5 · 2⁵²: a double this many grid steps away from 0 has one step as its ulp, on both sides. */
const ROUNDING_OFFSET = 6755399441055744;

/** @param most every value summed is at most this large, either way */
export function exactGrid(most: number): ExactGrid {
  // A power of two with room to spare: a value's own rounding must not carry it over.
  let bound = 1;
  while (bound < 2 * most) bound *= 2;
  const coarseStep = bound * TWO_TO_MINUS_38;
  return { coarse: coarseStep * ROUNDING_OFFSET, fine: coarseStep * TWO_TO_MINUS_38 * ROUNDING_OFFSET };
}
