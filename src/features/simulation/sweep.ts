import { maxPokesPerSweep, staleAfterSeconds } from "./limits.ts";
import type { SimulationRunner } from "./contract.ts";
import type { RunKey, RunStore } from "./repository.ts";

export interface SweepOutcome {
  readonly stale: number;
  readonly failures: readonly { readonly key: RunKey; readonly error: unknown }[];
}

/** Starts runs of any company that should have ended or begun long ago. Safe to repeat and to run twice at once. */
export async function sweepStaleRuns(runs: RunStore, runner: SimulationRunner, at: Date): Promise<SweepOutcome> {
  const before = new Date(at.getTime() - staleAfterSeconds * 1000);
  const stale = await runs.findStale(before, maxPokesPerSweep);
  const starts = await Promise.allSettled(stale.map((key) => runner.start(key)));
  const failures = stale.flatMap((key, index) => {
    const start = starts[index];
    return start?.status === "rejected" ? [{ key, error: start.reason as unknown }] : [];
  });
  return { stale: stale.length, failures };
}
