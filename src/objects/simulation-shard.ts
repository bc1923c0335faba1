import { DurableObject } from "cloudflare:workers";
import { engineSchema, shardTaskSchema, type SimulationShardObject } from "../features/simulation/runs/contract.ts";
import {
  createShardComputation,
  ENGINE_VERSION,
  type RunTask,
  type ShardComputation,
} from "../features/simulation/coordinator/computation.ts";
import type { ShardReport } from "../features/simulation/coordinator/state.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { invariant } from "../shared/errors.ts";
import { ShardStorage, type ShardRow } from "./shard-storage.ts";

/**
 * A slice that was started this often and never finished makes the shard, and with it the run, fail. More than the run's own
 * steps may have: whoever kills the process every few seconds strikes slices above all.
 */
const maxAttempts = 12;
/** The pause before the next try, or the next word to a run that cannot be reached, doubles from one to the other. */
const pauseMs = { first: 1_000, most: 60_000 } as const;
const maxDoublings = 6;
/** A day and a half of telling an end that nobody wants, or of waiting for an engine: longer than a run waits for its database. */
const maxTold = 2_200;

/**
 * Computes one range of a run's iterations in slices, an alarm each, and keeps the sums until the run says that it has them.
 * It asks nobody's leave to go on: what it does not hear of, it is told in answer to its reports.
 */
export class SimulationShard extends DurableObject<Env> implements SimulationShardObject {
  #opened: ShardStorage | undefined;
  /** The sums in memory, as of `#done`; rebuilt from storage after an eviction. */
  #computation: ShardComputation | undefined;
  #done = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      if (this.#storage.find() !== undefined && (await ctx.storage.getAlarm()) === null) await this.#again(0);
    });
  }

  /** Made when first used: `deleteAll` takes the tables away from under an object that may live on. */
  get #storage(): ShardStorage {
    return (this.#opened ??= new ShardStorage(this.ctx.storage));
  }

  async compute(given: unknown): Promise<ShardReport> {
    const task = shardTaskSchema.parse(given);
    const row = this.#storage.find();
    const isSame = row?.engine === task.engine && row.from === task.from && row.to === task.to;
    if (!isSame) {
      this.#computation = undefined;
      this.#storage.take(task);
    }
    if (!isSame || (await this.ctx.storage.getAlarm()) === null) await this.#again(0);
    return this.#where();
  }

  sums(engine: unknown): Promise<Uint8Array | undefined> {
    const wanted = engineSchema.parse(engine);
    const row = this.#storage.find();
    const isReady = row?.step === "finished" && row.engine === wanted;
    return Promise.resolve(isReady ? this.#storage.read("sums") : undefined);
  }

  async release(engine: unknown): Promise<void> {
    const wanted = engineSchema.parse(engine);
    if (this.#storage.find()?.engine === wanted) await this.#forget();
  }

  /** Catches what its work throws: a thrown alarm is retried six times and then forgotten. */
  override async alarm(): Promise<void> {
    const row = this.#storage.find();
    if (row === undefined) return;
    if (row.step === "computing" && row.engine !== ENGINE_VERSION) return this.#awaitEngine(row);
    const attempt = this.#storage.beginAttempt();
    try {
      if (row.step !== "computing") await this.#tellEnd(row, attempt);
      else if (attempt > maxAttempts) {
        this.#storage.giveUp();
        await this.#again(0);
      } else await this.#slice(row);
    } catch (error) {
      this.#computation = undefined;
      log("error", "shard_slice_failed", {
        simulation: row.simulationId,
        shard: row.shard,
        attempt,
        ...describeError(error),
      });
      await this.#again(pauseAfter(attempt));
    }
  }

  async #slice(row: ShardRow): Promise<void> {
    const computation = this.#computation ?? this.#load(row);
    const until = Math.min(row.to, this.#done + computation.perSlice);
    for (let told = this.#done; this.#done < until;) {
      const to = Math.min(until, this.#done + computation.perBurst);
      computation.compute(this.#done, to);
      this.#done = to;
      // Lets the run's calls in, such as the one that ends it all.
      await scheduler.wait(0);
      if (this.#computation !== computation) return;
      if (to - told < computation.perReport || to === until) continue;
      told = to;
      if (await this.#isReleased(row)) return this.#forget();
      if (this.#computation !== computation) return;
    }
    const isFinished = until === row.to;
    this.#storage.checkpoint(until, isFinished ? "finished" : "computing", computation.checkpoint());
    // Finished sums wait in storage, not in memory.
    if (isFinished) this.#computation = undefined;
    if (await this.#isReleased(row)) return this.#forget();
    if (this.#storage.find() !== undefined) await this.#again(isFinished ? pauseMs.first : 1);
  }

  /**
   * A deployment in which objects change one after the other: this one will know the engine soon, or be asked for its own. Or
   * nobody wants that engine's sums any more, which the run knows.
   */
  async #awaitEngine(row: ShardRow): Promise<void> {
    const isTooMuch = this.#storage.beginWait() > maxTold;
    if (isTooMuch || (await this.#isReleased(row))) return this.#forget();
    // It may have been released, or given another task, while the run was asked.
    const now = this.#storage.find();
    if (now?.engine === row.engine) await this.#again(pauseMs.most);
  }

  /** The run may not have heard of the end, or of nothing at all: it is told until it says that it does not need this shard. */
  async #tellEnd(row: ShardRow, attempt: number): Promise<void> {
    if ((await this.#isReleased(row)) || attempt > maxTold) return this.#forget();
    await this.#again(pauseAfter(attempt));
  }

  #load({ from, done }: ShardRow): ShardComputation {
    const request = this.#storage.read("request");
    invariant(request, "a shard has its request");
    this.#done = Math.max(from, done);
    const parsed = JSON.parse(new TextDecoder().decode(request)) as RunTask;
    return (this.#computation = createShardComputation(parsed, this.#storage.read("sums")));
  }

  /** Reports to the run; true when it answers that this shard may forget everything. A run out of reach hears of it later. */
  async #isReleased({ simulationId, shard }: ShardRow): Promise<boolean> {
    const report = this.#where();
    return this.env.SIMULATION_RUN.getByName(simulationId)
      .report(shard, report)
      .catch(() => false);
  }

  #where(): ShardReport {
    const row = this.#storage.find();
    invariant(row, "there is a task");
    const done = this.#computation === undefined ? Math.max(row.from, row.done) : this.#done;
    return { engine: row.engine, step: row.step, done: done - row.from };
  }

  async #forget(): Promise<void> {
    this.#computation = undefined;
    this.#opened = undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  #again(milliseconds: number): Promise<void> {
    return this.ctx.storage.setAlarm(Date.now() + milliseconds);
  }
}

const pauseAfter = (attempt: number): number =>
  Math.min(pauseMs.most, pauseMs.first * 2 ** Math.min(attempt - 1, maxDoublings));
