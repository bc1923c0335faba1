import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { Clock, Random } from "../../shared/clock.ts";
import { AppError } from "../../shared/errors.ts";
import { idempotentTry } from "../../shared/idempotency.ts";
import type { SimulationId } from "../../shared/ids.ts";
import type { RequestOrigin } from "../../shared/origin.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import { roleCatalogue } from "./catalogue/index.ts";
import { ENGINE_VERSION } from "./engine/index.ts";
import { estimateRun, type Estimate } from "./estimate.ts";
import { maxActiveRunsPerCompany } from "./limits.ts";
import { futurePaths, parseIterations, type FuturePath } from "./paths.ts";
import type {
  SimulationFilter,
  SimulationRecord,
  SimulationRepository,
  SimulationRequest,
  SimulationSummary,
} from "./repository.ts";
import type { RoleService } from "./roles/service.ts";
import type { SimulationRunner } from "./contract.ts";
import type { SimulationInput } from "./schemas.ts";
import type { SeriesPart } from "./series.ts";
import { inputWarnings, resolveWorkloads, type RoleCatalogue, type Warning } from "./workloads.ts";

export interface SimulationView {
  readonly run: SimulationRecord;
  /** Empty unless completed. */
  readonly parts: readonly SeriesPart[];
  readonly iterationsDone: number;
}

export interface CreateOptions {
  readonly waitSeconds: number;
  readonly idempotencyKey: string | undefined;
}

export interface SimulationService {
  /**
   * Stores and starts a run, and waits up to `waitSeconds` for its end. A key used before with the same body gives the
   * run it made then.
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
   * Single futures of a run, computed again. `iterations` as in `0-19` or `3,7`.
   * @throws AppError `not_found`, `validation_failed`, `engine_changed`
   */
  paths(actor: Actor, id: SimulationId, iterations: string, metrics: readonly string[]): Promise<readonly FuturePath[]>;
  /** Deletes a run, wherever it stands. @throws AppError `not_found` */
  remove(actor: Actor, id: SimulationId): Promise<void>;
  /** @throws AppError `not_found`, the same for an unknown run and another company's */
  get(actor: Actor, id: SimulationId): Promise<SimulationView>;
}

export interface SimulationDependencies {
  readonly simulations: SimulationRepository;
  readonly runner: SimulationRunner;
  readonly roles: Pick<RoleService, "catalogueFor">;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  /** Told of a call that did not reach the runner and heals by itself: a late start by the clock's sweep. */
  readonly onFault: (event: "simulation_start_late" | "simulation_stop_lost", id: SimulationId, error: unknown) => void;
}

export function createSimulationService(dependencies: SimulationDependencies): SimulationService {
  return {
    create: (actor, input, options) => create(dependencies, actor, input, options),
    get: (actor, id) => get(dependencies, actor, id),
    list: (actor, filter, page) => dependencies.simulations.list(actor, filter, page, dependencies.clock.now()),
    cancel: (actor, id) => cancel(dependencies, actor, id),
    remove: (actor, id) => remove(dependencies, actor, id),
    async estimate(actor, input) {
      // Asked even when the request describes every role: it is the question that tells a live session from a dead one.
      const catalogue = await dependencies.roles.catalogueFor(actor, openRoles(input));
      const request = requestOf(dependencies, actor, input, catalogue);
      return { estimate: estimateRun(request), warnings: request.warnings };
    },
    paths: (actor, id, iterations, metrics) => paths(dependencies, actor, id, iterations, metrics),
  };
}

