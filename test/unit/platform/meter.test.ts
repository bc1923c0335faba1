import { describe, expect, it } from "vitest";
import { RequestMeter } from "../../../src/platform/telemetry/meter.ts";

const held = () => {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { done, finish };
};

describe("RequestMeter", () => {
  it("counts calls that overlap as one round, and others as more", async () => {
    let now = 0;
    const meter = new RequestMeter(() => now);
    const [first, second] = [held(), held()];
    const overlapping = [meter.track("postgres", () => first.done), meter.track("redis", () => second.done)];
    now = 10;
    first.finish();
    second.finish();
    await Promise.all(overlapping);
    await expect(meter.track("postgres", () => Promise.reject(new Error("down")))).rejects.toThrow("down");
    expect(meter.rounds).toBe(2);
    expect(meter.serverTiming(25)).toBe(
      'postgres;dur=10;desc="2 calls", redis;dur=10;desc="1 calls", total;dur=25;desc="2 rounds"',
    );
  });
});
