import { byOutcome, counts, toDistribution } from "../results/outcomes.ts";
import type { Distribution, OutcomeName } from "../results/summary-schemas.ts";
import type { ComparableRun } from "./repository.ts";
import type { Comparison, pairingFields } from "./schemas.ts";

type Difference = Omit<Comparison["differences"][number], "id" | "to">;

/** What a run has to the first: future by future where both had the same luck, else of means alone. */
export function differenceOf(run: ComparableRun, first: ComparableRun): Difference {
  const differs = differsIn(run, first);
  const paired = differs.length === 0;
  const between = paired ? pairedDifference : differenceOfMeans;
  return { paired, differs_in: differs, outcomes: byOutcome((name) => between(name, run, first)) };
}

function differsIn(one: ComparableRun, other: ComparableRun): (typeof pairingFields)[number][] {
  const same = {
    seed: one.seed === other.seed,
    engine_version: one.engineVersion === other.engineVersion,
  };
  return (Object.keys(same) as (keyof typeof same)[]).filter((field) => !same[field]);
}

/** Over the iterations that both have and that count in both: those of the longer run beyond the shorter have no other. */
function pairedDifference(name: OutcomeName, run: ComparableRun, first: ComparableRun): Distribution {
  const before = first.outcomes[name];
  const differences = run.outcomes[name].flatMap((value, iteration) => {
    const other = before[iteration];
    return other !== undefined && counts(name, value) && counts(name, other) ? [value - other] : [];
  });
  return toDistribution(Float64Array.from(differences));
}

/** Its standard error is that of independent runs: √(e₁² + e₂²). */
function differenceOfMeans(name: OutcomeName, run: ComparableRun, first: ComparableRun): Distribution {
  const [one, other] = [run.summary.distributions[name], first.summary.distributions[name]];
  return {
    iterations: 0,
    mean: one.mean === null || other.mean === null ? null : one.mean - other.mean,
    standard_error:
      one.standard_error === null || other.standard_error === null
        ? null
        : Math.sqrt(one.standard_error * one.standard_error + other.standard_error * other.standard_error),
    quantiles: [],
  };
}
