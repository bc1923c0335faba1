import type { Actor } from "../../shared/access.ts";
import type { Clock, Random } from "../../shared/clock.ts";
import { AppError } from "../../shared/errors.ts";
import type { SimulationId } from "../../shared/ids.ts";
import type { RequestOrigin } from "../../shared/origin.ts";
import { ENGINE_VERSION } from "./engine/index.ts";
import { maxActiveRunsPerCompany } from "./limits.ts";
import type { SimulationRecord, SimulationRepository, SimulationRequest } from "./repository.ts";
import type { SimulationRunner } from "./contract.ts";
import type { SimulationInput } from "./schemas.ts";
import type { SeriesPart } from "./series.ts";
import { inputWarnings, resolveWorkloads, type RoleCatalogue } from "./workloads.ts";

export interface SimulationView {
  readonly run: SimulationRecord;
  /** Empty unless completed. */
  readonly parts: readonly SeriesPart[];
  readonly iterationsDone: number;
}

export interface SimulationService {
  /**
   * Stores and starts a run, and waits up to `waitSeconds` for its end.
   * @throws AppError `too_many_runs`
   */
  create(actor: Actor, input: SimulationInput, waitSeconds: number): Promise<SimulationView>;
  /** @throws AppError `not_found`, the same for an unknown run and another company's */
  get(actor: Actor, id: SimulationId): Promise<SimulationView>;
}

export interface SimulationDependencies {
  readonly simulations: SimulationRepository;
  readonly runner: SimulationRunner;
  readonly catalogue: RoleCatalogue;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  /** Told of a start that did not reach the runner; the clock's sweep starts it later. */
  readonly onLateStart: (id: SimulationId, error: unknown) => void;
}

export function createSimulationService(dependencies: SimulationDependencies): SimulationService {
  return {
    create: (actor, input, waitSeconds) => create(dependencies, actor, input, waitSeconds),
    get: (actor, id) => get(dependencies, actor, id),
  };
}

async function create(deps: SimulationDependencies, actor: Actor, input: SimulationInput, waitSeconds: number): Promise<SimulationView> {
  const { simulations, runner, random, origin } = deps;
  const request = requestOf(deps, actor, input);
  const { id, companyId, createdAt } = request;
  const stored = await simulations.create(actor, request, {
    id: random.uuid(),
    companyId,
    at: createdAt,
    actorUserId: actor.userId,
    action: "simulation.create",
    targetType: "simulation",
    targetId: id,
    outcome: "done",
    origin,
  });
  if (stored === "too_many")
    throw new AppError("too_many_runs", `Your company has ${maxActiveRunsPerCompany} simulations under way. Wait for one to end.`, {
      retryAfterSeconds: 10,
    });
  const key = { companyId, simulationId: id };
  try {
    await runner.start(key);
    if (waitSeconds > 0 && (await runner.waitUntilDone(key, waitSeconds * 1000))) return await get(deps, actor, id);
  } catch (error) {
    // The run is stored, so it will be computed: answering 503 would make the client post a second one.
    deps.onLateStart(id, error);
  }
  const run = { ...request, status: "created", explanations: null, error: null, startedAt: null, completedAt: null } as const;
  return { run, parts: [], iterationsDone: 0 };
}

function requestOf({ catalogue, clock, random }: SimulationDependencies, actor: Actor, input: SimulationInput): SimulationRequest {
  const workloads = resolveWorkloads(input.roles, catalogue);
  const seed = input.seed ?? drawSeed(random);
  return {
    id: random.uuid() as SimulationId,
    companyId: actor.companyId,
    createdBy: actor.userId,
    name: input.name ?? null,
    model: input.model,
    engineVersion: ENGINE_VERSION,
    seed,
    iterations: input.n_iterations,
    months: input.n_months,
    input: { ...input, seed },
    workloads,
    warnings: inputWarnings(workloads, input.n_iterations),
    createdAt: clock.now(),
  };
}

/** 53 random bits: every integer a seed may be. */
function drawSeed(random: Random): number {
  const bytes = random.bytes(7);
  return bytes.reduce((seed, byte, index) => seed * 256 + (index === 0 ? byte & 0x1f : byte), 0);
}

async function get({ simulations, runner, clock }: SimulationDependencies, actor: Actor, id: SimulationId): Promise<SimulationView> {
  const found = await simulations.find(actor, id, clock.now());
  if (found === undefined) throw new AppError("not_found", "Your company has no simulation with this id.");
  const { run } = found;
  if (run.completedAt !== null) return { ...found, iterationsDone: run.status === "completed" ? run.iterations : 0 };
  const { iterationsDone } = await runner.progress({ companyId: run.companyId, simulationId: id });
  return { ...found, iterationsDone };
}
