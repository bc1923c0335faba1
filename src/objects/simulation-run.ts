import { DurableObject } from "cloudflare:workers";
import { loadConfig } from "../config/index.ts";
import { createBackgroundContainer, type BackgroundServices } from "../container.ts";
import {
  countSchema,
  runKeySchema,
  shardName,
  shardReportSchema,
  waitSchema,
  type RunNews,
  type SimulationRunObject,
} from "../features/simulation/runs/contract.ts";
import { driveRun } from "../features/simulation/coordinator/driver.ts";
import {
  dueWork,
  mayRelease,
  nextLook,
  reduce,
  type Effect,
  type RunEvent,
} from "../features/simulation/coordinator/reducer.ts";
import { iterationsDone, type RunState } from "../features/simulation/coordinator/state.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { RequestMeter } from "../platform/telemetry/meter.ts";
import { within } from "../shared/within.ts";
import { RunStorage } from "./run-storage.ts";
import { RunWork } from "./run-work.ts";

/** An ended run answers from Postgres; its object goes away after this. */
const keepEndedMs = 10 * 60_000;
/** After what should not happen; in between, calls may change what the run stumbles over. */
const afterBugMs = 60_000;
const maxWaiters = 64;

/**
 * One run: hands ranges of iterations to shards, merges what they send, stores the outcome. What is to be done is decided
 * by the reducer from stored state; this shell carries it out. Calls may come in at every await, so nothing is
 * remembered across one.
 */
export class SimulationRun extends DurableObject<Env> implements SimulationRunObject {
  #opened: RunStorage | undefined;
  readonly #services: BackgroundServices;
  /** Called at every change that somebody may wait for. */
  readonly #waiters = new Set<() => void>();
  /** When it ended, as long as this instance knows. */
  #endedAt: number | undefined;
  /** No alarm of this instance has rung yet. */
  #isAnew = true;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#services = createBackgroundContainer(loadConfig(env), env, {
      requestId: `run-${ctx.id.toString().slice(0, 32)}`,
      meter: new RequestMeter(Date.now),
    });
    void ctx.blockConcurrencyWhile(async () => {
      // An unfinished run without an alarm would sleep for ever.
      if (this.#storage.find() !== undefined && (await ctx.storage.getAlarm()) === null) await this.#look();
    });
  }

  /** Made when first used: `deleteAll` takes the tables away from under an object that may live on. */
  get #storage(): RunStorage {
    return (this.#opened ??= new RunStorage(this.ctx.storage));
  }

  get #state(): RunState | undefined {
    return this.#storage.find()?.state;
  }

  async start(key: unknown): Promise<void> {
    const { companyId, simulationId } = runKeySchema.parse(key);
    this.#storage.create(companyId, simulationId, Date.now());
    if ((await this.ctx.storage.getAlarm()) === null) await this.#look();
  }

  async stop(): Promise<{ iterationsDone: number }> {
    this.#apply({ type: "stopped" });
    await this.#look();
    return this.progress();
  }

  progress(): Promise<{ iterationsDone: number }> {
    const state = this.#state;
    return Promise.resolve({ iterationsDone: state === undefined ? 0 : iterationsDone(state) });
  }

  async waitUntilDone(milliseconds: unknown): Promise<boolean> {
    const until = Date.now() + waitSchema.parse(milliseconds);
    while (this.#state?.phase !== "ended") {
      const left = until - Date.now();
      if (left <= 0 || !(await this.#change(left))) return false;
    }
    return true;
  }

  async newsAfter(number: unknown, milliseconds: unknown): Promise<RunNews> {
    const [after, limit] = [countSchema.parse(number), waitSchema.parse(milliseconds)];
    const look = (busy: boolean): RunNews => {
      const { phase } = this.#state ?? {};
      return { news: this.#storage.progressAfter(after), ended: phase === "ended", known: phase !== undefined, busy };
    };
    const first = look(this.#waiters.size >= maxWaiters);
    if (first.ended || first.news.length > 0 || first.busy) return first;
    await this.#change(limit);
    return look(false);
  }

  async report(shard: unknown, report: unknown): Promise<boolean> {
    const event = { shard: countSchema.parse(shard), report: shardReportSchema.parse(report), at: Date.now() };
    this.#apply({ type: "reported", ...event });
    const state = this.#state;
    // Nobody knows this run any more.
    if (state === undefined) return true;
    if (dueWork(state, event.at).length > 0) await this.#look();
    return mayRelease(state, event.shard, event.report.engine);
  }

  /** Catches what its work throws: a thrown alarm is retried six times and then forgotten. */
  override async alarm(): Promise<void> {
    const state = this.#state;
    if (state === undefined) return;
    if (state.phase === "ended") {
      // An alarm of before, delivered along with the call that ended the run, must not empty it yet.
      if (this.#endedAt !== undefined && Date.now() - this.#endedAt < keepEndedMs / 2) return this.#look();
      this.#opened = undefined;
      return this.ctx.storage.deleteAll();
    }
    try {
      const { SIMULATION_SHARD: shards } = this.env;
      const { runs } = this.#services;
      const anew = this.#isAnew;
      this.#isAnew = false;
      const apply = (event: RunEvent): void => this.#apply(event);
      await driveRun(new RunWork({ storage: this.#storage, runs, shards, anew, apply }));
      await this.#look();
    } catch (error) {
      log("error", "run_alarm_failed", { object: this.ctx.id.toString(), ...describeError(error) });
      await this.ctx.storage.setAlarm(Date.now() + afterBugMs);
    }
  }

  /** True at the next change; false after the time, or at once when too many wait already. */
  async #change(milliseconds: number): Promise<boolean> {
    if (this.#waiters.size >= maxWaiters) return false;
    let wake: () => void = () => undefined;
    const changed = new Promise<true>((resolve) => {
      wake = () => resolve(true);
    });
    this.#waiters.add(wake);
    try {
      return (await within(milliseconds, changed)) ?? false;
    } finally {
      this.#waiters.delete(wake);
    }
  }

  /** Writes what an event makes of the run. What is written between two awaits is written whole or not at all. */
  #apply(event: RunEvent): void {
    const run = this.#storage.find();
    if (run === undefined) return;
    const { state, effects } = reduce(run.state, event);
    if (state === run.state) return;
    const told = effects.filter((effect) => effect.type === "tell");
    this.#storage.write(state, told);
    if (state.phase === "ended") this.#endedAt = Date.now();
    for (const effect of effects) if (effect.type === "release") this.#release(run.simulationId, effect);
    if (told.length > 0 || state.phase === "ended") for (const wake of this.#waiters) wake();
  }

  /** Not waited for: a shard that does not hear of it asks, and is told again. */
  #release(simulationId: string, { shard, engine }: Extract<Effect, { type: "release" }>): void {
    const released = this.env.SIMULATION_SHARD.getByName(shardName(simulationId, shard)).release(engine);
    this.ctx.waitUntil(released.catch(() => undefined));
  }

  #look(): Promise<void> {
    const state = this.#state;
    if (state === undefined) return Promise.resolve();
    const now = Date.now();
    return this.ctx.storage.setAlarm(nextLook(state, now) ?? now + keepEndedMs);
  }
}
