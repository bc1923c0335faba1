import type { Actor } from "../../../shared/access.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import { enforceRates, networkOf, type RateLimiter } from "../../../shared/rate-limit.ts";
import { simulationsByNetwork, simulationsByUser } from "../limits.ts";

/** What costs computing is counted, by person and by network. @throws AppError `rate_limited` */
export const countSimulationCall = (
  { limiter, origin }: { readonly limiter: RateLimiter; readonly origin: RequestOrigin },
  actor: Actor,
): Promise<void> =>
  enforceRates(limiter, [
    { policy: simulationsByNetwork, key: networkOf(origin.ip) },
    { policy: simulationsByUser, key: actor.userId },
  ]);
