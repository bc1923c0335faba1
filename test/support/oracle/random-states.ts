import type { EngineInput, EngineWorkload } from "../../../src/features/simulation/engine/index.ts";
import { buildRoleTable } from "../../../src/features/simulation/engine/role-table.ts";
import type { RoleTable } from "../../../src/features/simulation/engine/role-table.ts";
import type { Rules } from "./people.ts";
import { below, pick } from "./plain-random.ts";
import type { Chance } from "./plain-random.ts";

/** Interchangeable people: how many, at which level, asked for how much. */
export interface StateClass {
  level: number;
  expected: number;
  count: number;
}

const TIMES = [0, 0.05, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1 / 3];
const SKILLS = [0, 0.2, 0.35, 0.4, 0.6, 0.75, 0.9, 1, 1.1];

/** Workloads with many equal and many round Times, so that ties and exact fits are common. */
export function randomWorkloads(chance: Chance, most = 6): EngineWorkload[] {
  return Array.from({ length: 1 + below(chance, most) }, (_, index) => ({
    name: `w${index}`,
    auto: chance.uniform() < 0.6,
    skill: pick(chance, SKILLS),
    time: chance.uniform() < 0.15 ? Math.max(1e-6, chance.uniform()) : pick(chance, TIMES),
  }));
}

/** The ladder of one role with these workloads. */
export function tableOf(workloads: EngineWorkload[], people: number, rules: Rules): RoleTable {
  const role = { name: "Role", count: people, salary: 1, workloads };
  const input: EngineInput = { ...rules, learnFactor: 0.5, actFactor: 0.5, months: 12, seed: 0, roles: [role] };
  return buildRoleTable(input, role);
}

/** Expectations people really come to have: whole ones, full ones, one more than full, and arbitrary remainders. */
function randomExpected(chance: Chance, role: RoleTable): number {
  const limit = role.outputLimit[below(chance, role.levels)]!;
  switch (below(chance, 6)) {
    case 0:
    case 1:
      return 1;
    case 2:
      return 1 + below(chance, 4);
    case 3:
      return Math.max(1, limit);
    case 4:
      return Math.max(1, limit - 1) + 1;
    default:
      return 1 + chance.uniform() * Math.max(1, limit);
  }
}

/** Classes in a population's order, each listed once. */
export function randomState(chance: Chance, role: RoleTable, mostClasses: number, mostPeople: number): StateClass[] {
  const classes = new Map<string, StateClass>();
  for (let wanted = 1 + below(chance, mostClasses); wanted > 0; wanted--) {
    const one = {
      level: below(chance, role.levels),
      expected: randomExpected(chance, role),
      count: 1 + below(chance, mostPeople),
    };
    classes.set(`${one.level} ${one.expected}`, one);
  }
  return [...classes.values()].sort((a, b) => a.expected - b.expected || a.level - b.level);
}
