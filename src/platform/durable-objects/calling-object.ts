import { unavailable } from "../../shared/errors.ts";
import type { CallMeter } from "../../shared/tracing.ts";

/** Longer than anything an object does between two calls; beyond that it is not coming back. */
export const objectTimeoutMs = 10_000;

/** One call to an object that computes, or sees to computing. It throws for bugs, and for objects that are lost or silent. */
export const callingObject = <T>(meter: CallMeter, call: () => Promise<T>, limitMs = objectTimeoutMs): Promise<T> =>
  meter.track("run", async () => {
    const answered = new AbortController();
    try {
      return await Promise.race([call(), silence(limitMs, answered.signal)]);
    } catch (error) {
      // What the object itself threw is a bug of ours. A lost, reset or overloaded object is none.
      const { remote, retryable, overloaded, durableObjectReset } = error as Partial<Record<string, boolean>>;
      if (remote === true && !(retryable || overloaded || durableObjectReset)) throw error;
      throw unavailable("The simulation runner", error);
    } finally {
      answered.abort();
    }
  });

async function silence(limitMs: number, answered: AbortSignal): Promise<never> {
  await scheduler.wait(limitMs, { signal: answered });
  throw new Error(`no answer within ${limitMs} ms`);
}
