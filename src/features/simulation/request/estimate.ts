import { floorPeople, workPerIteration, type Scenario } from "../engine/index.ts";
import { maxWorkUnits, secondsBesideComputing, usDollarsPerCpuSecond, workUnitsPerSecond } from "../limits.ts";

export interface Cost {
  /** Class-months: what the engine's cost is proportional to. */
  readonly workUnits: number;
  /** Of one core. Reckoned from the work, never measured: a Worker's clock stands still while it computes. */
  readonly cpuSeconds: number;
  /** Of computing alone. */
  readonly usDollars: number;
}

export interface Estimate extends Cost {
  /** From start to end, as if one core did it all. */
  readonly wallSeconds: number;
  /** People left once all that can be learnt is learnt: no reduction goes below it for long. */
  readonly floorPeople: number;
  readonly withinBudget: boolean;
}

export function costOf(workUnits: number): Cost {
  const cpuSeconds = workUnits / workUnitsPerSecond;
  return { workUnits, cpuSeconds, usDollars: cpuSeconds * usDollarsPerCpuSecond };
}

/** What a run would cost, without running it. */
export function estimateRun(scenario: Scenario, iterations: number): Estimate {
  const cost = costOf(Math.ceil(workPerIteration(scenario) * iterations));
  return {
    ...cost,
    wallSeconds: cost.cpuSeconds + secondsBesideComputing,
    floorPeople: floorPeople(scenario),
    withinBudget: cost.workUnits <= maxWorkUnits,
  };
}
