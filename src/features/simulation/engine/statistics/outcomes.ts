import { MAX_ITERATIONS } from "../limits.ts";

/** What is kept of every single iteration, in this order. */
export const OUTCOME_COLUMNS = [
  /** People at Step N. */
  "endPeople",
  /** The largest number of people who left in one month. */
  "largestCut",
  /** The first Step that shows fewer people than the one before; 0 if none does. */
  "firstCutMonth",
  /** Steps that show fewer people than the one before. */
  "monthsWithCuts",
  /** Pay saved up to the end, in cash: Σ over Steps 1 … N of a twelfth of (yearly pay at Step 0 − at the Step). */
  "paySaved",
  /** People at Step N asked for more than their time. */
  "overloadedPeople",
] as const;

export type OutcomeColumn = (typeof OUTCOME_COLUMNS)[number];

/** One row: the iteration's index, then the columns. */
export const OUTCOME_STRIDE = 1 + OUTCOME_COLUMNS.length;
const INITIAL_ROWS = 64;

/**
 * The outcomes of iterations, a row each. Kept one by one and not as counters: at the most iterations a run may have they
 * are under a megabyte, their quantiles are exact, and paired runs can be compared iteration by iteration.
 */
export class Outcomes {
  rows = 0;
  cells = new Float64Array(INITIAL_ROWS * OUTCOME_STRIDE);

  /** Appends a row of zeros for an iteration and returns where its columns begin. */
  append(iteration: number): number {
    const at = this.rows * OUTCOME_STRIDE;
    if (at === this.cells.length) this.#reserve(this.rows + 1);
    this.cells[at] = iteration;
    this.rows++;
    return at + 1;
  }

  appendAll(other: Outcomes): void {
    this.#reserve(this.rows + other.rows);
    this.cells.set(other.cells.subarray(0, other.rows * OUTCOME_STRIDE), this.rows * OUTCOME_STRIDE);
    this.rows += other.rows;
  }

  /**
   * The rows by iteration: the one order that does not depend on how the work was cut up.
   *
   * @throws RangeError when an iteration is there twice, which means that a part was merged twice
   */
  sorted(): Float64Array {
    const order = Array.from({ length: this.rows }, (_, row) => row);
    order.sort((a, b) => this.cells[a * OUTCOME_STRIDE]! - this.cells[b * OUTCOME_STRIDE]!);
    const sorted = new Float64Array(this.rows * OUTCOME_STRIDE);
    order.forEach((row, rank) => {
      sorted.set(this.cells.subarray(row * OUTCOME_STRIDE, (row + 1) * OUTCOME_STRIDE), rank * OUTCOME_STRIDE);
      if (rank > 0 && sorted[rank * OUTCOME_STRIDE] === sorted[(rank - 1) * OUTCOME_STRIDE]) {
        throw new RangeError(`simulation engine: iteration ${sorted[rank * OUTCOME_STRIDE]} was counted twice`);
      }
    });
    return sorted;
  }

  #reserve(rows: number): void {
    if (rows > MAX_ITERATIONS) throw new RangeError(`simulation engine: more than ${MAX_ITERATIONS} iterations`);
    if (rows * OUTCOME_STRIDE <= this.cells.length) return;
    const room = Math.min(MAX_ITERATIONS, Math.max(rows, (2 * this.cells.length) / OUTCOME_STRIDE));
    const cells = new Float64Array(room * OUTCOME_STRIDE);
    cells.set(this.cells.subarray(0, this.rows * OUTCOME_STRIDE));
    this.cells = cells;
  }
}
