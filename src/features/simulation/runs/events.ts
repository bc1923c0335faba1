import type { Actor } from "../../../shared/access.ts";
import type { Clock } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import { lastEventOfAll, type EventFeed, type StreamEvent } from "../../../shared/event-stream.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import type { RunProgress, SimulationRunner } from "./contract.ts";
import type { RunStanding, SimulationRepository } from "./repository.ts";

export interface FollowDependencies {
  readonly simulations: Pick<SimulationRepository, "findStanding">;
  readonly runner: Pick<SimulationRunner, "newsAfter">;
  readonly isLive: (actor: Actor) => Promise<boolean>;
  readonly clock: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly onFault: (event: "simulation_stream_lost", id: SimulationId, error: unknown) => void;
}

/**
 * A run's events for a caller who may read it: `progress` as the run's object tells it, then how it ended as Postgres
 * says. A run that was deleted meanwhile ends as `cancelled`.
 * @throws AppError `not_found`
 */
export async function followRun(deps: FollowDependencies, actor: Actor, id: SimulationId): Promise<EventFeed> {
  const standing = await deps.simulations.findStanding(actor, id, deps.clock.now());
  if (standing === undefined) throw new AppError("not_found", "Your company has no simulation with this id.");
  const key = { companyId: actor.companyId, simulationId: id };
  let end = endOf(standing);
  return {
    async next(after, waitMs) {
      if (end !== undefined) return { events: [end], ended: true };
      const { news, ended, known, busy } = await deps.runner.newsAfter(key, numberOf(after), waitMs);
      // The object that ended knows no more than that; one that knows no run has not heard of it yet, or has been emptied.
      if (ended || !known) end = endOf(await deps.simulations.findStanding(actor, id, deps.clock.now()));
      if (end === undefined && (busy || ended)) await deps.wait(waitMs);
      const events = news.map(progressEvent);
      return end === undefined ? { events, ended: false } : { events: [...events, end], ended: true };
    },
    isLive: () => deps.isLive(actor),
    onFault: (error) => deps.onFault("simulation_stream_lost", id, error),
    clock: deps.clock,
  };
}

const progressEvent = ({ number, done, total }: RunProgress): StreamEvent => ({
  id: String(number),
  event: "progress",
  data: { iterations_done: done, iterations_total: total, fraction: done / total },
});

function endOf(standing: RunStanding | undefined): StreamEvent | undefined {
  if (standing === undefined) return { id: lastEventOfAll, event: "cancelled", data: { status: "cancelled" } };
  const { status, error } = standing;
  if (status === "created" || status === "in_progress") return undefined;
  return { id: lastEventOfAll, event: status, data: { status, ...(error === null ? {} : { error }) } };
}

/** The number in an event's id. One that is none of ours begins from the beginning. */
const numberOf = (id: string | undefined): number => (id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) : 0);
