import type { Actor } from "../../../shared/access.ts";
import type { Clock } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import type { RateLimiter } from "../../../shared/rate-limit.ts";
import { countSimulationCall } from "../request/call-count.ts";
import type { ComparableRun, ComparisonRepository, StoredForComparison } from "./repository.ts";

export interface ComparisonService {
  /**
   * Completed runs of the caller's company, in the order of `ids`.
   * @throws AppError `not_found`, the same for an unknown run and another company's; `simulation_not_completed`,
   * `engine_changed`
   */
  find(actor: Actor, ids: readonly SimulationId[]): Promise<ComparableRun[]>;
}

export interface ComparisonDependencies {
  readonly comparisons: ComparisonRepository;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly origin: RequestOrigin;
}

export const createComparisonService = (deps: ComparisonDependencies): ComparisonService => ({
  async find(actor, ids) {
    const [found] = await Promise.all([
      deps.comparisons.find(actor, ids, deps.clock.now()),
      countSimulationCall(deps, actor),
    ]);
    const byId = new Map(found.map((run) => [run.id, run]));
    return ids.map((id, position) => comparable(byId.get(id), position));
  },
});

function comparable(run: StoredForComparison | undefined, position: number): ComparableRun {
  const which = `Run ${position + 1} of those you named`;
  if (run === undefined) throw new AppError("not_found", `${which} is none of your company's.`);
  if (run.status !== "completed")
    throw new AppError(
      "simulation_not_completed",
      `${which} is ${run.status}. Compare it once it has completed, or leave it out.`,
    );
  const { summary, outcomes, organisation } = run;
  if (summary === null || outcomes === null || organisation === null)
    throw new AppError("engine_changed", `${which} was stored before runs could be compared. Start it again.`);
  return { ...run, summary, outcomes, organisation };
}
