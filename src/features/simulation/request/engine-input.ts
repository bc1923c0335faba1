import type { EngineInput } from "../engine/index.ts";
import { inputLimits } from "../limits.ts";
import type { Workload } from "../roles/workload-schemas.ts";
import type { SimulationInput } from "./schemas.ts";
import type { SimulationRequest } from "./simulation-request.ts";

/** Of a request what the engine reads. */
export interface Question extends Pick<SimulationRequest, "model" | "months" | "seed"> {
  readonly input: Pick<SimulationInput, "automation_factor" | "learn_factor" | "act_factor" | "oversight"> & {
    readonly roles: readonly Pick<SimulationInput["roles"][number], "role" | "count" | "salary">[];
  };
  readonly workloads: readonly {
    readonly role: string;
    readonly workloads: readonly Pick<Workload, "Name" | "Type" | "Skill" | "Time">[];
  }[];
}

/** `automation_factor`, but for the half that is given by itself. */
export const factorsOf = (
  input: Pick<SimulationInput, "automation_factor" | "learn_factor" | "act_factor">,
): Pick<EngineInput, "learnFactor" | "actFactor"> => ({
  learnFactor: input.learn_factor ?? input.automation_factor,
  actFactor: input.act_factor ?? input.automation_factor,
});

export function engineInputOf(request: Question): EngineInput {
  const { input } = request;
  const workloadsOf = new Map(request.workloads.map(({ role, workloads }) => [role, workloads]));
  return {
    model: request.model,
    oversight: request.model === "conserving" ? (input.oversight ?? inputLimits.oversight.default) : 0,
    ...factorsOf(input),
    months: request.months,
    seed: request.seed,
    roles: input.roles.map(({ role, count, salary }) => ({
      name: role,
      count,
      salary,
      workloads: (workloadsOf.get(role) ?? []).map(({ Name, Type, Skill, Time }) => ({
        name: Name,
        auto: Type === "Auto",
        skill: Skill,
        time: Time,
      })),
    })),
  };
}
