import { describe, expect, it } from "vitest";
import {
  maxShards,
  maxShardsAtOnce,
  memoryAtOnceBytes,
  planShards,
  workPerShard,
} from "../../../src/features/simulation/coordinator/plan.ts";
import {
  dueWork,
  longestWaitMs,
  mayRelease,
  nextLook,
  reduce,
  silenceMs,
  type RunEvent,
} from "../../../src/features/simulation/coordinator/reducer.ts";
import { newRun, type RunState } from "../../../src/features/simulation/coordinator/state.ts";
import { sweepRunsAtOnce } from "../../../src/features/simulation/limits.ts";

const at = 5_000;
const plan = {
  ranges: [
    { from: 0, to: 100 },
    { from: 100, to: 200 },
    { from: 200, to: 300 },
  ],
  atOnce: 2,
};
const finished = (shard: number, engine = "1"): RunEvent => ({
  type: "reported",
  shard,
  report: { engine, step: "finished", done: 100 },
  at,
});
const computing = (shard: number, done: number): RunEvent => ({
  type: "reported",
  shard,
  report: { engine: "1", step: "computing", done },
  at,
});
const after = (state: RunState, ...events: RunEvent[]): RunState =>
  events.reduce((now, event) => reduce(now, event).state, state);
const begun = after(newRun(0), { type: "begun", engine: "1", plan });
const asked = after(begun, { type: "asking", shard: 0, at }, { type: "asking", shard: 1, at });
const merged = [0, 1, 2].reduce(
  (state, shard) => after(state, { type: "asking", shard, at }, finished(shard), { type: "merged", shard }),
  begun,
);

const everyEvent: RunEvent[] = [
  { type: "woken", at: 2 * longestWaitMs, engine: "2", anew: true },
  { type: "begun", engine: "1", plan },
  { type: "gone" },
  { type: "asking", shard: 0, at },
  finished(0),
  { type: "missing", shard: 0 },
  { type: "attempting" },
  { type: "merged", shard: 0 },
  { type: "stored" },
  { type: "stopped" },
  { type: "broke", database: false, at },
];

