import { compileScenario, floorPeople, workPerIteration } from "./engine/index.ts";
import { engineInputOf } from "./coordinator.ts";
import { workUnitsPerSecond, maxWorkUnits, usDollarsPerCpuSecond } from "./limits.ts";
import type { SimulationRequest } from "./repository.ts";

export interface Estimate {
  /** Class-months: what the engine's cost is proportional to. */
  readonly workUnits: number;
  /** Of one core. */
  readonly cpuSeconds: number;
  readonly usDollars: number;
  /** People left once all that can be learnt is learnt: no reduction goes below it for long. */
  readonly floorPeople: number;
  readonly withinBudget: boolean;
}

/** What a run would cost, without running it. */
export function estimateRun(request: SimulationRequest): Estimate {
  const scenario = compileScenario(engineInputOf(request));
  const workUnits = Math.ceil(workPerIteration(scenario) * request.iterations);
  const cpuSeconds = workUnits / workUnitsPerSecond;
  return {
    workUnits,
    cpuSeconds,
    usDollars: cpuSeconds * usDollarsPerCpuSecond,
    floorPeople: floorPeople(scenario),
    withinBudget: workUnits <= maxWorkUnits,
  };
}
