import type { SimulationSweepObject, SweepKey, SweepRunner } from "../../features/simulation/index.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { callingObject } from "./calling-object.ts";

/** The namespace of sweep objects, as far as it is used here. */
export interface SweepNamespace {
  getByName(name: string): SimulationSweepObject;
}

/** One object a sweep, named by the sweep's id. */
export function createSimulationSweepRunner(namespace: SweepNamespace, meter: CallMeter): SweepRunner {
  const call = <T>(key: SweepKey, use: (sweep: SimulationSweepObject) => Promise<T>): Promise<T> =>
    callingObject(meter, () => use(namespace.getByName(key.sweepId)));
  return {
    start: (key) => call(key, (sweep) => sweep.start(key)),
    stop: (key) => call(key, (sweep) => sweep.stop()),
  };
}