describe("a run's coordinator", () => {
  it("asks the database first, then as many shards as may be under way, then the next as one is merged", () => {
    expect(dueWork(newRun(0), at)).toEqual([{ type: "begin" }]);
    expect(dueWork(begun, at)).toEqual([0, 1].map((shard) => ({ type: "ask", shard })));
    expect(dueWork(asked, at)).toEqual([]);
    expect(nextLook(asked, at)).toBe(at + silenceMs);
    const one = after(asked, finished(0));
    expect(dueWork(one, at)).toEqual([{ type: "collect", shard: 0 }]);
    expect(dueWork(after(one, { type: "merged", shard: 0 }), at)).toEqual([{ type: "ask", shard: 2 }]);
    expect(dueWork(merged, at)).toEqual([{ type: "store" }]);
    expect(after(merged, { type: "stored" }).phase).toBe("ended");
  });

  it("asks again what has been silent, and gives it up after an hour of that", () => {
    let state = asked;
    let time = at;
    for (let turn = 0; turn < 119; turn += 1) {
      time += silenceMs;
      expect(dueWork(state, time)).toContainEqual({ type: "ask", shard: 0 });
      state = after(state, { type: "asking", shard: 0, at: time });
    }
    // Heard of, but not getting on: no reason to believe in it. Getting on: one more hour.
    const last = { type: "asking", shard: 0, at: time } as const;
    expect(after(state, computing(0, 0), last)).toMatchObject({ phase: "failing", failure: "shards_silent" });
    expect(after(state, computing(0, 1), last).phase).toBe("computing");
  });

  it("asks at once, when it comes to life again, what it had asked before: the call may have died with it", () => {
    const woken = { type: "woken", at, engine: "1" } as const;
    expect(dueWork(after(asked, { ...woken, anew: false }), at)).toEqual([]);
    const again = after(asked, finished(0), { ...woken, anew: true });
    expect(dueWork(again, at)).toEqual([
      { type: "collect", shard: 0 },
      { type: "ask", shard: 1 },
    ]);
  });

  it("counts attempts that were started and never finished, and not what the database could not do", () => {
    let state = merged;
    for (let attempt = 0; attempt < 6; attempt += 1) state = after(state, { type: "attempting" });
    expect(state.phase).toBe("storing");
    expect(after(state, { type: "attempting" })).toMatchObject({ phase: "failing", failure: "attempts_exhausted" });
    const away = after(state, { type: "broke", database: true, at }, { type: "attempting" });
    expect([away.phase, away.attempts]).toEqual(["storing", 1]);
  });

  it("waits longer after each fault, up to a minute, and does nothing in between", () => {
    let state = merged;
    const pauses: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      state = after(state, { type: "broke", database: true, at });
      pauses.push(state.notBefore - at);
      expect(dueWork(state, at)).toEqual([]);
      expect(nextLook(state, at)).toBe(state.notBefore);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => 1_000 * seconds));
  });

  it("fails what has waited for a day, wherever it stands", () => {
    const late: RunEvent = { type: "woken", at: longestWaitMs + 1, engine: "1", anew: false };
    for (const state of [newRun(0), asked, merged])
      expect(after(state, late)).toMatchObject({ phase: "failing", failure: "waited_too_long" });
    expect(dueWork(after(asked, late), at)).toEqual([{ type: "fail" }]);
  });

  it("starts over with another engine, and tells the shards to forget the old one's sums", () => {
    const { state, effects } = reduce(asked, { type: "woken", at, engine: "2", anew: false });
    expect(state).toMatchObject({ phase: "beginning", engine: null, shards: [] });
    expect(effects).toEqual([0, 1].map((shard) => ({ type: "release", shard, engine: "1" })));
    const again = after(
      state,
      { type: "begun", engine: "2", plan },
      { type: "asking", shard: 0, at },
      finished(0, "1"),
    );
    expect(again.shards[0]!.step).toBe("computing");
    // A shard that the new plan has no use for may go; one that will be asked for the new engine stays.
    expect([mayRelease(again, 0, "1"), mayRelease(again, 3, "1")]).toEqual([false, true]);
  });

  it("takes no notice of what does not fit: late, doubled, or of a shard it does not know", () => {
    for (const event of [finished(7), { type: "merged", shard: 0 }, { type: "missing", shard: 0 }] as RunEvent[])
      expect(reduce(asked, event).state).toBe(asked);
    expect(reduce(asked, { type: "begun", engine: "1", plan }).state).toBe(asked);
    expect(reduce(begun, { type: "stored" }).state).toBe(begun);
    const one = after(asked, finished(0), { type: "merged", shard: 0 });
    for (const event of [finished(0), computing(0, 3), { type: "merged", shard: 0 }, { type: "missing", shard: 0 }])
      expect(reduce(one, event as RunEvent).state).toBe(one);
    const halfway = after(asked, computing(0, 50));
    expect(after(halfway, computing(0, 40)).shards[0]!.done).toBe(50);
    expect(after(halfway, computing(0, 1_000)).shards[0]!.done).toBe(100);
  });

  it("fails with a shard that gave up", () => {
    const gaveUp: RunEvent = { type: "reported", shard: 1, report: { engine: "1", step: "failed", done: 0 }, at };
    const { state, effects } = reduce(asked, gaveUp);
    expect(state).toMatchObject({ phase: "failing", failure: "attempts_exhausted" });
    expect(effects.map(({ type }) => type)).toEqual(["release", "release"]);
  });

  it("asks a finished shard again that has lost its sums", () => {
    const lost = after(asked, finished(0), { type: "missing", shard: 0 });
    expect(dueWork(lost, at)).toEqual([{ type: "ask", shard: 0 }]);
  });

  it("stays ended, whatever comes", () => {
    const ended = after(asked, { type: "stopped" });
    expect(ended.phase).toBe("ended");
    for (const event of everyEvent) expect(reduce(ended, event)).toEqual({ state: ended, effects: [] });
    expect([dueWork(ended, at), nextLook(ended, at)]).toEqual([[], undefined]);
  });

  it("tells of each whole percent once", () => {
    const told = (state: RunState, event: RunEvent) =>
      reduce(state, event).effects.filter(({ type }) => type === "tell");
    expect(told(newRun(0), { type: "begun", engine: "1", plan })).toEqual([{ type: "tell", done: 0, total: 300 }]);
    expect(told(asked, computing(0, 2))).toEqual([]);
    expect(told(asked, computing(0, 3))).toEqual([{ type: "tell", done: 3, total: 300 }]);
    expect(told(after(asked, computing(0, 3)), computing(1, 2))).toEqual([]);
  });
});

describe("the plan of a run's shards", () => {
  it("shares all iterations out, evenly, in 1 to 64 ranges, more for more work", () => {
    for (const [iterations, work, shards] of [
      [1, 1e9, 1],
      [200, 100, 1],
      [10_000, workPerShard / 10_000, 1],
      [10_000, (3 * workPerShard) / 10_000, 3],
      [10_000, 1e6, maxShards],
      [40, workPerShard, 40],
    ] as const) {
      const { ranges } = planShards(iterations, work, 1e6);
      expect(ranges).toHaveLength(shards);
      expect(ranges.map(({ from }) => from)).toEqual([0, ...ranges.slice(0, -1).map(({ to }) => to)]);
      expect(ranges.at(-1)!.to).toBe(iterations);
      const sizes = ranges.map(({ from, to }) => to - from);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it("lets as many be computed at once as fit the memory, and at least one", () => {
    expect(planShards(9, 1, 1e6).atOnce).toBe(maxShardsAtOnce);
    expect(planShards(9, 1, 20 * 1024 * 1024).atOnce).toBe(2);
    expect(planShards(9, 1, 100 * 1024 * 1024).atOnce).toBe(1);
  });

  it("shares that memory out among the runs of a sweep", () => {
    for (const megabytes of [1, 2.9, 3, 5, 12]) {
      const bytes = megabytes * 1024 * 1024;
      const { atOnce } = planShards(9, 1, bytes, sweepRunsAtOnce);
      expect(atOnce * sweepRunsAtOnce * bytes, `${megabytes} MB`).toBeLessThanOrEqual(memoryAtOnceBytes);
    }
  });
});
