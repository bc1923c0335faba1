import type { Clock, Random } from "../../../../shared/clock.ts";
import type { SimulationId } from "../../../../shared/ids.ts";
import type { RequestOrigin } from "../../../../shared/origin.ts";
import type { RateLimiter } from "../../../../shared/rate-limit.ts";
import type { RoleService } from "../../roles/service.ts";
import type { WorkloadProvider } from "../../roles/workload-provider.ts";
import type { SimulationRunner } from "../contract.ts";
import type { FollowDependencies } from "../events.ts";
import type { SimulationRepository } from "../repository.ts";

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

/** In the audit. */
export const targetType = "simulation";
