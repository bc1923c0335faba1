import type { Actor } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import { digestOfJson } from "../../../shared/canonical-json.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { EventFeed } from "../../../shared/event-stream.ts";
import { idempotentTry, keyReused } from "../../../shared/idempotency.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import type { RateLimiter } from "../../../shared/rate-limit.ts";
import { ENGINE_VERSION } from "../engine/index.ts";
import { maxActiveRunsPerCompany } from "../limits.ts";
import { admitAndDescribe } from "../request/admission.ts";
import { countSimulationCall } from "../request/call-count.ts";
import type { Estimate } from "../request/estimate.ts";
import { refuseOverBudget, requestOf } from "../request/request.ts";
import type { SimulationInput } from "../request/schemas.ts";
import type { SimulationRequest } from "../request/simulation-request.ts";
import type { RoleService } from "../roles/service.ts";
import type { WorkloadProvider } from "../roles/workload-provider.ts";
import type { Warning } from "../warnings.ts";
import type { SimulationRunner } from "./contract.ts";
import { followRun, type FollowDependencies } from "./events.ts";
import { futurePaths, type FuturePath, type WantedPaths } from "./paths.ts";
import type {
  RunKey,
  SimulationFilter,
  SimulationRecord,
  SimulationRepository,
  StoredRun,
  SimulationSummary,
} from "./repository.ts";

export interface SimulationView extends StoredRun {
  readonly iterationsDone: number;
  /** An earlier run that answers the question of this request: nothing was started. */
  readonly cached?: boolean;
}

export interface CreateOptions {
  readonly waitSeconds: number;
  readonly idempotencyKey: string | undefined;
}

export interface SimulationService {
  /**
   * Stores and starts a run, and waits up to `waitSeconds` for its end. A key used before with the same body gives the
   * run it made then; a question with a seed that a completed run of this engine answers gives that run.
   * @throws AppError `too_many_runs`, `idempotency_key_reused`, `over_budget`
   */
  create(actor: Actor, input: SimulationInput, options: CreateOptions): Promise<SimulationView>;
  list(
    actor: Actor,
    filter: SimulationFilter,
    page: { limit: number; after: PageMark | undefined },
  ): Promise<Page<SimulationSummary>>;
  /** Ends a run that is under way; one that has ended stays as it is. @throws AppError `not_found` */
  cancel(actor: Actor, id: SimulationId): Promise<SimulationView>;
  /** What a run would cost, what it would warn of, without running it. */
  estimate(actor: Actor, input: SimulationInput): Promise<{ estimate: Estimate; warnings: readonly Warning[] }>;
  /**
   * Single futures of a run, computed again.
   * @throws AppError `not_found`, `validation_failed`, `engine_changed`, `over_budget`
   */
  paths(actor: Actor, id: SimulationId, wanted: WantedPaths): Promise<readonly FuturePath[]>;
  /** A run's progress and end, as events. @throws AppError `not_found` */
  follow(actor: Actor, id: SimulationId): Promise<EventFeed>;
  /** Deletes a run, wherever it stands. @throws AppError `not_found` */
  remove(actor: Actor, id: SimulationId): Promise<void>;
  /** @throws AppError `not_found`, the same for an unknown run and another company's */
  get(actor: Actor, id: SimulationId, withQuantiles?: boolean): Promise<SimulationView>;
}

export interface SimulationDependencies extends Pick<FollowDependencies, "isLive" | "wait"> {
  readonly simulations: SimulationRepository;
  readonly runner: SimulationRunner;
  readonly roles: Pick<RoleService, "ownOf">;
  readonly provider: WorkloadProvider;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  /** Told of a call that did not reach the runner and heals by itself: a late start, by the clock. */
  readonly onFault: (
    event:
      | "simulation_start_late"
      | "simulation_wait_lost"
      | "simulation_progress_lost"
      | "simulation_stop_lost"
      | "simulation_stream_lost",
    id: SimulationId,
    error: unknown,
  ) => void;
}

const targetType = "simulation";

export function createSimulationService(dependencies: SimulationDependencies): SimulationService {
  return {
    create: (actor, input, options) => create(dependencies, actor, input, options),
    get: (actor, id, withQuantiles) => get(dependencies, actor, id, withQuantiles),
    list: (actor, filter, page) => dependencies.simulations.list(actor, filter, page, dependencies.clock.now()),
    cancel: (actor, id) => cancel(dependencies, actor, id),
    remove: (actor, id) => remove(dependencies, actor, id),
    follow: (actor, id) => followRun(dependencies, actor, id),
    estimate: (actor, input) => estimate(dependencies, actor, input),
    paths: (actor, id, wanted) => paths(dependencies, actor, id, wanted),
  };
}

async function create(
  deps: SimulationDependencies,
  actor: Actor,
  input: SimulationInput,
  options: CreateOptions,
): Promise<SimulationView> {
  const { waitSeconds, idempotencyKey } = options;
  const request = requestOf(deps, actor, input, await admitAndDescribe(deps, actor, input));
  refuseOverBudget(request);
  const wanted = idempotentTry("POST simulation", idempotencyKey, input);
  const made = { action: "simulation.create", targetType, targetId: request.id, at: request.createdAt } as const;
  const audit = entryOf(deps, actor, made);
  // Seed and workloads are in the digest as they were drawn and found: a body that is posted again finds its run.
  const sameness = {
    digest: digestOfJson({ input: request.input, workloads: request.workloads }),
    repeatable: input.seed !== undefined,
  };
  const stored = await deps.simulations.create(actor, request, audit, wanted, sameness);
  if (stored.outcome === "answered")
    return { ...stored.stored, iterationsDone: request.iterations, cached: stored.cached };
  if (stored.outcome === "repeated") return readAgain(deps, actor, stored.id, waitSeconds);
  if (stored.outcome === "key_reused") throw keyReused();
  if (stored.outcome === "too_many")
    throw new AppError(
      "too_many_runs",
      `Your company has ${maxActiveRunsPerCompany} simulations under way. Wait for one to end.`,
      {
        retryAfterSeconds: 10,
      },
    );
  return startAndWait(deps, actor, request, waitSeconds);
}

