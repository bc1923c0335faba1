import type { SimulationRunner } from "./contract.ts";
import type { SweepKey, SweepRunner } from "./factor-sweep-contract.ts";
import type { SweepStore } from "./factor-sweep-repository.ts";
import { maxPokesPerSweep, staleAfterSeconds } from "./limits.ts";
import type { RunKey, RunStore } from "./repository.ts";

export interface SweepOutcome<Key = RunKey> {
  readonly stale: number;
  readonly failures: readonly { readonly key: Key; readonly error: unknown }[];
}

/** Starts runs of any company that should have ended or begun long ago. Safe to repeat and to run twice at once. */
export const sweepStaleRuns = async (runs: RunStore, runner: SimulationRunner, at: Date): Promise<SweepOutcome> =>
  poke(await runs.findStale(staleBefore(at), maxPokesPerSweep), runner.start);

/** The same for sweeps over factors: each starts its own runs, a few at a time. */
export const sweepStaleSweeps = async (
  sweeps: SweepStore,
  runner: SweepRunner,
  at: Date,
): Promise<SweepOutcome<SweepKey>> => poke(await sweeps.findStale(staleBefore(at), maxPokesPerSweep), runner.start);

const staleBefore = (at: Date): Date => new Date(at.getTime() - staleAfterSeconds * 1000);

async function poke<Key>(stale: readonly Key[], start: (key: Key) => Promise<void>): Promise<SweepOutcome<Key>> {
  const starts = await Promise.allSettled(stale.map((key) => start(key)));
  const failures = stale.flatMap((key, index) => {
    const one = starts[index];
    return one?.status === "rejected" ? [{ key, error: one.reason as unknown }] : [];
  });
  return { stale: stale.length, failures };
}
