import { toWireId } from "../runs/wire.ts";
import { differenceOf } from "./difference.ts";
import type { ComparableRun } from "./repository.ts";
import type { Comparison } from "./schemas.ts";

/** Runs side by side, each with what it has to the first. */
export const comparisonToWire = (runs: readonly ComparableRun[]): Comparison => {
  const [first, ...others] = runs;
  const differences = others.flatMap((run) =>
    first === undefined ? [] : [{ id: toWireId(run.id), to: toWireId(first.id), ...differenceOf(run, first) }],
  );
  return {
    paired: differences.every(({ paired }) => paired),
    runs: runs.map((run) => ({
      id: toWireId(run.id),
      name: run.name,
      model: run.model,
      engine_version: run.engineVersion,
      seed: run.seed,
      n_iterations: run.iterations,
      n_months: run.months,
      summary: run.summary,
      results: { columns: run.organisation },
    })),
    differences,
  };
};
