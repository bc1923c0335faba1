import type { Actor } from "../../../shared/access.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import type { RateLimiter } from "../../../shared/rate-limit.ts";
import type { RoleService } from "../roles/service.ts";
import type { WorkloadProvider } from "../roles/workload-provider.ts";
import type { DescribeRole } from "../roles/workloads.ts";
import { countSimulationCall } from "./call-count.ts";
import { openRoles } from "./request.ts";
import type { SimulationInput } from "./schemas.ts";

export interface AdmissionDependencies {
  readonly roles: Pick<RoleService, "ownOf">;
  readonly provider: WorkloadProvider;
  readonly limiter: RateLimiter;
  readonly origin: RequestOrigin;
}

/**
 * Counts the call and learns what the open roles mean: the company's own word first, then the provider's, which is asked
 * only for callers who may. With `checkSession` the company is asked even when no role is open: it is the question that
 * tells a live session from a dead one, for verbs that ask no other.
 */
export async function admitAndDescribe(
  deps: AdmissionDependencies,
  actor: Actor,
  input: Pick<SimulationInput, "roles">,
  { checkSession = false } = {},
): Promise<DescribeRole> {
  const open = openRoles(input);
  const [ownOf] = await Promise.all([
    open.length > 0 || checkSession ? deps.roles.ownOf(actor, open) : () => undefined,
    countSimulationCall(deps, actor),
  ]);
  const describe = await deps.provider.describe(
    actor.companyId,
    open.filter((role) => ownOf(role) === undefined),
  );
  return (role) => {
    const workloads = ownOf(role);
    return workloads === undefined ? describe(role) : { source: "catalogue", workloads };
  };
}
