import type { RunKey, SimulationRunner, SimulationRunObject } from "../../features/simulation/index.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { callingObject, objectTimeoutMs } from "./calling-object.ts";

/** The namespace of run objects, as far as it is used here. */
export interface RunNamespace {
  getByName(name: string): SimulationRunObject;
}

/** One object a run, named by the run's id. */
export function createSimulationRunner(namespace: RunNamespace, meter: CallMeter): SimulationRunner {
  /** `waitMs`: how long the object may take because it was asked to wait. */
  const call = <T>(key: RunKey, use: (run: SimulationRunObject) => Promise<T>, waitMs = 0): Promise<T> =>
    callingObject(meter, () => use(namespace.getByName(key.simulationId)), waitMs + objectTimeoutMs);
  return {
    start: (key) => call(key, (run) => run.start(key)),
    stop: (key) => call(key, (run) => run.stop()),
    progress: (key) => call(key, (run) => run.progress()),
    waitUntilDone: (key, milliseconds) => call(key, (run) => run.waitUntilDone(milliseconds), milliseconds),
    newsAfter: (key, after, milliseconds) => call(key, (run) => run.newsAfter(after, milliseconds), milliseconds),
  };
}
