import type { RunKey, SimulationRunner, SimulationRunObject } from "../../features/simulation/index.ts";
import { unavailable } from "../../shared/errors.ts";
import type { CallMeter } from "../../shared/tracing.ts";

/** The namespace of run objects, as far as it is used here. */
export interface RunNamespace {
  getByName(name: string): SimulationRunObject;
}

/** One object a run, named by the run's id. Its methods throw for bugs and lost objects only. */
export function createSimulationRunner(namespace: RunNamespace, meter: CallMeter): SimulationRunner {
  const call = <T>(key: RunKey, use: (run: SimulationRunObject) => Promise<T>): Promise<T> =>
    meter.track("run", async () => {
      try {
        return await use(namespace.getByName(key.simulationId));
      } catch (error) {
        // What the object itself threw is a bug of ours. A lost, reset or overloaded object is none.
        const { remote, retryable, overloaded, durableObjectReset } = error as Partial<Record<string, boolean>>;
        if (remote === true && !(retryable || overloaded || durableObjectReset)) throw error;
        throw unavailable("The simulation runner", error);
      }
    });
  return {
    start: (key) => call(key, (run) => run.start(key)),
    stop: (key) => call(key, (run) => run.stop()),
    progress: (key) => call(key, (run) => run.progress()),
    waitUntilDone: (key, milliseconds) => call(key, (run) => run.waitUntilDone(milliseconds)),
  };
}
