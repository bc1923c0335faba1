import { unavailable } from "../../shared/errors.ts";
import type { CallMeter } from "../../shared/tracing.ts";

/** One call to an object that computes, or sees to computing. It throws for bugs and lost objects only. */
export const callingObject = <T>(meter: CallMeter, call: () => Promise<T>): Promise<T> =>
  meter.track("run", async () => {
    try {
      return await call();
    } catch (error) {
      // What the object itself threw is a bug of ours. A lost, reset or overloaded object is none.
      const { remote, retryable, overloaded, durableObjectReset } = error as Partial<Record<string, boolean>>;
      if (remote === true && !(retryable || overloaded || durableObjectReset)) throw error;
      throw unavailable("The simulation runner", error);
    }
  });
