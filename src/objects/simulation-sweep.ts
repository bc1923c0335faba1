import { DurableObject } from "cloudflare:workers";
import { loadConfig } from "../config/index.ts";
import { createBackgroundContainer, type BackgroundServices } from "../container.ts";
import { sweepKeySchema, type SimulationSweepObject, type SweepKey } from "../features/simulation/sweeps/contract.ts";
import {
  nextRound,
  roundBegun,
  roundDone,
  sweepFailures,
  sweepMemorySchema,
  type SweepMemory,
} from "../features/simulation/sweeps/coordinator.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { RequestMeter } from "../platform/telemetry/meter.ts";
import { within } from "../shared/within.ts";
import { AppError } from "../shared/errors.ts";
import type { SimulationId } from "../shared/ids.ts";

/** Under this name, as one value. One that does not parse is as good as lost: Postgres knows what is to be done. */
const memoryKey = "sweep:1";
/** Postgres is asked again after this, also when no run was heard to end. */
const lookAgainMs = 10_000;
/** Between two rounds at least, whatever the runs' objects say. */
const pauseMs = 50;
const retryMs = { first: 1_000, most: 60_000 } as const;
const maxDoublings = 6;

/** The database could not do its part: its trouble, not this sweep's. */
class StoreFault extends Error {
  constructor(cause: unknown) {
    super("the sweep's runs could not be read or written", { cause });
    this.name = "StoreFault";
  }
}

/**
 * Sees the runs of one sweep through: starts the first few, waits for one to end, starts the next, an alarm a round. Which
 * runs are left, Postgres knows; what to do with them, the coordinator. Can be lost at any moment: the clock pokes it.
 */
