import { expect, it } from "vitest";
import { sweepFeed, type SweepMoment } from "../../../src/features/simulation/sweeps/events.ts";

/** Of two runs of ten iterations unless told. */
const moment = (counts: object, partlyDone = 0): SweepMoment =>
  ({
    sweep: {
      iterations: 10,
      automationFactors: [0, 1],
      counts: { created: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0, ...counts },
    },
    partlyDone,
  }) as unknown as SweepMoment;

it("a sweep tells of a run that was deleted before it had begun, though nothing else has moved", async () => {
  let now = 0;
  const looks = [moment({ created: 1 }, 0), moment({ in_progress: 1 }, 4), moment({ completed: 1 })];
  const feed = sweepFeed(moment({ created: 2 }), {
    look: () => Promise.resolve(looks.shift()),
    wait: (milliseconds) => Promise.resolve(void (now += milliseconds)),
    clock: { now: () => new Date(now) },
    isLive: () => Promise.resolve(true),
    onFault: () => undefined,
  });
  const told: unknown[] = [];
  for (let after: string | undefined, ended = false; !ended;) {
    const { events, ended: isLast } = await feed.next(after, 10_000);
    for (const { id, event, data } of events) {
      after = id;
      told.push([event, (data as { progress: { iterations_done: number; iterations_total: number } }).progress]);
    }
    ended = isLast;
  }
  expect(told).toEqual([
    ["progress", { iterations_done: 0, iterations_total: 20, fraction: 0 }],
    ["progress", { iterations_done: 0, iterations_total: 10, fraction: 0 }],
    ["progress", { iterations_done: 4, iterations_total: 10, fraction: 0.4 }],
    ["completed", { iterations_done: 10, iterations_total: 10, fraction: 1 }],
  ]);
});
