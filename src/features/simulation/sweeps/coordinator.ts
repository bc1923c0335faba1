import { z } from "zod";
import type { SimulationId } from "../../../shared/ids.ts";
import { longestSweepMs, sweepRunsAtOnce } from "../limits.ts";
import { sweepKeySchema } from "./contract.ts";

/** Rounds that were begun and never finished, or refusals of a run's object to start, that make an end of it. */
export const maxSweepAttempts = 6;

/**
 * What a sweep's object remembers between two rounds. All of it can be lost: which runs are to be done, Postgres knows.
 * `attempts`: rounds begun since the last that worked. `refusals`: by run, how often its object failed to start it.
 */
export const sweepMemorySchema = sweepKeySchema.extend({
  attempts: z.number().int().min(0),
  refusals: z.record(z.string(), z.number().int().min(1)),
});
export type SweepMemory = Readonly<z.infer<typeof sweepMemorySchema>>;

/** What Postgres knows of a sweep: its runs that have not ended, in the order of their factors, and how old it is. */
export interface SweepSight {
  readonly unfinished: readonly SimulationId[];
  readonly ageMs: number;
}

/** What a round has to do. */
export type SweepRound =
  | { readonly kind: "end" }
  /** All runs that are left end as failed. */
  | { readonly kind: "give_up"; readonly reason: keyof typeof sweepFailures }
  /** Runs to start, again where that was done before; and runs that end as failed, since they cannot be started. */
  | { readonly kind: "go"; readonly start: readonly SimulationId[]; readonly fail: readonly SimulationId[] };

/**
 * The first few unfinished runs are those under way: a run that has begun never falls out of them, so a round needs no
 * memory of the one before, and an object that forgot everything starts none too many.
 */
export function nextRound({ unfinished, ageMs }: SweepSight, { attempts, refusals }: SweepMemory): SweepRound {
  if (unfinished.length === 0) return { kind: "end" };
  if (attempts > maxSweepAttempts) return { kind: "give_up", reason: "attempts_exhausted" };
  if (ageMs > longestSweepMs) return { kind: "give_up", reason: "waited_too_long" };
  const isHopeless = (id: SimulationId): boolean => (refusals[id] ?? 0) >= maxSweepAttempts;
  return {
    kind: "go",
    start: unfinished.filter((id) => !isHopeless(id)).slice(0, sweepRunsAtOnce),
    fail: unfinished.filter(isHopeless),
  };
}

/** Written before a round: found again on waking, it counts as one that failed. */
export const roundBegun = (memory: SweepMemory): SweepMemory => ({ ...memory, attempts: memory.attempts + 1 });

/** After a round that worked, but for the runs of `started` whose object refused: three faults are not the fourth's. */
export function roundDone(
  memory: SweepMemory,
  started: readonly SimulationId[],
  refused: readonly SimulationId[],
): SweepMemory {
  const kept = refused.map((id) => [id, (memory.refusals[id] ?? 0) + 1] as const);
  const untouched = Object.entries(memory.refusals).filter(([id]) => !started.includes(id as SimulationId));
  return { ...memory, attempts: 0, refusals: Object.fromEntries([...untouched, ...kept]) };
}

/** What the factor of such a run says. */
export const sweepFailures = {
  attempts_exhausted: "The run could not be started after several attempts. Tell us its id; a new sweep may work.",
  waited_too_long: "The sweep was not done within a day. Ask for fewer factors, iterations or months.",
} as const;
