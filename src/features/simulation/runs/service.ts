import type { Actor } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import type { EventFeed } from "../../../shared/event-stream.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import { ENGINE_VERSION } from "../engine/index.ts";
import { admitAndDescribe } from "../request/admission.ts";
import { countSimulationCall } from "../request/call-count.ts";
import type { Estimate } from "../request/estimate.ts";
import { requestOf } from "../request/request.ts";
import type { SimulationInput } from "../request/schemas.ts";
import type { Warning } from "../warnings.ts";
import { followRun } from "./events.ts";
import { futurePaths, type FuturePath, type WantedPaths } from "./paths.ts";
import type { SimulationFilter, SimulationSummary, StoredRun } from "./repository.ts";
import { createRun, type CreateOptions } from "./verbs/create-run.ts";
import type { SimulationDependencies } from "./verbs/dependencies.ts";
import { cancelRun, removeRun } from "./verbs/end-run.ts";
import { getResults, getRun, unknownRun, type SimulationView } from "./verbs/read-run.ts";

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
  /** A completed run. @throws AppError `not_found`; `simulation_not_completed` */
  results(actor: Actor, id: SimulationId, withQuantiles: boolean): Promise<StoredRun>;
}

export function createSimulationService(dependencies: SimulationDependencies): SimulationService {
  return {
    create: (actor, input, options) => createRun(dependencies, actor, input, options),
    get: (actor, id, withQuantiles) => getRun(dependencies, actor, id, withQuantiles),
    results: (actor, id, withQuantiles) => getResults(dependencies, actor, id, withQuantiles),
    list: (actor, filter, page) => dependencies.simulations.list(actor, filter, page, dependencies.clock.now()),
    cancel: (actor, id) => cancelRun(dependencies, actor, id),
    remove: (actor, id) => removeRun(dependencies, actor, id),
    follow: (actor, id) => followRun(dependencies, actor, id),
    estimate: (actor, input) => estimate(dependencies, actor, input),
    paths: (actor, id, wanted) => paths(dependencies, actor, id, wanted),
  };
}

async function estimate(deps: SimulationDependencies, actor: Actor, input: SimulationInput) {
  const request = requestOf(deps, actor, input, await admitAndDescribe(deps, actor, input, { checkSession: true }));
  return { estimate: request.estimate, warnings: request.warnings };
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
