import {
  compileScenario,
  createAccumulator,
  createRunner,
  restoreAccumulator,
  serialiseAccumulator,
  workPerIteration,
  type EngineInput,
} from "./engine/index.ts";
import { inputLimits } from "./limits.ts";
import { runOutcome, type RunOutcome } from "./outcome.ts";
import type { SimulationRequest } from "./repository.ts";

export { ENGINE_VERSION } from "./engine/index.ts";

/** Work units between two looks at the outside world: a few hundredths of a second of one core. */
const workPerBurst = 250_000;
/** Work units between two checkpoints: about a second of one core. A killed run repeats at most this much. */
const workPerSlice = 10_000_000;

/** A run being computed: pure, synchronous, and the same bytes however it is cut into slices. */
export interface RunComputation {
  readonly iterations: number;
  /** Iterations to do between two checkpoints, and between two yields. */
  readonly perSlice: number;
  readonly perBurst: number;
  /** Adds iterations `from` … `to − 1` to the sums. */
  compute(from: number, to: number): void;
  /** The sums so far, to be handed to `createRunComputation` later. */
  checkpoint(): Uint8Array;
  outcome(): RunOutcome;
}

export function engineInputOf(
  request: Pick<SimulationRequest, "input" | "workloads" | "model" | "months" | "seed">,
): EngineInput {
  const { input } = request;
  const workloadsOf = new Map(request.workloads.map(({ role, workloads }) => [role, workloads]));
  return {
    model: request.model,
    oversight: request.model === "conserving" ? (input.oversight ?? inputLimits.oversight.default) : 0,
    learnFactor: input.learn_factor ?? input.automation_factor,
    actFactor: input.act_factor ?? input.automation_factor,
    months: request.months,
    seed: request.seed,
    roles: input.roles.map(({ role, count, salary }) => ({
      name: role,
      count,
      salary,
      workloads: (workloadsOf.get(role) ?? []).map(({ Name, Type, Skill, Time }) => ({
        name: Name,
        auto: Type === "Auto",
        skill: Skill,
        time: Time,
      })),
    })),
  };
}

/** `saved` is an earlier checkpoint of the same run and engine version. */
export function createRunComputation(request: SimulationRequest, saved: Uint8Array | undefined): RunComputation {
  const input = engineInputOf(request);
  const scenario = compileScenario(input);
  const sums = saved === undefined ? createAccumulator(scenario) : restoreAccumulator(scenario, saved);
  const runner = createRunner(scenario);
  const work = Math.max(1, workPerIteration(scenario));
  return {
    iterations: request.iterations,
    perSlice: Math.max(1, Math.floor(workPerSlice / work)),
    perBurst: Math.max(1, Math.floor(workPerBurst / work)),
    compute: (from, to) => void runner.run(from, to, sums),
    checkpoint: () => serialiseAccumulator(sums),
    outcome: () => runOutcome(request.warnings, input, scenario, sums),
  };
}
