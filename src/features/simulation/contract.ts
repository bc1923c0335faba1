import { z } from "zod";
import { uuidPattern } from "../../shared/ids.ts";
import type { RunKey } from "./repository.ts";

/** Whoever computes runs, seen from the requests. */
export interface SimulationRunner {
  /** Starts the run; a second call does nothing. */
  start(key: RunKey): Promise<void>;
  /** Ends the computation of a run that was cancelled or deleted; nothing is stored any more. */
  stop(key: RunKey): Promise<void>;
  progress(key: RunKey): Promise<{ iterationsDone: number }>;
  /** Resolves with true once the run's end is stored, with false after `milliseconds`. */
  waitUntilDone(key: RunKey, milliseconds: number): Promise<boolean>;
}

/** The run object's methods, as called over RPC: each is reachable by anyone who holds the stub, so each parses its input. */
export interface SimulationRunObject {
  start(key: unknown): Promise<void>;
  stop(): Promise<void>;
  progress(): Promise<{ iterationsDone: number }>;
  waitUntilDone(milliseconds: unknown): Promise<boolean>;
}

const id = z.string().regex(uuidPattern);
export const runKeySchema = z.strictObject({ companyId: id, simulationId: id });
export const waitSchema = z.number().int().min(0).max(60_000);
