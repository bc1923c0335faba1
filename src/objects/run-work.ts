import type { BackgroundServices } from "../container.ts";
import { shardName, type SimulationShardObject } from "../features/simulation/runs/contract.ts";
import {
  createRunSums,
  ENGINE_VERSION,
  shardTaskOf,
  taskOf,
  type RunSums,
  type RunTask,
} from "../features/simulation/coordinator/computation.ts";
import { DatabaseFault, type RunPorts } from "../features/simulation/coordinator/driver.ts";
import type { RunEvent, Work } from "../features/simulation/coordinator/reducer.ts";
import {
  failureTexts,
  iterationsDone,
  type RunState,
  type ShardPlan,
  type ShardReport,
} from "../features/simulation/coordinator/state.ts";
import type { RunKey } from "../features/simulation/index.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { invariant } from "../shared/errors.ts";
import type { RunStorage } from "./run-storage.ts";

interface Surroundings {
  readonly storage: RunStorage;
  readonly runs: BackgroundServices["runs"];
  readonly shards: { getByName(name: string): SimulationShardObject };
  /** As in RunPorts. */
  readonly anew: boolean;
  apply(event: RunEvent): void;
}

/** What a run's driver asks for, done with the object's storage, the database and the shards. Lives as long as one alarm. */
export class RunWork implements RunPorts {
  readonly engine = ENGINE_VERSION;
  readonly now = Date.now;
  readonly anew: boolean;
  readonly apply: (event: RunEvent) => void;
  readonly #storage: RunStorage;
  readonly #runs: BackgroundServices["runs"];
  readonly #shards: Surroundings["shards"];
  readonly #key: RunKey;
  /** The merged sums; rebuilt from storage when they are not there. */
  #sums: RunSums | undefined;
  /** The same for each shard. */
  #shardTask: Uint8Array | undefined;

  constructor({ storage, runs, shards, anew, apply }: Surroundings) {
    this.anew = anew;
    this.#storage = storage;
    this.#runs = runs;
    this.#shards = shards;
    this.apply = apply;
    const { companyId, simulationId } = this.#run();
    this.#key = { companyId, simulationId } as RunKey;
  }

  state(): RunState {
    return this.#run().state;
  }

  async begin(): Promise<ShardPlan | undefined> {
    const request = await asked(() => this.#runs.begin(this.#key, ENGINE_VERSION, new Date()));
    // It may have been stopped while the database was asked.
    if (request === undefined || this.state().phase !== "beginning") return undefined;
    const task = taskOf(request);
    this.#storage.keepRequest(encoded(task));
    this.#sums = createRunSums(task, undefined);
    const { plan } = this.#sums;
    const { simulationId } = this.#key;
    log("info", "run_begun", { simulation: simulationId, shards: plan.ranges.length, at_once: plan.atOnce });
    return plan;
  }

  ask(shard: number): Promise<ShardReport> {
    const range = this.state().shards[shard];
    invariant(range, "a shard that is asked was planned");
    const request = (this.#shardTask ??= encoded(shardTaskOf(this.#task())));
    const { from, to } = range;
    const { simulationId } = this.#key;
    return this.#shard(shard).compute({ simulationId, shard, from, to, engine: ENGINE_VERSION, request });
  }

  fetchSums(shard: number): Promise<Uint8Array | undefined> {
    return this.#shard(shard).sums(ENGINE_VERSION);
  }

  merge(part: Uint8Array, event: RunEvent): void {
    const sums = this.#loadSums();
    // Sums that were merged by half must not be merged into again.
    this.#sums = undefined;
    sums.merge(part);
    this.#storage.writeSums(sums.checkpoint(), () => this.apply(event));
    this.#sums = sums;
  }

  async store(): Promise<void> {
    const outcome = this.#loadSums().outcome();
    await asked(() => this.#runs.complete(this.#key, { ...outcome, at: new Date() }));
  }

  async fail(): Promise<void> {
    const state = this.state();
    const { failure } = state;
    invariant(failure !== null, "a run that fails has a reason");
    const error = { code: failure, detail: failureTexts[failure] };
    await asked(() => this.#runs.fail(this.#key, { error, iterationsDone: iterationsDone(state), at: new Date() }));
  }

  onFault(work: Work, error: unknown): void {
    const cause = error instanceof DatabaseFault ? error.cause : error;
    log("error", "run_step_failed", {
      simulation: this.#key.simulationId,
      step: work.type,
      ...("shard" in work ? { shard: work.shard } : {}),
      ...describeError(cause),
    });
  }

  #run() {
    const run = this.#storage.find();
    invariant(run, "an object at work has its run");
    return run;
  }

  #shard(shard: number): SimulationShardObject {
    return this.#shards.getByName(shardName(this.#key.simulationId, shard));
  }

  #loadSums(): RunSums {
    if (this.#sums !== undefined) return this.#sums;
    return (this.#sums = createRunSums(this.#task(), this.#storage.read("sums")));
  }

  #task(): RunTask {
    const request = this.#storage.read("request");
    invariant(request, "a run that was begun has its request");
    return JSON.parse(new TextDecoder().decode(request)) as RunTask;
  }
}

const encoded = (task: RunTask): Uint8Array => new TextEncoder().encode(JSON.stringify(task));

/** Asks the database. What fails here is waited for. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new DatabaseFault(error);
  }
}
