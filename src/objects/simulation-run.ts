import { DurableObject } from "cloudflare:workers";
import { loadConfig } from "../config/index.ts";
import { createBackgroundContainer, type BackgroundServices } from "../container.ts";
import { runKeySchema, waitSchema, type SimulationRunObject } from "../features/simulation/contract.ts";
import { createRunComputation, ENGINE_VERSION, type RunComputation } from "../features/simulation/coordinator.ts";
import type { RunKey, SimulationRequest } from "../features/simulation/index.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { RequestMeter } from "../platform/telemetry/meter.ts";
import { invariant } from "../shared/errors.ts";
import { RunStorage, type RunRow } from "./run-storage.ts";

/** A step that was started this often and never finished makes the run fail, with this as its reason. */
const maxAttempts = 6;
/** The pause before the next try doubles from one to the other. */
const retryMs = { first: 1_000, most: 60_000 } as const;
const maxDoublings = 6;
/** A database that cannot be asked for this long makes the run fail, once it can be told. */
const longestWaitMs = 24 * 3600_000;
/** An ended run answers from Postgres; its object goes away after this. */
const keepEndedMs = 10 * 60_000;
const maxWaiters = 64;

/** The database could not do its part: its trouble, not this run's. */
class StoreFault extends Error {
  constructor(cause: unknown) {
    super("the run's row could not be read or written", { cause });
    this.name = "StoreFault";
  }
}

/**
 * Computes one run in slices, an alarm each. All that must outlive a crash is in storage: what to compute, the sums so
 * far, how many attempts the present step has cost. Rules of the model live in the engine, rules of rows in the store.
 */
