import { maxPokesAtOnce, staleAfterSeconds } from "./limits.ts";
import type { SimulationRunner } from "./runs/contract.ts";
import type { RunKey, RunStore } from "./runs/repository.ts";
import type { SweepKey, SweepRunner } from "./sweeps/contract.ts";
import type { SweepStore } from "./sweeps/repository.ts";

export interface PokeOutcome<Key = RunKey> {
  readonly stale: number;
  readonly failures: readonly { readonly key: Key; readonly error: unknown }[];
}

/** Starts runs of any company that should have ended or begun long ago. Safe to repeat and to run twice at once. */
export const pokeStaleRuns = async (runs: RunStore, runner: SimulationRunner, at: Date): Promise<PokeOutcome> =>
  poke(await runs.findStale(staleBefore(at), maxPokesAtOnce), runner.start);

/** The same for sweeps over factors: each starts its own runs, a few at a time. */
export const pokeStaleSweeps = async (
  sweeps: SweepStore,
  runner: SweepRunner,
  at: Date,
): Promise<PokeOutcome<SweepKey>> => poke(await sweeps.findStale(staleBefore(at), maxPokesAtOnce), runner.start);

const staleBefore = (at: Date): Date => new Date(at.getTime() - staleAfterSeconds * 1000);

async function poke<Key>(stale: readonly Key[], start: (key: Key) => Promise<void>): Promise<PokeOutcome<Key>> {
  const starts = await Promise.allSettled(stale.map((key) => start(key)));
  const failures = stale.flatMap((key, index) => {
    const one = starts[index];
    return one?.status === "rejected" ? [{ key, error: one.reason as unknown }] : [];
  });
  return { stale: stale.length, failures };
}
