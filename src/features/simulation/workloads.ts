import type { Workload } from "./schemas.ts";
import type { WarningCode } from "./warning-codes.ts";

export interface CatalogueRole {
  readonly role: string;
  /** Other names for it, compared without case and punctuation. */
  readonly aliases?: readonly string[];
  readonly workloads: readonly Workload[];
}

/** Where the workloads of roles come from that a request leaves open. */
export interface RoleCatalogue {
  find(role: string): readonly Workload[] | undefined;
  readonly fallback: readonly Workload[];
}

/** A role's workloads, and whether they came with the request, from the catalogue, or are the default role's. */
export interface ResolvedRole {
  readonly role: string;
  readonly source: "request" | "catalogue" | "fallback";
  readonly workloads: readonly Workload[];
}

export interface Warning {
  readonly code: WarningCode;
  readonly role?: string;
  readonly value?: number;
}

export function resolveWorkloads(
  roles: readonly { role: string; workloads?: readonly Workload[] | undefined }[],
  catalogue: RoleCatalogue,
): ResolvedRole[] {
  return roles.map(({ role, workloads }) => {
    if (workloads !== undefined) return { role, source: "request", workloads };
    const known = catalogue.find(role);
    return known === undefined
      ? { role, source: "fallback", workloads: catalogue.fallback }
      : { role, source: "catalogue", workloads: known };
  });
}

/** Fewer iterations than this leave the tails to luck. */
const fewIterations = 30;
/** Knowledge is capped here, so a higher Skill is out of reach. */
const knowledgeCap = 1;
const timeTolerance = 0.01;

/** What a reader of the results ought to know of the input. */
export function inputWarnings(roles: readonly ResolvedRole[], iterations: number): Warning[] {
  const warnings: Warning[] = roles.flatMap(({ role, source, workloads }) => {
    const auto = workloads.filter(({ Type }) => Type === "Auto");
    const time = workloads.reduce((sum, { Time }) => sum + Time, 0);
    const found: Warning[] = [];
    if (source === "fallback") found.push({ code: "role_from_fallback", role });
    if (auto.length === 0) found.push({ code: "nothing_automatable", role });
    const highest = Math.max(0, ...auto.map(({ Skill }) => Skill));
    if (highest > knowledgeCap) found.push({ code: "skill_never_reached", role, value: highest });
    if (Math.abs(time - 1) > timeTolerance) found.push({ code: "times_do_not_add_up", role, value: time });
    return found;
  });
  if (iterations < fewIterations) warnings.push({ code: "few_iterations", value: iterations });
  return warnings;
}
