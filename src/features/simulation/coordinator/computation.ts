import {
  accumulatorBytes,
  compileScenario,
  createAccumulator,
  createRunner,
  mergeInto,
  restoreAccumulator,
  serialiseAccumulator,
  workPerIteration,
  type EngineInput,
} from "../engine/index.ts";
import { inputLimits } from "../limits.ts";
import { runOutcome, type RunOutcome } from "../outcome.ts";
import type { SimulationRequest } from "../repository.ts";
import { planShards } from "./plan.ts";
import type { ShardPlan } from "./state.ts";

export { ENGINE_VERSION } from "../engine/index.ts";

/** Work units between two looks at the outside world: some thousandths of a second of one core. */
const workPerBurst = 80_000;
/** Work units between two words to the run: what progress is told in. */
const workPerReport = 2_000_000;
/**
 * Work units between two checkpoints: about half a second of one core. A killed shard repeats at most this much. Shorter ones
 * would cost more in rows written than in computing.
 */
const workPerSlice = 4_000_000;

/** A shard being computed: pure, synchronous, and the same bytes however it is cut into slices. */
export interface ShardComputation {
  /** Iterations to do between two checkpoints, two reports, and two yields. */
  readonly perSlice: number;
  readonly perReport: number;
  readonly perBurst: number;
  /** Adds iterations `from` … `to − 1` to the sums. */
  compute(from: number, to: number): void;
  /** The sums so far, to be handed to `createShardComputation` or `RunSums.merge` later. */
  checkpoint(): Uint8Array;
}

/** A run's sums as they come in from its shards. Merging is commutative: their order does not show in the bytes. */
export interface RunSums {
  readonly plan: ShardPlan;
  merge(sums: Uint8Array): void;
  checkpoint(): Uint8Array;
  /** @throws RangeError when there are no iterations */
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

/** `saved` is an earlier checkpoint of the same shard and engine version. */
export function createShardComputation(request: SimulationRequest, saved: Uint8Array | undefined): ShardComputation {
  const scenario = compileScenario(engineInputOf(request));
  const sums = saved === undefined ? createAccumulator(scenario) : restoreAccumulator(scenario, saved);
  const runner = createRunner(scenario);
  const work = Math.max(1, workPerIteration(scenario));
  const iterationsIn = (units: number): number => Math.max(1, Math.floor(units / work));
  return {
    perSlice: iterationsIn(workPerSlice),
    perReport: iterationsIn(workPerReport),
    perBurst: iterationsIn(workPerBurst),
    compute: (from, to) => void runner.run(from, to, sums),
    checkpoint: () => serialiseAccumulator(sums),
  };
}

/** `saved` is an earlier checkpoint of the same run and engine version. */
export function createRunSums(request: SimulationRequest, saved: Uint8Array | undefined): RunSums {
  const input = engineInputOf(request);
  const scenario = compileScenario(input);
  const sums = saved === undefined ? createAccumulator(scenario) : restoreAccumulator(scenario, saved);
  return {
    plan: planShards(request.iterations, workPerIteration(scenario), accumulatorBytes(scenario)),
    merge: (part) => mergeInto(sums, restoreAccumulator(scenario, part)),
    checkpoint: () => serialiseAccumulator(sums),
    outcome: () => runOutcome(request.warnings, input, scenario, sums),
  };
}