async function create(
  deps: SimulationDependencies,
  actor: Actor,
  input: SimulationInput,
  options: CreateOptions,
): Promise<SimulationView> {
  const { waitSeconds, idempotencyKey } = options;
  const open = openRoles(input);
  const catalogue = open.length === 0 ? roleCatalogue : await deps.roles.catalogueFor(actor, open);
  const request = requestOf(deps, actor, input, catalogue);
  refuseOverBudget(estimateRun(request));
  const wanted = idempotentTry("POST simulation", idempotencyKey, input);
  const audit = auditOf(deps, actor, "simulation.create", request.id, request.createdAt);
  const stored = await deps.simulations.create(actor, request, audit, wanted);
  if (stored.outcome === "repeated") return get(deps, actor, stored.id);
  if (stored.outcome === "key_reused")
    throw new AppError(
      "idempotency_key_reused",
      "This Idempotency-Key came with another body before. Use a new key for a new request.",
    );
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
  const { runner } = deps;
  const { id, companyId } = request;
  const key = { companyId, simulationId: id };
  try {
    await runner.start(key);
    if (waitSeconds > 0 && (await runner.waitUntilDone(key, waitSeconds * 1000))) return await get(deps, actor, id);
  } catch (error) {
    // The run is stored, so it will be computed: answering 503 would make the client post a second one.
    deps.onFault("simulation_start_late", id, error);
  }
  const run = {
    ...request,
    status: "created",
    explanations: null,
    error: null,
    startedAt: null,
    completedAt: null,
  } as const;
  return { run, parts: [], iterationsDone: 0 };
}

/** Names of the roles whose workloads the request leaves to the catalogue. */
const openRoles = (input: SimulationInput): string[] =>
  input.roles.filter(({ workloads }) => workloads === undefined).map(({ role }) => role);

function requestOf(
  { clock, random }: SimulationDependencies,
  actor: Actor,
  input: SimulationInput,
  catalogue: RoleCatalogue,
): SimulationRequest {
  const workloads = resolveWorkloads(input.roles, catalogue);
  const seed = input.seed ?? drawSeed(random);
  return {
    id: random.uuid() as SimulationId,
    companyId: actor.companyId,
    createdBy: actor.userId,
    name: input.name ?? null,
    companyLabel: input.company,
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

async function get(
  { simulations, runner, clock }: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
): Promise<SimulationView> {
  const found = await simulations.find(actor, id, clock.now());
  if (found === undefined) throw unknownRun();
  const { run } = found;
  if (run.completedAt !== null) return { ...found, iterationsDone: run.status === "completed" ? run.iterations : 0 };
  const { iterationsDone } = await runner.progress({ companyId: run.companyId, simulationId: id });
  return { ...found, iterationsDone };
}

async function paths(
  deps: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  iterations: string,
  metrics: readonly string[],
) {
  const { run } = await get(deps, actor, id);
  if (run.engineVersion !== ENGINE_VERSION)
    throw new AppError(
      "engine_changed",
      `This run was computed by engine ${run.engineVersion}; now there is ${ENGINE_VERSION}. Start it again.`,
    );
  return futurePaths(run, parseIterations(iterations, run.iterations), metrics);
}

function refuseOverBudget({ withinBudget, cpuSeconds }: Estimate): void {
  if (withinBudget) return;
  const minutes = Math.round(cpuSeconds / 60);
  throw new AppError(
    "over_budget",
    `This run would take about ${minutes} minutes of computing, more than is allowed. Ask for fewer iterations, months or roles.`,
    {
      errors: [{ path: "n_iterations", message: "is too many for these roles and months" }],
    },
  );
}

async function cancel(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<SimulationView> {
  const audit = auditOf(deps, actor, "simulation.cancel", id, deps.clock.now());
  if (!(await deps.simulations.cancel(actor, id, audit))) throw unknownRun();
  await stop(deps, actor, id);
  return get(deps, actor, id);
}

async function remove(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<void> {
  const audit = auditOf(deps, actor, "simulation.delete", id, deps.clock.now());
  if (!(await deps.simulations.remove(actor, id, audit))) throw unknownRun();
  await stop(deps, actor, id);
}

/** Postgres has the last word already: an object that does not hear of it computes for nothing, and stores nothing. */
async function stop({ runner, onFault }: SimulationDependencies, actor: Actor, id: SimulationId): Promise<void> {
  await runner
    .stop({ companyId: actor.companyId, simulationId: id })
    .catch((error: unknown) => onFault("simulation_stop_lost", id, error));
}

const auditOf = (
  { random, origin }: SimulationDependencies,
  actor: Actor,
  action: AuditEntry["action"],
  id: SimulationId,
  at: Date,
): AuditEntry => ({
  id: random.uuid(),
  companyId: actor.companyId,
  at,
  actorUserId: actor.userId,
  action,
  targetType: "simulation",
  targetId: id,
  outcome: "done",
  origin,
});

const unknownRun = (): AppError => new AppError("not_found", "Your company has no simulation with this id.");
