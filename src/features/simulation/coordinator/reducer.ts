import {
  iterationsDone,
  iterationsTotal,
  type FailureCode,
  type RunState,
  type ShardPlan,
  type ShardReport,
  type ShardState,
} from "./state.ts";

/** Merging or storing that was started this often and never finished makes the run fail. */
const maxAttempts = 6;
/** A database that cannot be asked for this long makes the run fail, once it can be told. */
export const longestWaitMs = 24 * 3600_000;
/** The pause before the next try doubles from one to the other. */
const pauseMs = { first: 1_000, most: 60_000 } as const;
const maxDoublings = 6;
/** A shard that was not heard of for so long is asked again, which also wakes it. */
export const silenceMs = 30_000;
/** Asked so often without having done any more, a shard is given up: about an hour, whatever else goes on. */
const maxAsked = 120;

export type RunEvent =
  /** An alarm or a poke. `engine` is the one that is deployed now; `anew`: the first alarm since the object came to life. */
  | { readonly type: "woken"; readonly at: number; readonly engine: string; readonly anew: boolean }
  /** The database has said what to compute, and it is stored. */
  | { readonly type: "begun"; readonly engine: string; readonly plan: ShardPlan }
  /** The database has no such run, or it has ended there. */
  | { readonly type: "gone" }
  | { readonly type: "asking"; readonly shard: number; readonly at: number }
  | { readonly type: "reported"; readonly shard: number; readonly report: ShardReport; readonly at: number }
  /** A shard that was finished does not have its sums any more. */
  | { readonly type: "missing"; readonly shard: number }
  /** Merging or storing begins. */
  | { readonly type: "attempting" }
  /** Written together with the merged sums. */
  | { readonly type: "merged"; readonly shard: number }
  /** The database knows the end. */
  | { readonly type: "stored" }
  /** Cancelled or deleted: the database knows already. */
  | { readonly type: "stopped" }
  /** `database`: it could not do its part, which is no fault of the run. Else merging or storing threw. */
  | { readonly type: "broke"; readonly database: boolean; readonly at: number };

/** Done along with writing the state, once. */
export type Effect =
  /** Goes into the run's log, at each whole percent. */
  | { readonly type: "tell"; readonly done: number; readonly total: number }
  /** The shard may forget what it has of this engine. If it does not hear of it, its next report is answered so. */
  | { readonly type: "release"; readonly shard: number; readonly engine: string };

export interface Step {
  readonly state: RunState;
  readonly effects: readonly Effect[];
}

/** What has to be done; said again until an event says that it is done. */
export type Work =
  | { readonly type: "begin" | "store" | "fail" }
  | { readonly type: "ask" | "collect"; readonly shard: number };

/**
 * The run's whole logic: what happened makes of one state the next. Pure. Events may be lost, come twice, late and in any
 * order: what does not fit the state changes nothing, and an ended run stays ended.
 */
export function reduce(state: RunState, event: RunEvent): Step {
  if (state.phase === "ended") return { state, effects: [] };
  const next = advance(state, event);
  return next === state ? { state, effects: [] } : announce(state, next);
}

function advance(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case "woken":
      return woken(state, event);
    case "begun":
      return state.phase === "beginning" ? begun(state, event.engine, event.plan) : state;
    case "gone":
    case "stopped":
      return { ...state, phase: "ended" };
    case "attempting":
      return state.attempts >= maxAttempts
        ? failing(state, "attempts_exhausted")
        : { ...state, attempts: state.attempts + 1 };
    case "stored":
      return state.phase === "storing" || state.phase === "failing" ? { ...state, phase: "ended" } : state;
    case "broke":
      return broke(state, event.database, event.at);
    case "asking":
    case "reported":
    case "missing":
    case "merged":
      return state.phase === "computing" ? advanceShard(state, event) : state;
  }
}

function woken(state: RunState, { at, engine, anew }: Extract<RunEvent, { readonly type: "woken" }>): RunState {
  if (state.phase !== "failing" && at - state.createdAt > longestWaitMs) return failing(state, "waited_too_long");
  // Sums of two engines do not go together: it starts over.
  const outdated = state.engine !== null && state.engine !== engine && state.phase !== "failing";
  if (outdated) return newStart(state);
  // What it asked last may have died with it, unheard; asking a shard that did hear changes nothing.
  return anew && state.phase === "computing" ? silent(state, at) : state;
}

/** Shards that compute count as silent for too long. */
const silent = (state: RunState, at: number): RunState => ({
  ...state,
  shards: state.shards.map((shard) =>
    shard.step === "computing" ? { ...shard, heardAt: Math.min(shard.heardAt, at - silenceMs) } : shard,
  ),
});

const newStart = (state: RunState): RunState => ({
  ...state,
  phase: "beginning",
  engine: null,
  shards: [],
  attempts: 0,
  toldPercent: -1,
});

const failing = (state: RunState, failure: FailureCode): RunState => ({ ...state, phase: "failing", failure });

