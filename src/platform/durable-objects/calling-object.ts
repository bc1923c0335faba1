import { unavailable } from "../../shared/errors.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { within } from "../../shared/within.ts";

/** Longer than anything an object does between two calls; beyond that it is not coming back. */
export const objectTimeoutMs = 10_000;

/** One call to an object that computes, or sees to computing. It throws for bugs, and for objects that are lost or silent. */
export const callingObject = <T>(meter: CallMeter, call: () => Promise<T>, limitMs = objectTimeoutMs): Promise<T> =>
  meter.track("run", async () => {
    try {
      const answered = await within(
        limitMs,
        call().then((answer) => ({ answer })),
      );
      if (answered === undefined) throw new Error(`no answer within ${limitMs} ms`);
      return answered.answer;
    } catch (error) {
      // What the object itself threw is a bug of ours. A lost, reset or overloaded object is none.
      const { remote, retryable, overloaded, durableObjectReset } = error as Partial<Record<string, boolean>>;
      if (remote === true && !(retryable || overloaded || durableObjectReset)) throw error;
      throw unavailable("The simulation runner", error);
    }
  });
