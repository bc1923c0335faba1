import type { Actor } from "../../../shared/access.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { digestsWithNumber } from "../../../shared/canonical-json.ts";
import { AppError } from "../../../shared/errors.ts";
import type { SimulationId } from "../../../shared/ids.ts";
import { compileScenario, ENGINE_VERSION, withFactors } from "../engine/index.ts";
import { maxDescriptionBytes, maxWorkUnits } from "../limits.ts";
import { inputWarnings, resolveWorkloads, type DescribeRole } from "../roles/workloads.ts";
import { engineInputOf, factorsOf } from "./engine-input.ts";
import { forecastToWire } from "./estimate-schemas.ts";
import { costOf, estimateRun, type Estimate } from "./estimate.ts";
import { scenarioWarnings } from "./scenario-warnings.ts";
import type { SimulationInput } from "./schemas.ts";
import type { SimulationRequest } from "./simulation-request.ts";

/** Names of the roles whose workloads the request leaves open. */
export const openRoles = (input: Pick<SimulationInput, "roles">): string[] =>
  input.roles.filter(({ workloads }) => workloads === undefined).map(({ role }) => role);

/** A request, and what it would cost. */
export interface EstimatedRequest extends SimulationRequest {
  readonly estimate: Estimate;
}

interface RequestParts {
  readonly clock: Clock;
  readonly random: Random;
}

/** What is stored and computed for an input. Where the catalogue's workloads come in, they are part of it from now on. */
export const requestOf = (
  parts: RequestParts,
  actor: Actor,
  input: SimulationInput,
  describe: DescribeRole,
): EstimatedRequest => requestsOf(parts, actor, input, describe)(input.automation_factor);

/** The same at any factor in place of the input's, on one seed: what has nothing to do with it is worked out once. */
export function requestsOf(
  { clock, random }: RequestParts,
  actor: Actor,
  input: SimulationInput,
  describe: DescribeRole,
): (factor: number) => EstimatedRequest {
  const workloads = resolveWorkloads(input.roles, describe);
  const common = {
    ...{ model: input.model, seed: input.seed ?? drawSeed(random), months: input.n_months, workloads },
    companyId: actor.companyId,
    createdBy: actor.userId,
    name: input.name ?? null,
    companyLabel: input.company,
    engineVersion: ENGINE_VERSION,
    iterations: input.n_iterations,
    createdAt: clock.now(),
  };
  const compiled = compileScenario(engineInputOf({ ...common, input }));
  const warnings = inputWarnings(workloads, input.n_iterations);
  return (factor) => {
    const asked = { ...input, seed: common.seed, automation_factor: factor };
    const scenario = withFactors(compiled, factorsOf(asked));
    return {
      ...common,
      input: asked,
      id: random.uuid() as SimulationId,
      warnings: [...warnings, ...scenarioWarnings(scenario)],
      estimate: estimateRun(scenario, input.n_iterations),
    };
  };
}

/**
 * Of all that is asked, at any factor in place of the request's: two of one digest are the same question. Seed and workloads are
 * in it as they were drawn and found, so that a body that is posted again finds its run.
 */
export const digestsOf = ({
  input: { automation_factor: _, ...input },
  workloads,
}: Pick<SimulationRequest, "input" | "workloads">): ((factor: number) => Uint8Array) =>
  digestsWithNumber({ input, workloads });

/** 53 random bits: every integer a seed may be. */
function drawSeed(random: Random): number {
  const bytes = random.bytes(7);
  return bytes.reduce((seed, byte, index) => seed * 256 + (index === 0 ? byte & 0x1f : byte), 0);
}

/** @throws AppError `over_budget`, with the estimate */
export function refuseOverBudget({ estimate, workloads }: Pick<EstimatedRequest, "estimate" | "workloads">): void {
  refuseTooMuchWork(estimate, "run", "iterations, months or roles", {
    path: "n_iterations",
    message: "is too many for these roles and months",
  });
  refuseTooLongAWord(workloads);
}

/** @throws AppError `over_budget` */
export function refuseTooLongAWord(workloads: SimulationRequest["workloads"]): void {
  if (jsonBytes(workloads) <= maxDescriptionBytes) return;
  throw new AppError(
    "over_budget",
    `These roles are described at too great a length: ${maxDescriptionBytes / 1024 / 1024} MB are allowed in all. Ask for fewer roles, or shorten the reasons of their workloads.`,
    { errors: [{ path: "roles", message: "are described at too great a length" }] },
  );
}

/** @throws AppError `over_budget`, with the estimate, naming what to ask less of and the field that is to blame */
export function refuseTooMuchWork(
  estimate: Estimate,
  what: "run" | "sweep",
  fewer: string,
  error: { path: string; message: string },
): void {
  if (estimate.withinBudget) return;
  const minutes = Math.ceil(estimate.cpuSeconds / 60);
  const allowed = Math.floor(costOf(maxWorkUnits).cpuSeconds / 60);
  throw new AppError(
    "over_budget",
    `This ${what} would take about ${minutes} minutes of computing, and ${allowed} are allowed. Ask for fewer ${fewer}.`,
    { errors: [error], extensions: { estimate: forecastToWire(estimate) } },
  );
}

/** What a value takes where it is stored. */
export const jsonBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;
