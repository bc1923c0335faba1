import {
  accumulatorBytes,
  compileScenario,
  createAccumulator,
  createRunner,
  mergeInto,
  restoreAccumulator,
  serialiseAccumulator,
  workPerIteration,
} from "../engine/index.ts";
import { sweepRunsAtOnce } from "../limits.ts";
import { engineInputOf, type Question } from "../request/engine-input.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import { runOutcome, type RunOutcome } from "../results/outcome.ts";
import type { SimulationRecord } from "../runs/repository.ts";
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

/** What a run is computed from, as its objects keep it and hand it on. */
export interface RunTask extends Question, Pick<SimulationRequest, "iterations" | "warnings"> {
  /** Of a sweep, whose runs share the memory. */
  readonly inSweep: boolean;
}

/** A request without what is only there to be read: a body of 4 MB may be reasons for the most part. */
export function taskOf({
  sweepId,
  ...request
}: Pick<SimulationRecord, "sweepId" | keyof Question | "iterations" | "warnings">): RunTask {
  const { model, seed, months, iterations, warnings } = request;
  const { automation_factor, learn_factor, act_factor, oversight, roles } = request.input;
  return {
    ...{ model, seed, months, iterations, warnings, inSweep: sweepId !== null },
    input: {
      ...{ automation_factor, learn_factor, act_factor, oversight },
      roles: roles.map(({ role, count, salary }) => ({ role, count, salary })),
    },
    workloads: request.workloads.map(({ role, workloads }) => ({
      role,
      workloads: workloads.map(({ Name, Type, Skill, Time }) => ({ Name, Type, Skill, Time })),
    })),
  };
}

/** The same for a shard, which tells nobody anything: no names of workloads, no warnings. */
export const shardTaskOf = ({ workloads, ...task }: RunTask): RunTask => ({
  ...task,
  warnings: [],
  workloads: workloads.map((role) => ({
    role: role.role,
    workloads: role.workloads.map(({ Type, Skill, Time }) => ({ Name: "", Type, Skill, Time })),
  })),
});

/** `saved` is an earlier checkpoint of the same shard and engine version. */
export function createShardComputation(request: Question, saved: Uint8Array | undefined): ShardComputation {
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
export function createRunSums(request: RunTask, saved: Uint8Array | undefined): RunSums {
  const input = engineInputOf(request);
  const scenario = compileScenario(input);
  const sums = saved === undefined ? createAccumulator(scenario) : restoreAccumulator(scenario, saved);
  return {
    plan: planShards(
      request.iterations,
      workPerIteration(scenario),
      accumulatorBytes(scenario),
      request.inSweep ? sweepRunsAtOnce : 1,
    ),
    merge: (part) => mergeInto(sums, restoreAccumulator(scenario, part)),
    checkpoint: () => serialiseAccumulator(sums),
    outcome: () => runOutcome(request.warnings, input, scenario, sums),
  };
}
