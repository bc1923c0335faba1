import { z } from "zod";
import { uuidPattern, type CompanyId, type SweepId } from "../../../shared/ids.ts";

export interface SweepKey {
  readonly companyId: CompanyId;
  readonly sweepId: SweepId;
}

/** Whoever sees a sweep's runs through, a few at a time; seen from the requests and from the clock. */
export interface SweepRunner {
  /** Has the sweep's runs started, one after the other ends; a second call does nothing. */
  start(key: SweepKey): Promise<void>;
  /** Has none of them started any more. */
  stop(key: SweepKey): Promise<void>;
}

/** The sweep object's methods, as called over RPC: each parses its input. */
export interface SimulationSweepObject {
  start(key: unknown): Promise<void>;
  stop(): Promise<void>;
}

const id = z.string().regex(uuidPattern);
export const sweepKeySchema = z.strictObject({ companyId: id, sweepId: id });
