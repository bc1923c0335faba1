import type { Actor } from "../../../shared/access.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { SweepId } from "../../../shared/ids.ts";
import { maxSweepDescriptionBytes, maxSweepRoleSteps, maxWorkUnits, secondsBesideComputing } from "../limits.ts";
import { costOf, type Estimate } from "../request/estimate.ts";
import {
  digestsOf,
  jsonBytes,
  refuseTooLongAWord,
  refuseTooMuchWork,
  requestsOf,
  type EstimatedRequest,
} from "../request/request.ts";
import type { SimulationInput } from "../request/schemas.ts";
import type { DescribeRole } from "../roles/workloads.ts";
import type { Warning } from "../warnings.ts";
import type { SweepRequest } from "./repository.ts";
import type { SweepInput } from "./schemas.ts";

/**
 * One run for each factor, on one seed.
 * @throws AppError `over_budget`
 */
export function sweepRequestOf(
  deps: { readonly clock: Clock; readonly random: Random },
  actor: Actor,
  input: SweepInput,
  describe: DescribeRole,
): SweepRequest {
  refuseTooMuchToStore(input);
  const [firstFactor = 0, ...others] = input.automation_factors;
  const requestAt = requestsOf(deps, actor, singleInput(input, firstFactor), describe);
  const first = requestAt(firstFactor);
  refuseTooLongAWord(first.workloads);
  refuseTooMuchRepeated(input, first);
  const requests = [first, ...others.map(requestAt)];
  const estimate = estimateOf(requests);
  refuseTooMuchWork(estimate, "sweep", "factors, iterations, months or roles", {
    path: "automation_factors",
    message: "are too many for these iterations, months and roles",
  });
  const digestAt = digestsOf(first);
  return {
    ...first,
    id: deps.random.uuid() as SweepId,
    automationFactors: input.automation_factors,
    input: { ...input, seed: first.seed },
    warnings: sharedWarnings(requests),
    estimate,
    runs: requests.map((request) => ({ ...request, digest: digestAt(request.input.automation_factor) })),
  };
}

/** What a sweep asks at one of its factors, as a body of its own. */
function singleInput({ automation_factors: _, ...rest }: SweepInput, factor: number): SimulationInput {
  return { ...rest, automation_factor: factor };
}

function estimateOf(runs: readonly EstimatedRequest[]): Estimate {
  const cost = costOf(runs.reduce((sum, { estimate }) => sum + estimate.workUnits, 0));
  return {
    ...cost,
    wallSeconds: cost.cpuSeconds + runs.length * secondsBesideComputing,
    floorPeople: Math.min(...runs.map(({ estimate }) => estimate.floorPeople)),
    withinBudget: cost.workUnits <= maxWorkUnits,
  };
}

/** Those that hold at every factor, with the same value. */
function sharedWarnings([first, ...others]: readonly EstimatedRequest[]): Warning[] {
  const texts = others.map(({ warnings }) => new Set(warnings.map((warning) => JSON.stringify(warning))));
  return (first?.warnings ?? []).filter((warning) => texts.every((known) => known.has(JSON.stringify(warning))));
}

const fewerFactors = (detail: string, message: string): AppError =>
  new AppError("over_budget", detail, { errors: [{ path: "automation_factors", message }] });

/** Before anything is worked out: every run stores a series of every role. */
function refuseTooMuchToStore({ automation_factors: factors, roles, n_months: months }: SweepInput): void {
  const most = Math.floor(maxSweepRoleSteps / (roles.length * (months + 1)));
  if (factors.length <= most) return;
  throw fewerFactors(
    `This sweep would store too much: with ${roles.length} roles and ${months} months it may have at most ${most} factors.`,
    `must be at most ${most} with these roles and months`,
  );
}

/** Every run stores what it was asked, to the letter. */
function refuseTooMuchRepeated(input: SweepInput, { input: asked, workloads }: EstimatedRequest): void {
  const most = Math.floor(maxSweepDescriptionBytes / (jsonBytes(asked) + jsonBytes(workloads)));
  if (input.automation_factors.length <= most) return;
  throw fewerFactors(
    `These roles are described at such length that a sweep of them may have at most ${most} factors. Shorten the reasons of their workloads, or ask for fewer factors.`,
    `must be at most ${most} with roles described at this length`,
  );
}
