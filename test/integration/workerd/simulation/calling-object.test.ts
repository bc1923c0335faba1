import { describe, expect, it } from "vitest";
import { callingObject } from "../../../../src/platform/durable-objects/calling-object.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";

const ask = (call: () => Promise<unknown>) => callingObject(new RequestMeter(Date.now), call, 50);
const faultOf = (fields: object) => () => Promise.reject(Object.assign(new Error("of the platform"), fields));

describe("an object that is called", () => {
  it("is unavailable when it does not answer, as when it is lost, reset or overloaded", async () => {
    const silent = () => new Promise(() => undefined);
    const lost = [{}, { remote: true, retryable: true }, { remote: true, overloaded: true }].map(faultOf);
    for (const call of [silent, ...lost])
      await expect(ask(call)).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
  });

  it("hands on its answer, and what it threw itself", async () => {
    expect(await ask(async () => "answer")).toBe("answer");
    await expect(ask(faultOf({ remote: true }))).rejects.toThrow("of the platform");
  });
});
