import type { EngineInput, EngineModel, EngineRole } from "../../../src/features/simulation/engine/index.ts";

/** [auto, skill, time] of each workload. */
type Ladder = readonly (readonly [auto: boolean, skill: number, time: number])[];

export function roleOf(name: string, count: number, salary: number, ladder: Ladder): EngineRole {
  return {
    name,
    count,
    salary,
    workloads: ladder.map(([auto, skill, time], index) => ({ name: `w${index}`, auto, skill, time })),
  };
}

const ENGINEER: Ladder = [
  [true, 0.9, 0.5],
  [false, 0.8, 0.125],
  [true, 0.7, 0.2],
  [false, 0.85, 0.175],
];
const MARKETING: Ladder = [
  [true, 0.85, 0.4],
  [true, 0.7, 0.15],
  [false, 0.75, 0.2],
  [false, 0.8, 0.25],
];

/** The two roles of the references' document example, at any size: three engineers to a marketer. */
export function twoRoles(model: EngineModel, people: number, seed: number, months = 48): EngineInput {
  return {
    model,
    oversight: 0.05,
    learnFactor: 0.5,
    actFactor: 0.5,
    months,
    seed,
    roles: [roleOf("Engineer", (people * 3) / 4, 80_000, ENGINEER), roleOf("Marketing", people / 4, 70_000, MARKETING)],
  };
}

/** A deep ladder: many small workloads with uneven shares, some of them beyond reach. */
export function manyWorkloads(model: EngineModel, workloads: number, people: number, months: number): EngineInput {
  const ladder = Array.from(
    { length: workloads },
    (_, index) =>
      [index % 3 !== 2, 0.15 + ((index * 7) % 20) / 20, (1 + ((index * 11) % 13)) / (7 * workloads)] as const,
  );
  return {
    model,
    oversight: 0.1,
    learnFactor: 0.9,
    actFactor: 0.3,
    months,
    seed: 12,
    roles: [roleOf("Clerk", people, 41_000, ladder)],
  };
}

/** Many roles of five workloads each, no two alike. */
export function manyRoles(roles: number, people: number, seed: number): EngineInput {
  return {
    ...twoRoles("classic", 4, seed),
    roles: Array.from({ length: roles }, (_, role) =>
      roleOf(
        `Role ${role}`,
        people,
        40_000 + 100 * role,
        [0.3, 0.25, 0.2, 0.15, 0.1].map(
          (time, index) => [(role + index) % 3 !== 0, 0.2 + ((role * 7 + index * 5) % 9) / 11, time] as const,
        ),
      ),
    ),
  };
}
