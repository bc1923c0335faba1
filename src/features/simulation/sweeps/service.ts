import type { Actor } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { EventFeed } from "../../../shared/event-stream.ts";
import { idempotentTry, keyReused } from "../../../shared/idempotency.ts";
import type { SimulationId, SweepId } from "../../../shared/ids.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import { maxActiveRunsPerCompany, sweepRunsAtOnce } from "../limits.ts";
import { admitAndDescribe, type AdmissionDependencies } from "../request/admission.ts";
import type { SimulationRunner } from "../runs/contract.ts";
import type { SweepRunner } from "./contract.ts";
import { sweepFeed } from "./events.ts";
import type { StoredSweep, SweepFilter, SweepRepository, SweepRequest, SweepSummary } from "./repository.ts";
import { sweepRequestOf } from "./request.ts";
import type { SweepInput } from "./schemas.ts";

export interface SweepView extends StoredSweep {
  /** Iterations done by the runs that have not completed: those in progress, those that failed or were cancelled. */
  readonly partlyDone: number;
}

export interface SweepService {
  /**
   * Stores a sweep with a run for each factor and has them started, a few at a time. A key used before with the same body
   * gives the sweep it made then.
   * @throws AppError `too_many_runs`, `idempotency_key_reused`, `over_budget`
   */
  create(actor: Actor, input: SweepInput, idempotencyKey: string | undefined): Promise<SweepView>;
  list(
    actor: Actor,
    filter: SweepFilter,
    page: { limit: number; after: PageMark | undefined },
  ): Promise<Page<SweepSummary>>;
  /** @throws AppError `not_found`; `validation_failed` for a month that the sweep does not have */
  get(actor: Actor, id: SweepId, months?: readonly number[]): Promise<SweepView>;
  /** Deletes a sweep with all its runs, wherever they stand. @throws AppError `not_found` */
  remove(actor: Actor, id: SweepId): Promise<void>;
  /** What happens to a sweep from now on. @throws AppError `not_found` */
  events(actor: Actor, id: SweepId): Promise<EventFeed>;
}

export interface SweepDependencies extends AdmissionDependencies {
  readonly sweeps: SweepRepository;
  readonly sweepRunner: SweepRunner;
  readonly runner: SimulationRunner;
  /** Whether the caller's session still lives. */
  readonly isLive: (actor: Actor) => Promise<boolean>;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of a call that did not reach an object and heals by itself, and of a stream that was cut. */
  readonly onFault: (
    event: "sweep_start_late" | "sweep_stop_lost" | "sweep_progress_lost" | "sweep_stream_cut",
    id: SweepId,
    error: unknown,
  ) => void;
}

const targetType = "sweep";

export function createSweepService(deps: SweepDependencies): SweepService {
  return {
    create: (actor, input, idempotencyKey) => create(deps, actor, input, idempotencyKey),
    list: (actor, filter, page) => deps.sweeps.list(actor, filter, page, deps.clock.now()),
    get: (actor, id, months) => get(deps, actor, id, months),
    remove: (actor, id) => remove(deps, actor, id),
    events: (actor, id) => events(deps, actor, id),
  };
}

async function create(
  deps: SweepDependencies,
  actor: Actor,
  input: SweepInput,
  idempotencyKey: string | undefined,
): Promise<SweepView> {
  const sweep = sweepRequestOf(deps, actor, input, await admitAndDescribe(deps, actor, input));
  const wanted = idempotentTry("POST sweep", idempotencyKey, input);
  const made = { action: "sweep.create", targetType, targetId: sweep.id, at: sweep.createdAt } as const;
  const audit = entryOf(deps, actor, made);
  const stored = await deps.sweeps.create(actor, sweep, audit, wanted);
  if (stored.outcome === "repeated") return get(deps, actor, stored.id);
  if (stored.outcome === "key_reused") throw keyReused();
  if (stored.outcome === "too_many")
    throw new AppError(
      "too_many_runs",
      `Your company has ${maxActiveRunsPerCompany} simulations and sweeps under way. Wait for one to end.`,
      { retryAfterSeconds: 10 },
    );
  // It is stored, so its runs will be computed: answering 503 would make the client post a second one.
  await deps.sweepRunner
    .start({ companyId: sweep.companyId, sweepId: sweep.id })
    .catch((error: unknown) => deps.onFault("sweep_start_late", sweep.id, error));
  return notYet(sweep);
}

