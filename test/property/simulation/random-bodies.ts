import { below, pick, type Chance } from "../../support/oracle/plain-random.ts";

export interface RandomBody {
  readonly model: "classic" | "conserving";
  readonly oversight?: number;
  readonly automation_factor: number;
  readonly learn_factor?: number;
  readonly n_iterations: number;
  readonly n_months: number;
  readonly seed: number;
  readonly roles: readonly {
    readonly role: string;
    readonly count: number;
    readonly salary: number;
    readonly workloads: readonly {
      readonly Name: string;
      readonly Type: "Auto" | "Non-Auto";
      readonly Skill: number;
      readonly Time: number;
    }[];
  }[];
}

/** Names hold no digit, so that every number of a text is a figure. */
const names = ["Clerk", "Nurse & carer", "Chef", "*Boss*", "Büro ☂", "Driver (night)"];

/** A request body, with the corners often: one iteration, one person, a factor of 0, a broken last year, Skill above 1. */
export function randomBody(chance: Chance): RandomBody {
  const model = pick(chance, ["classic", "conserving"] as const);
  const roles = names.slice(0, 1 + below(chance, names.length)).map((role) => ({
    role,
    count: pick(chance, [1, 1 + below(chance, 40), 1 + below(chance, 1_500)]),
    salary: pick(chance, [1, 52_000, 1 + chance.uniform() * 90_000]),
    workloads: Array.from({ length: 1 + below(chance, 5) }, (_, index) => ({
      Name: `work ${"abcde"[index]}`,
      Type: pick(chance, ["Auto", "Auto", "Non-Auto"] as const),
      Skill: pick(chance, [0, 0.2, 0.6, 1, chance.uniform() * 1.1]),
      Time: pick(chance, [0.2, 0.5, 1 / 3, 0.05 + chance.uniform()]),
    })),
  }));
  return {
    model,
    ...(model === "conserving" ? { oversight: pick(chance, [0.01, 0.05, 0.5, 1]) } : {}),
    automation_factor: pick(chance, [0, 0.3, 0.8, 1, chance.uniform()]),
    ...(chance.uniform() < 0.3 ? { learn_factor: pick(chance, [0, 1]) } : {}),
    n_iterations: pick(chance, [1, 2, 8, 15]),
    n_months: pick(chance, [12, 13, 24, 30, 36, 48, 60]),
    seed: below(chance, 1_000_000),
    roles,
  };
}
