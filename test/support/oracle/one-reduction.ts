import { ClassicScratch, planClassic } from "../../../src/features/simulation/engine/classes/classic-plan.ts";
import { planConserving } from "../../../src/features/simulation/engine/classes/conserving-plan.ts";
import { ReductionPlan } from "../../../src/features/simulation/engine/classes/plan.ts";
import { Population } from "../../../src/features/simulation/engine/classes/population.ts";
import { ShareOut } from "../../../src/features/simulation/engine/classes/share-out.ts";
import {
  TieGroups,
  groupClassic,
  groupConserving,
} from "../../../src/features/simulation/engine/classes/tie-groups.ts";
import type { EngineModel } from "../../../src/features/simulation/engine/index.ts";
import type { RoleTable } from "../../../src/features/simulation/engine/role-table.ts";
import type { Chance } from "./plain-random.ts";
import type { StateClass } from "./random-states.ts";
import { reduceClassic, reduceConserving } from "./reduce.ts";

/** Someone after a reduction. */
export interface Remaining {
  level: number;
  unitTime: number;
  expected: number;
}

/** More levels than any random role has. */
const MAX_LEVELS = 64;

/** One reduction of a role at a time, by the engine's classes; scratch memory is reused as in a run. */
export class ClassReducer {
  readonly #before = new Population();
  readonly #after = new Population();
  readonly #groups = new TieGroups();
  readonly #plan = new ReductionPlan();
  readonly #scratch = new ClassicScratch();
  readonly #shareOut = new ShareOut(MAX_LEVELS);

  reduce(model: EngineModel, state: readonly StateClass[], role: RoleTable, chance: Chance): StateClass[] {
    this.#before.clear();
    for (const { level, expected, count } of state) this.#before.push(level, expected, count);
    if (model === "classic") {
      groupClassic(this.#before, role, this.#groups);
      planClassic(this.#groups, this.#scratch, this.#plan);
    } else {
      groupConserving(this.#before, role, this.#groups);
      planConserving(this.#groups, role.people, this.#plan);
    }
    if (this.#plan.leavers === 0) return [...state];
    this.#shareOut.apply(this.#before, this.#groups, this.#plan, role, chance, this.#after);
    return Array.from({ length: this.#after.size }, (_, index) => ({
      level: this.#after.level[index]!,
      expected: this.#after.expected[index]!,
      count: this.#after.count[index]!,
    }));
  }
}

/** One reduction of a role, person by person. */
export function reduceByPerson(
  model: EngineModel,
  state: readonly StateClass[],
  role: RoleTable,
  chance: Chance,
): Remaining[] {
  const people = state.flatMap(({ level, expected, count }) => {
    const unitTime = role.unitTime[level]!;
    const capacity = unitTime > 0 ? 1 / unitTime - expected : 0;
    const timeSavings = 1 - unitTime * expected;
    return Array.from({ length: count }, () => ({ level, timeSavings, unitTime, capacity, expected }));
  });
  return model === "classic" ? reduceClassic(people, chance) : reduceConserving(people, role.people, chance);
}

/** Everyone of a list of classes, one by one. */
export function everyone(classes: readonly StateClass[], role: RoleTable): Remaining[] {
  return classes.flatMap(({ level, expected, count }) =>
    Array.from({ length: count }, () => ({ level, unitTime: role.unitTime[level]!, expected })),
  );
}

/** People in a comparable order: by unit time, then by expected output. */
export function inOrder(people: readonly Remaining[]): Remaining[] {
  return [...people].sort((a, b) => a.unitTime - b.unitTime || a.expected - b.expected);
}