const notYet = (sweep: SweepRequest): SweepView => ({
  sweep,
  months: [],
  runs: sweep.runs.map(({ id, engineVersion }, position) => ({
    id,
    position,
    engineVersion,
    status: "created",
    iterationsDone: null,
    error: null,
    startedAt: null,
    completedAt: null,
    values: null,
  })),
  partlyDone: 0,
});

async function get(deps: SweepDependencies, actor: Actor, id: SweepId, months?: readonly number[]): Promise<SweepView> {
  const found = await deps.sweeps.find(actor, id, months, deps.clock.now());
  if (found === undefined) throw unknownSweep();
  const last = found.sweep.months;
  if (months?.some((month) => month > last)) {
    const message = `must be at most ${last}, the sweep's n_months`;
    throw new AppError("validation_failed", `months: ${message}.`, { errors: [{ path: "months", message }] });
  }
  const going = found.runs.filter(({ status }) => status === "in_progress").map((run) => run.id);
  const cutShortDone = found.runs.reduce((sum, { iterationsDone }) => sum + (iterationsDone ?? 0), 0);
  return { ...found, partlyDone: cutShortDone + (await iterationsOf(deps, found.sweep, going)) };
}

/** Iterations done by runs that are in progress. One that cannot be asked counts as none: it is a figure to look at. */
async function iterationsOf(
  { runner, onFault }: SweepDependencies,
  { companyId, id }: Pick<SweepSummary, "companyId" | "id">,
  going: readonly SimulationId[],
): Promise<number> {
  const asked = going.slice(0, sweepRunsAtOnce).map((simulationId) =>
    runner.progress({ companyId, simulationId }).catch((error: unknown) => {
      onFault("sweep_progress_lost", id, error);
      return { iterationsDone: 0 };
    }),
  );
  return (await Promise.all(asked)).reduce((sum, { iterationsDone }) => sum + iterationsDone, 0);
}

async function remove(deps: SweepDependencies, actor: Actor, id: SweepId): Promise<void> {
  const audit = entryOf(deps, actor, { action: "sweep.delete", targetType, targetId: id });
  const going = await deps.sweeps.remove(actor, id, audit);
  if (going === undefined) throw unknownSweep();
  // Postgres has the last word already: an object that does not hear of it computes for nothing, and stores nothing.
  const { companyId } = actor;
  const stops = [
    deps.sweepRunner.stop({ companyId, sweepId: id }),
    ...going.map((simulationId) => deps.runner.stop({ companyId, simulationId })),
  ];
  for (const stop of await Promise.allSettled(stops))
    if (stop.status === "rejected") deps.onFault("sweep_stop_lost", id, stop.reason);
}

async function events(deps: SweepDependencies, actor: Actor, id: SweepId): Promise<EventFeed> {
  const look = async () => {
    const sweep = await deps.sweeps.findSummary(actor, id, deps.clock.now());
    return sweep && { sweep, partlyDone: sweep.cutShortDone + (await iterationsOf(deps, sweep, sweep.going)) };
  };
  const first = await look();
  if (first === undefined) throw unknownSweep();
  return sweepFeed(first, {
    look,
    wait: deps.wait,
    clock: deps.clock,
    isLive: () => deps.isLive(actor),
    onFault: (error) => deps.onFault("sweep_stream_cut", id, error),
  });
}

const unknownSweep = (): AppError => new AppError("not_found", "Your company has no sweep with this id.");