async function startAndWait(
  deps: SimulationDependencies,
  actor: Actor,
  request: SimulationRequest,
  waitSeconds: number,
): Promise<SimulationView> {
  const key = { companyId: request.companyId, simulationId: request.id };
  try {
    await deps.runner.start(key);
  } catch (error) {
    // The run is stored, so it will be computed: answering 503 would make the client post a second one.
    deps.onFault("simulation_start_late", request.id, error);
    return notYet(request);
  }
  if (waitSeconds === 0) return notYet(request);
  try {
    return await waitForEnd(deps, actor, key, waitSeconds);
  } catch (error) {
    deps.onFault("simulation_wait_lost", request.id, error);
    return notYet(request);
  }
}

/** The run as it stands when it has ended, or when the wait is over. */
async function waitForEnd(
  deps: SimulationDependencies,
  actor: Actor,
  key: RunKey,
  waitSeconds: number,
): Promise<SimulationView> {
  await deps.runner
    .waitUntilDone(key, waitSeconds * 1000)
    .catch((error: unknown) => deps.onFault("simulation_wait_lost", key.simulationId, error));
  return get(deps, actor, key.simulationId);
}

/** A run of before: if it ended long ago its object has forgotten it, and would be waited for in vain. */
async function readAgain(
  deps: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  waitSeconds: number,
): Promise<SimulationView> {
  const view = await get(deps, actor, id);
  if (waitSeconds === 0 || view.run.completedAt !== null) return view;
  return waitForEnd(deps, actor, { companyId: actor.companyId, simulationId: id }, waitSeconds);
}

const notYet = (request: SimulationRequest): SimulationView => ({
  run: {
    ...request,
    status: "created",
    explanations: null,
    summary: null,
    workUnits: null,
    iterationsDone: null,
    error: null,
    startedAt: null,
    completedAt: null,
    sweepId: null,
  },
  parts: [],
  iterationsDone: 0,
});

async function estimate(deps: SimulationDependencies, actor: Actor, input: SimulationInput) {
  const request = requestOf(deps, actor, input, await admitAndDescribe(deps, actor, input, { checkSession: true }));
  return { estimate: request.estimate, warnings: request.warnings };
}

async function get(
  deps: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  withQuantiles = false,
): Promise<SimulationView> {
  const found = await deps.simulations.find(actor, id, deps.clock.now(), withQuantiles);
  if (found === undefined) throw unknownRun();
  return { ...found, iterationsDone: await iterationsOf(deps, found.run) };
}

/** Of a run under way its object knows. One that cannot be asked counts as none: it is a figure to look at. */
async function iterationsOf({ runner, onFault }: SimulationDependencies, run: SimulationRecord): Promise<number> {
  if (run.status === "completed") return run.iterations;
  if (run.completedAt !== null) return run.iterationsDone ?? 0;
  try {
    return (await runner.progress({ companyId: run.companyId, simulationId: run.id })).iterationsDone;
  } catch (error) {
    onFault("simulation_progress_lost", run.id, error);
    return 0;
  }
}

async function paths(deps: SimulationDependencies, actor: Actor, id: SimulationId, wanted: WantedPaths) {
  const [run] = await Promise.all([
    deps.simulations.findRequest(actor, id, deps.clock.now()),
    countSimulationCall(deps, actor),
  ]);
  if (run === undefined) throw unknownRun();
  if (run.engineVersion !== ENGINE_VERSION)
    throw new AppError(
      "engine_changed",
      `This run was computed by engine ${run.engineVersion}; now there is ${ENGINE_VERSION}. Start it again.`,
    );
  return futurePaths(run, wanted);
}

async function cancel(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<SimulationView> {
  const audit = entryOf(deps, actor, { action: "simulation.cancel", targetType, targetId: id });
  if (!(await deps.simulations.cancel(actor, id, audit))) throw unknownRun();
  const iterationsDone = await stop(deps, actor, id);
  if (iterationsDone === undefined) return get(deps, actor, id);
  const found = await deps.simulations.findCancelled(actor, id, deps.clock.now(), iterationsDone);
  if (found === undefined) throw unknownRun();
  return { ...found, iterationsDone: await iterationsOf(deps, found.run) };
}

async function remove(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<void> {
  const audit = entryOf(deps, actor, { action: "simulation.delete", targetType, targetId: id });
  if (!(await deps.simulations.remove(actor, id, audit))) throw unknownRun();
  await stop(deps, actor, id);
}

/**
 * Postgres has the last word already: an object that does not hear of it computes for nothing, and stores nothing. Returns
 * the iterations it had done, if it did hear.
 */
async function stop(
  { runner, onFault }: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
): Promise<number | undefined> {
  try {
    return (await runner.stop({ companyId: actor.companyId, simulationId: id })).iterationsDone;
  } catch (error) {
    onFault("simulation_stop_lost", id, error);
    return undefined;
  }
}

const unknownRun = (): AppError => new AppError("not_found", "Your company has no simulation with this id.");