export class SimulationSweep extends DurableObject<Env> implements SimulationSweepObject {
  readonly #services: BackgroundServices;
  /** By run, a promise that resolves when it has ended; one each, however many rounds it takes. */
  readonly #ends = new Map<SimulationId, Promise<void>>();
  /** Rounds that did not work since the last that did; only stretches the pause before the next. */
  #faults = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#services = createBackgroundContainer(loadConfig(env), env, {
      requestId: `sweep-${ctx.id.toString().slice(0, 32)}`,
      meter: new RequestMeter(Date.now),
    });
    void ctx.blockConcurrencyWhile(() => this.#wake());
  }

  async start(key: unknown): Promise<void> {
    const parsed = sweepKeySchema.parse(key);
    if (this.#recall() === undefined) this.#remember({ ...parsed, attempts: 0, refusals: {} });
    await this.#wake();
  }

  async stop(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Catches what its round throws: a thrown alarm is retried six times and then forgotten. */
  override async alarm(): Promise<void> {
    const before = this.#recall();
    if (before === undefined) return;
    const memory = roundBegun(before);
    this.#remember(memory);
    try {
      await this.#round(memory);
      this.#faults = 0;
    } catch (error) {
      // The database is waited for; only faults of our own make an end of it.
      if (error instanceof StoreFault && this.#recall() !== undefined) this.#remember(before);
      this.#tell(memory, error instanceof StoreFault ? error.cause : error);
      this.#faults += 1;
    }
    // It may have been stopped, or have come to its end.
    if (this.#recall() !== undefined) await this.ctx.storage.setAlarm(Date.now() + pauseAfter(this.#faults));
  }

  async #round(memory: SweepMemory): Promise<void> {
    const key = keyOf(memory);
    const at = new Date();
    const { ids, createdAt = at } = await this.#stored((sweeps) => sweeps.findUnfinished(key));
    const round = nextRound({ unfinished: ids, ageMs: at.getTime() - createdAt.getTime() }, memory);
    if (round.kind === "end") return this.stop();
    if (round.kind === "give_up") {
      await this.#fail(memory, "all", round.reason);
      return this.stop();
    }
    if (round.fail.length > 0) await this.#fail(memory, round.fail, "attempts_exhausted");
    const faults = await this.#startRuns(key, round.start);
    // It may have been stopped meanwhile.
    if (this.#recall() === undefined) return;
    const refused = round.start.filter((id) => faults.has(id) && !(faults.get(id) instanceof AppError));
    this.#remember(roundDone(memory, round.start, refused));
    for (const fault of faults.values()) this.#tell(memory, fault);
    const started = round.start.filter((id) => !faults.has(id));
    if (started.length === 0 && faults.size > 0) throw new Error("none of the runs could be started");
    if (started.length === 0) return;
    await within(lookAgainMs, ...started.map((id) => this.#endOf(key, id)));
  }

  /** Returns what was thrown, by run: the object's own fault, or `unavailable` where it could not be reached. */
  async #startRuns({ companyId }: SweepKey, ids: readonly SimulationId[]): Promise<ReadonlyMap<SimulationId, unknown>> {
    const { runner } = this.#services.sweeps;
    const starts = await Promise.allSettled(ids.map((simulationId) => runner.start({ companyId, simulationId })));
    const faults = new Map<SimulationId, unknown>();
    for (const [index, id] of ids.entries()) {
      const start = starts[index];
      if (start?.status === "rejected") faults.set(id, start.reason);
    }
    return faults;
  }

  /** Resolves when the run has ended, as far as its object tells. */
  #endOf({ companyId }: SweepKey, simulationId: SimulationId): Promise<void> {
    const known = this.#ends.get(simulationId);
    if (known !== undefined) return known;
    const end = new Promise<void>((resolve) => {
      const over = (hasEnded: boolean): void => {
        this.#ends.delete(simulationId);
        if (hasEnded) resolve();
      };
      const wait = this.#services.sweeps.runner.waitUntilDone({ companyId, simulationId }, lookAgainMs);
      wait.then(over, () => over(false));
    });
    this.#ends.set(simulationId, end);
    return end;
  }

  /**
   * Ends runs as failed, and the computing of those that had begun, which tell how far they had come: one that does not hear
   * of it computes for nothing.
   */
  async #fail(
    memory: SweepMemory,
    ids: readonly SimulationId[] | "all",
    code: keyof typeof sweepFailures,
  ): Promise<void> {
    const key = keyOf(memory);
    const error = { code, detail: sweepFailures[code] };
    const begun = await this.#stored((sweeps) => sweeps.fail(key, ids, error, new Date()));
    const { runner } = this.#services.sweeps;
    const { companyId } = key;
    const stops = await Promise.allSettled(begun.map((simulationId) => runner.stop({ companyId, simulationId })));
    const done = new Map<SimulationId, number>();
    for (const [index, id] of begun.entries()) {
      const stop = stops[index];
      if (stop?.status === "fulfilled") done.set(id, stop.value.iterationsDone);
      else if (stop !== undefined) this.#tell(memory, stop.reason);
    }
    if (done.size > 0) await this.#stored((sweeps) => sweeps.keepProgress(key, done));
  }

  /** Asks the database. What fails here is waited for. */
  async #stored<T>(ask: (sweeps: BackgroundServices["sweeps"]["store"]) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#services.sweeps.store);
    } catch (error) {
      throw new StoreFault(error);
    }
  }

  #tell({ sweepId, attempts }: SweepMemory, fault: unknown): void {
    log("error", "sweep_round_failed", { sweep: sweepId, attempt: attempts, ...describeError(fault) });
  }

  /** A sweep that is not done and has no alarm would sleep for ever. */
  async #wake(): Promise<void> {
    if (this.#recall() !== undefined && (await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now());
  }

  #recall(): SweepMemory | undefined {
    return sweepMemorySchema.safeParse(this.ctx.storage.kv.get(memoryKey)).data;
  }

  #remember(memory: SweepMemory): void {
    this.ctx.storage.kv.put(memoryKey, memory);
  }
}

const keyOf = ({ companyId, sweepId }: SweepMemory): SweepKey => ({ companyId, sweepId }) as SweepKey;

const pauseAfter = (faults: number): number =>
  faults === 0 ? pauseMs : Math.min(retryMs.most, retryMs.first * 2 ** Math.min(faults - 1, maxDoublings));
