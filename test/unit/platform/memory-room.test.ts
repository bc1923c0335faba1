import { describe, expect, it } from "vitest";
import { createRoom } from "../../../src/platform/memory-room.ts";

/** A room of two places on a clock of its own: waiting moves it on, and lets others go on meanwhile. */
function room() {
  let now = 0;
  const enter = createRoom({
    places: 2,
    longestStayMs: 1_000,
    longestWaitMs: 500,
    now: () => now,
    wait: async (milliseconds) => {
      now += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  return { enter, pass: (milliseconds: number) => (now += milliseconds) };
}

describe("the room for whole documents", () => {
  it("has two in at once, and all of ten in the end, whether they fail or not", async () => {
    const { enter } = room();
    let inside = 0;
    let most = 0;
    const work = async (number: number): Promise<number> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (number % 3 === 0) throw new Error("failed");
      return number;
    };
    const ends = await Promise.allSettled(Array.from({ length: 10 }, (_, number) => enter(() => work(number))));
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(4);
    expect([most, inside]).toEqual([2, 0]);
  });

  it("tells who has waited long to come back, and gives the place of who never left to the next after a while", async () => {
    const { enter, pass } = room();
    const never = () => new Promise(() => undefined);
    for (const cutOff of [never, never]) void enter(cutOff);
    await expect(enter(async () => "in")).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
    pass(500);
    expect(await enter(async () => "in")).toBe("in");
  });
});
