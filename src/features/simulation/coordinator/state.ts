/** One shard of a run, as the run knows it: iterations `from` … `to − 1`, computed by an object of its own. */
export interface ShardState {
  readonly from: number;
  readonly to: number;
  /** `finished`: all computed, its sums lie with the shard. `merged`: they are in the run's. */
  readonly step: "waiting" | "computing" | "finished" | "merged";
  /** Iterations it is known to have done. */
  readonly done: number;
  /** When it was asked last, or heard of. Milliseconds since 1970, as all times here. */
  readonly heardAt: number;
  /** Asked so often since it was last heard to have done more. */
  readonly asked: number;
}

export type FailureCode = "attempts_exhausted" | "waited_too_long" | "shards_silent";

/**
 * Where a run stands. Everything that must outlive a crash is in here or lies in storage beside it (what to compute, the
 * merged sums); nothing of it is in memory alone.
 */
export interface RunState {
  /** `beginning` asks the database what to compute; `storing` and `failing` tell it how the run ended. */
  readonly phase: "beginning" | "computing" | "storing" | "failing" | "ended";
  readonly createdAt: number;
  /** The engine that computes it; null until it has begun. */
  readonly engine: string | null;
  /** Shards that may be under way at once. */
  readonly atOnce: number;
  readonly shards: readonly ShardState[];
  /** Times that merging or storing was started since it last worked: written before the work. */
  readonly attempts: number;
  /** Times in a row that a step did not work; only stretches the pause before the next try. */
  readonly faults: number;
  /** The end of that pause. */
  readonly notBefore: number;
  /** Why it failed; null unless `failing`, or `ended` after it. */
  readonly failure: FailureCode | null;
  /** The whole percent that was told last; −1 for none. */
  readonly toldPercent: number;
}

/** How a run's iterations are shared out. */
export interface ShardPlan {
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
  readonly atOnce: number;
}

/** What a shard says of itself, when asked and unasked. `failed`: it gave up after many attempts. */
export interface ShardReport {
  /** Of the sums it holds. */
  readonly engine: string;
  readonly step: "computing" | "finished" | "failed";
  readonly done: number;
}

export const newRun = (createdAt: number): RunState => ({
  phase: "beginning",
  createdAt,
  engine: null,
  atOnce: 0,
  shards: [],
  attempts: 0,
  faults: 0,
  notBefore: 0,
  failure: null,
  toldPercent: -1,
});

export const iterationsDone = ({ shards }: RunState): number => shards.reduce((sum, { done }) => sum + done, 0);
export const iterationsTotal = ({ shards }: RunState): number => shards.at(-1)?.to ?? 0;

/** What a person is told of a failure. */
export const failureTexts: Readonly<Record<FailureCode, string>> = {
  attempts_exhausted:
    "The run could not be computed after several attempts. Tell us its id; starting it again may work.",
  waited_too_long: "The results could not be stored for a day. Start the run again.",
  shards_silent: "A part of the run was not heard of for an hour. Start the run again.",
};