function begun(state: RunState, engine: string, { ranges, atOnce }: ShardPlan): RunState {
  const shards = ranges.map(({ from, to }): ShardState => ({
    from,
    to,
    step: "waiting",
    done: 0,
    heardAt: 0,
    asked: 0,
  }));
  return { ...state, phase: "computing", engine, atOnce, shards, faults: 0, notBefore: 0 };
}

function broke(state: RunState, database: boolean, at: number): RunState {
  const pause = Math.min(pauseMs.most, pauseMs.first * 2 ** Math.min(state.faults, maxDoublings));
  return {
    ...state,
    // What waits for somebody else is no failed attempt.
    attempts: database ? 0 : state.attempts,
    faults: state.faults + 1,
    notBefore: at + pause,
  };
}

type ShardEvent = Extract<RunEvent, { readonly shard: number }>;

function advanceShard(state: RunState, event: ShardEvent): RunState {
  const shard = state.shards[event.shard];
  if (shard === undefined || shard.step === "merged") return state;
  switch (event.type) {
    case "asking":
      if (shard.asked >= maxAsked) return failing(state, "shards_silent");
      return withShard(state, event.shard, {
        ...shard,
        step: shard.step === "waiting" ? "computing" : shard.step,
        heardAt: event.at,
        asked: shard.asked + 1,
      });
    case "reported":
      return reported(state, event.shard, shard, event);
    case "missing":
      return shard.step === "finished"
        ? withShard(state, event.shard, { ...shard, step: "waiting", done: 0, asked: 0 })
        : state;
    case "merged":
      return shard.step === "finished" ? merged(state, event.shard, shard) : state;
  }
}

function reported(
  state: RunState,
  index: number,
  shard: ShardState,
  { report, at }: { report: ShardReport; at: number },
): RunState {
  if (report.engine !== state.engine || shard.step === "finished") return state;
  if (report.step === "failed") return failing(state, "attempts_exhausted");
  const size = shard.to - shard.from;
  const done = report.step === "finished" ? size : Math.min(size, Math.max(shard.done, report.done));
  const asked = done > shard.done ? 0 : shard.asked;
  const step = report.step === "finished" ? "finished" : "computing";
  return withShard(state, index, { ...shard, step, done, asked, heardAt: Math.max(shard.heardAt, at) });
}

function merged(state: RunState, index: number, shard: ShardState): RunState {
  const next = withShard(state, index, { ...shard, step: "merged" });
  const all = next.shards.every(({ step }) => step === "merged");
  return { ...next, phase: all ? "storing" : "computing", attempts: 0, faults: 0, notBefore: 0 };
}

const withShard = (state: RunState, index: number, shard: ShardState): RunState => ({
  ...state,
  shards: state.shards.with(index, shard),
});

/** What a change of state means to others. */
function announce(before: RunState, after: RunState): Step {
  const effects: Effect[] = [];
  const { engine } = before;
  const isOver = after.phase === "ended" || after.phase === "failing" || after.engine !== engine;
  before.shards.forEach(({ step }, shard) => {
    const wasHeld = step === "computing" || step === "finished";
    const isMerged = after.shards[shard]?.step === "merged";
    if (engine !== null && wasHeld && (isMerged || isOver)) effects.push({ type: "release", shard, engine });
  });
  const [total, done] = [iterationsTotal(after), iterationsDone(after)];
  const percent = total === 0 ? -1 : Math.floor((100 * done) / total);
  if (percent <= after.toldPercent) return { state: after, effects };
  effects.push({ type: "tell", done, total });
  return { state: { ...after, toldPercent: percent }, effects };
}

/** What to do now, from the state alone: a crash between two steps loses no step. */
export function dueWork(state: RunState, at: number): Work[] {
  if (state.phase === "ended" || state.notBefore > at) return [];
  if (state.phase === "beginning") return [{ type: "begin" }];
  if (state.phase === "storing") return [{ type: "store" }];
  if (state.phase === "failing") return [{ type: "fail" }];
  const underWay = state.shards.filter(({ step }) => step === "computing" || step === "finished").length;
  let room = state.atOnce - underWay;
  const work: Work[] = [];
  for (const [shard, { step, heardAt }] of state.shards.entries()) {
    if (step === "finished") work.push({ type: "collect", shard });
    else if (step === "computing" && heardAt + silenceMs <= at) work.push({ type: "ask", shard });
    else if (step === "waiting" && room-- > 0) work.push({ type: "ask", shard });
  }
  return work;
}

/** When to look again if nothing is heard before; undefined for an ended run. */
export function nextLook(state: RunState, at: number): number | undefined {
  if (state.phase === "ended") return undefined;
  if (state.notBefore > at) return state.notBefore;
  if (dueWork(state, at).length > 0) return at;
  const heard = state.shards.filter(({ step }) => step === "computing").map(({ heardAt }) => heardAt);
  return Math.min(at, ...heard) + silenceMs;
}

/** Whether a shard may forget its sums of an engine: the run has them, or will not want them any more. */
export function mayRelease(state: RunState, shard: number, engine: string): boolean {
  if (state.phase === "beginning") return false;
  const known = state.shards[shard];
  if (state.phase !== "computing" || known === undefined) return true;
  return state.engine === engine && known.step === "merged";
}
