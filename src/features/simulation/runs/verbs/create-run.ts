import type { Actor } from "../../../../shared/access.ts";
import { entryOf } from "../../../../shared/acting.ts";
import { AppError } from "../../../../shared/errors.ts";
import { idempotentTry, keyReused } from "../../../../shared/idempotency.ts";
import type { SimulationId } from "../../../../shared/ids.ts";
import { maxActiveRunsPerCompany } from "../../limits.ts";
import { admitAndDescribe } from "../../request/admission.ts";
import { digestsOf, refuseOverBudget, requestOf } from "../../request/request.ts";
import type { SimulationInput } from "../../request/schemas.ts";
import type { SimulationRequest } from "../../request/simulation-request.ts";
import type { RunKey } from "../repository.ts";
import { targetType, type SimulationDependencies } from "./dependencies.ts";
import { getRun, type SimulationView } from "./read-run.ts";

export interface CreateOptions {
  readonly waitSeconds: number;
  readonly idempotencyKey: string | undefined;
}

export async function createRun(
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
  const sameness = {
    digest: digestsOf(request)(request.input.automation_factor),
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
  return getRun(deps, actor, key.simulationId);
}

/** A run of before: if it ended long ago its object has forgotten it, and would be waited for in vain. */
async function readAgain(
  deps: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  waitSeconds: number,
): Promise<SimulationView> {
  const view = await getRun(deps, actor, id);
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
