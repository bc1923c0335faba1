import { z } from "zod";
import { uuidPattern } from "../../../shared/ids.ts";
import { inputLimits } from "../limits.ts";
import type { RunKey } from "./repository.ts";

/** Something a run has told of. */
export interface RunProgress {
  /** Ascending; what comes after it can be asked for. */
  readonly number: number;
  readonly done: number;
  readonly total: number;
}

export interface RunNews {
  readonly news: readonly RunProgress[];
  /** Nothing will come any more; the database says how it ended. */
  readonly ended: boolean;
  /** False where nobody has started the run, or it ended long ago. */
  readonly known: boolean;
  /** Answered at once, since too many are waiting already. */
  readonly busy: boolean;
}

/** Whoever computes runs, seen from the requests. */
export interface SimulationRunner {
  /** Starts the run; a second call does nothing. */
  start(key: RunKey): Promise<void>;
  /** Ends the computation of a run that was cancelled or deleted; nothing is stored any more. Tells how far it came. */
  stop(key: RunKey): Promise<{ iterationsDone: number }>;
  progress(key: RunKey): Promise<{ iterationsDone: number }>;
  /** Resolves with true once the run's end is stored, with false after `milliseconds`. */
  waitUntilDone(key: RunKey, milliseconds: number): Promise<boolean>;
  /** What was told after `after` (0: from the beginning): at once if there is something, else after at most `milliseconds`. */
  newsAfter(key: RunKey, after: number, milliseconds: number): Promise<RunNews>;
}

/** The run object's methods, as called over RPC: each is reachable by anyone who holds the stub, so each parses its input. */
export interface SimulationRunObject {
  start(key: unknown): Promise<void>;
  stop(): Promise<{ iterationsDone: number }>;
  progress(): Promise<{ iterationsDone: number }>;
  waitUntilDone(milliseconds: unknown): Promise<boolean>;
  newsAfter(after: unknown, milliseconds: unknown): Promise<RunNews>;
  /** A shard's word. True when it may forget what it has. */
  report(shard: unknown, report: unknown): Promise<boolean>;
}

const id = z.string().regex(uuidPattern);
const count = z.number().int().min(0);
export const runKeySchema = z.strictObject({ companyId: id, simulationId: id });
export const waitSchema = z.number().int().min(0).max(60_000);
export const countSchema = count;

/** Versions of the engine that a message speaks of: short, since ours. */
export const engineSchema = z.string().min(1).max(50);
export const shardReportSchema = z.strictObject({
  engine: engineSchema,
  step: z.enum(["computing", "finished", "failed"]),
  done: count.max(inputLimits.iterations.max),
});
/** Of 200 roles of 50 workloads, with the longest names and numbers, two thirds of it. */
export const maxShardRequestBytes = 2 * 1024 * 1024;
/** What a shard is to do. `request` is a `RunTask` as JSON. */
export const shardTaskSchema = z.strictObject({
  simulationId: id,
  shard: count,
  from: count,
  to: count.max(inputLimits.iterations.max),
  engine: engineSchema,
  request: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= maxShardRequestBytes),
});
export type ShardTask = z.infer<typeof shardTaskSchema>;

/** The shard object's methods, as called over RPC. */
export interface SimulationShardObject {
  /** Takes the task, or goes on with it; answers where it stands. */
  compute(task: unknown): Promise<z.infer<typeof shardReportSchema>>;
  /** The sums of a finished shard; undefined when it is not finished or they are another engine's. */
  sums(engine: unknown): Promise<Uint8Array | undefined>;
  /** Forgets everything, unless it works for another engine by now. */
  release(engine: unknown): Promise<void>;
}

export const shardName = (simulationId: string, shard: number): string => `${simulationId}:${shard}`;