export class SimulationRun extends DurableObject<Env> implements SimulationRunObject {
  #storage: RunStorage | undefined;
  readonly #services: BackgroundServices;
  readonly #waiters = new Set<() => void>();
  /** The sums in memory, as of `#done`; rebuilt from storage after an eviction. */
  #computation: RunComputation | undefined;
  #done = 0;
  /** Faults since the last step that worked; only stretches the pause before the next try. */
  #faults = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#services = createBackgroundContainer(loadConfig(env), env, {
      requestId: `run-${ctx.id.toString().slice(0, 32)}`,
      meter: new RequestMeter(Date.now),
    });
    this.#done = this.#run.find()?.iterationsDone ?? 0;
    void ctx.blockConcurrencyWhile(async () => {
      // An unfinished run without an alarm would sleep for ever.
      if (this.#run.find()?.ended === false && (await ctx.storage.getAlarm()) === null)
        await ctx.storage.setAlarm(Date.now());
    });
  }

  /** Made when first used: `deleteAll` takes the tables away from under an object that may live on. */
  get #run(): RunStorage {
    return (this.#storage ??= new RunStorage(this.ctx.storage));
  }

  async start(key: unknown): Promise<void> {
    const { companyId, simulationId } = runKeySchema.parse(key);
    if (this.#run.find()?.ended === true) return;
    this.#run.create(companyId, simulationId, Date.now());
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now());
  }

  async stop(): Promise<void> {
    if (this.#run.find()?.ended === false) await this.#finish();
  }

  progress(): Promise<{ iterationsDone: number }> {
    return Promise.resolve({ iterationsDone: this.#done });
  }

  async waitUntilDone(milliseconds: unknown): Promise<boolean> {
    const limit = waitSchema.parse(milliseconds);
    if (this.#run.find()?.ended === true) return true;
    if (this.#waiters.size >= maxWaiters) return false;
    let wake: () => void = () => undefined;
    const ended = new Promise<true>((resolve) => {
      wake = () => resolve(true);
    });
    this.#waiters.add(wake);
    try {
      return await Promise.race([ended, scheduler.wait(limit).then(() => false)]);
    } finally {
      this.#waiters.delete(wake);
    }
  }

  /** Catches what its work throws: a thrown alarm is retried six times and then forgotten. */
  override async alarm(): Promise<void> {
    const row = this.#run.find();
    if (row === undefined) return;
    if (row.ended) {
      this.#storage = undefined;
      return this.ctx.storage.deleteAll();
    }
    const attempt = this.#run.beginAttempt();
    try {
      if (attempt > maxAttempts) await this.#giveUp(row, "attempts_exhausted");
      else if (Date.now() - row.createdAt > longestWaitMs) await this.#giveUp(row, "waited_too_long");
      else await this.#step(row);
      this.#faults = 0;
    } catch (error) {
      this.#computation = undefined;
      // The database is waited for; only faults of the computation itself count against the run.
      if (error instanceof StoreFault && attempt <= maxAttempts) this.#run.forgetAttempts();
      const cause = error instanceof StoreFault ? error.cause : error;
      log("error", "run_step_failed", { simulation: row.simulationId, attempt, ...describeError(cause) });
      await this.#again(Math.min(retryMs.most, retryMs.first * 2 ** Math.min(this.#faults, maxDoublings)));
      this.#faults += 1;
    }
  }

  /** Asks the database. What fails here is waited for. */
  async #stored<T>(ask: (runs: BackgroundServices["runs"]) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#services.runs);
    } catch (error) {
      throw new StoreFault(error);
    }
  }

  async #step(row: RunRow): Promise<void> {
    const computation = this.#computation ?? (await this.#load(row));
    if (computation === undefined) return this.#finish();
    if (this.#done >= computation.iterations) {
      const outcome = computation.outcome();
      await this.#stored((runs) => runs.complete(keyOf(row), { ...outcome, at: new Date() }));
      return this.#finish();
    }
    const until = Math.min(computation.iterations, this.#done + computation.perSlice);
    while (this.#done < until) {
      const to = Math.min(until, this.#done + computation.perBurst);
      computation.compute(this.#done, to);
      this.#done = to;
      // Lets calls for progress in, and one that stops the run.
      await scheduler.wait(0);
      if (this.#computation !== computation) return;
    }
    this.#run.checkpoint(this.#done, computation.checkpoint());
    await this.#again(1);
  }

  /** Rebuilds the computation from storage, or fetches what to compute; undefined when the run is gone or has ended. */
  async #load(row: RunRow): Promise<RunComputation | undefined> {
    if (row.engineVersion !== ENGINE_VERSION) {
      const request = await this.#stored((runs) => runs.begin(keyOf(row), ENGINE_VERSION, new Date()));
      // It may have been stopped while the database was asked.
      if (request === undefined || this.#run.find()?.ended !== false) return undefined;
      this.#run.remember(new TextEncoder().encode(JSON.stringify(request)), ENGINE_VERSION);
    }
    const stored = this.#run.readBlob("request");
    invariant(stored, "a run that was begun has its request");
    this.#done = this.#run.find()?.iterationsDone ?? 0;
    this.#computation = createRunComputation(
      JSON.parse(new TextDecoder().decode(stored)) as SimulationRequest,
      this.#run.readBlob("sums"),
    );
    return this.#computation;
  }

  async #giveUp(row: RunRow, code: keyof typeof reasons): Promise<void> {
    await this.#stored((runs) => runs.fail(keyOf(row), { code, detail: reasons[code] }, new Date()));
    await this.#finish();
  }

  async #finish(): Promise<void> {
    this.#computation = undefined;
    if (this.#run.find()?.ended === true) return;
    this.#run.end();
    await this.#again(keepEndedMs);
    for (const wake of this.#waiters) wake();
  }

  #again(milliseconds: number): Promise<void> {
    return this.ctx.storage.setAlarm(Date.now() + milliseconds);
  }
}

const keyOf = (row: RunRow): RunKey => ({ companyId: row.companyId, simulationId: row.simulationId }) as RunKey;

const reasons = {
  attempts_exhausted:
    "The run could not be computed after several attempts. Tell us its id; starting it again may work.",
  waited_too_long: "The results could not be stored for a day. Start the run again.",
} as const;
