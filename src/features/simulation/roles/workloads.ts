import type { Warning } from "../warnings.ts";
import type { Workload } from "./workload-schemas.ts";
import type { WorkloadSource } from "./workload-sources.ts";

export interface CatalogueRole {
  readonly role: string;
  /** Other names for it, compared without case and punctuation. */
  readonly aliases?: readonly string[];
  readonly workloads: readonly Workload[];
}

export interface RoleCatalogue {
  find(role: string): readonly Workload[] | undefined;
  readonly fallback: readonly Workload[];
}

export interface RoleDescription {
  readonly source: WorkloadSource;
  readonly workloads: readonly Workload[];
  /** With `provider_fallback`: our catalogue did not know the role either. */
  readonly isDefault?: boolean;
}
/** Knows every role: what nobody described is the default role. */
export type DescribeRole = (role: string) => RoleDescription;

/** A role of a run with its workloads, and where they came from. */
export interface ResolvedRole extends RoleDescription {
  readonly role: string;
}

export function resolveWorkloads(
  roles: readonly { role: string; workloads?: readonly Workload[] | undefined }[],
  describe: DescribeRole,
): ResolvedRole[] {
  return roles.map(({ role, workloads }) =>
    workloads === undefined ? { role, ...describe(role) } : { role, source: "request", workloads },
  );
}

/** Fewer iterations than this leave the tails to luck. */
const fewIterations = 30;
/** Knowledge is capped here, so a higher Skill is out of reach. */
const knowledgeCap = 1;
/** And what adding Times up may round by: 0.5 + 0.51 is 1.01, and 1.01 − 1 a little more than 0.01. */
const timeTolerance = 0.01 + 1e-9;

/** What a reader of the results ought to know of the input. */
export function inputWarnings(roles: readonly ResolvedRole[], iterations: number): Warning[] {
  const warnings: Warning[] = roles.flatMap(({ role, source, workloads, isDefault }) => {
    const auto = workloads.filter(({ Type }) => Type === "Auto");
    const time = workloads.reduce((sum, { Time }) => sum + Time, 0);
    const found: Warning[] = [];
    if (source === "provider_fallback") found.push({ code: "provider_fallback", role });
    if (source === "fallback" || isDefault === true) found.push({ code: "role_from_fallback", role });
    if (auto.length === 0) found.push({ code: "nothing_automatable", role });
    const highest = Math.max(0, ...auto.map(({ Skill }) => Skill));
    if (highest > knowledgeCap) found.push({ code: "skill_never_reached", role, value: highest });
    if (Math.abs(time - 1) > timeTolerance) found.push({ code: "times_do_not_add_up", role, value: time });
    return found;
  });
  if (iterations < fewIterations) warnings.push({ code: "few_iterations", value: iterations });
  return warnings;
}
