import { describe, expect, it } from "vitest";
import { ClassicScratch, planClassic } from "../../../src/features/simulation/engine/classes/classic-plan.ts";
import { ReductionPlan } from "../../../src/features/simulation/engine/classes/plan.ts";
import { Population } from "../../../src/features/simulation/engine/classes/population.ts";
import { ShareOut } from "../../../src/features/simulation/engine/classes/share-out.ts";
import { TieGroups, groupClassic } from "../../../src/features/simulation/engine/classes/tie-groups.ts";
import type { RoleTable } from "../../../src/features/simulation/engine/index.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import type { Chance } from "../../support/oracle/plain-random.ts";
import { randomState, randomWorkloads, tableOf } from "../../support/oracle/random-states.ts";
import type { StateClass } from "../../support/oracle/random-states.ts";
import { reduceClassic } from "../../support/oracle/reduce.ts";
import type { Candidate } from "../../support/oracle/reduce.ts";
import { readExactTraces } from "../../support/reference/reference.ts";

const CLASSIC = { model: "classic", oversight: 0 } as const;
const RANDOM_STATES = 24_000;

/** Multisets as sorted lines: how many people have which unit time, expectation. */
function multiset(entries: Iterable<{ key: string; count: number }>): string[] {
  const counts = new Map<string, number>();
  for (const { key, count } of entries) counts.set(key, (counts.get(key) ?? 0) + count);
  return [...counts].map(([key, count]) => `${key}: ${count}`).sort();
}

function populationOf(state: readonly StateClass[]): Population {
  const population = new Population();
  for (const { level, expected, count } of state) population.push(level, expected, count);
  return population;
}

function classesOf(population: Population): StateClass[] {
  return Array.from({ length: population.size }, (_, index) => ({
    level: population.level[index]!,
    expected: population.expected[index]!,
    count: population.count[index]!,
  }));
}

const scratch = new ClassicScratch();
const groups = new TieGroups();
const plan = new ReductionPlan();

function reduceByClass(state: readonly StateClass[], role: RoleTable, chance: Chance): StateClass[] {
  const before = populationOf(state);
  groupClassic(before, role, groups);
  planClassic(groups, scratch, plan);
  if (plan.leavers === 0) return [...state];
  const after = new Population();
  new ShareOut(role.levels).apply(before, groups, plan, chance, after);
  return classesOf(after);
}

function reduceByPerson(state: readonly StateClass[], role: RoleTable, chance: Chance): Candidate[] {
  const people = state.flatMap(({ level, expected, count }) => {
    const unitTime = role.unitTime[level]!;
    const capacity = unitTime > 0 ? 1 / unitTime - expected : 0;
    return Array.from({ length: count }, () => ({ timeSavings: 1 - unitTime * expected, unitTime, capacity, expected }));
  });
  return reduceClassic(people, chance);
}

describe("one reduction of classic", () => {
  it("by person: exactly the older system's, on its recorded cases", () => {
    for (const { in: people, out_order, out_expected } of readExactTraces().reduce_cases) {
      const candidates = people.map(([timeSavings, expected, capacity], index) => ({
        timeSavings,
        expected,
        capacity,
        unitTime: 0,
        index,
      }));
      const kind = (index: number, expected: number) => `${people[index]!.join(" ")} -> ${expected}`;
      const remaining = reduceClassic(candidates, plainRandom(1)).map((one) => kind(one.index, one.expected));
      expect(remaining.sort()).toEqual(out_order.map((index, rank) => kind(index, out_expected[rank]!)).sort());
    }
  });

  it("by class: exactly the older system's, on its recorded cases", () => {
    for (const { in: people, out_order, out_expected } of readExactTraces().reduce_cases) {
      groups.size = 0;
      const kinds = new Map<string, number>();
      for (const [savings, expected] of people) {
        kinds.set(`${savings} ${expected}`, (kinds.get(`${savings} ${expected}`) ?? 0) + 1);
      }
      for (const [kind, count] of kinds) {
        const [savings, expected, capacity] = people.find((one) => `${one[0]} ${one[1]}` === kind)!;
        groups.push(savings, expected, capacity, count, 0);
      }
      groups.sort();
      planClassic(groups, scratch, plan);
      const expected = out_order.map((index, rank) => ({
        key: `${people[index]![0]} ${people[index]![1]} -> ${out_expected[rank]}`,
        count: 1,
      }));
      expect(plan.leavers).toBe(people.length - out_order.length);
      if (plan.leavers === 0) continue;
      const fates = Array.from({ length: plan.size }, (_, fate) => {
        const group = plan.group[fate]!;
        return {
          key: `${groups.savings[group]} ${groups.expected[group]} -> ${plan.expected[fate]}`,
          count: plan.people[fate]!,
        };
      });
      expect(multiset(fates)).toEqual(multiset(expected));
    }
  });

  it(`by class: the oracle's multiset of (unit time, expected) on ${RANDOM_STATES} random states`, () => {
    const seed = 20_240_601;
    const chance = plainRandom(seed);
    let changed = 0;
    for (let trial = 0; trial < RANDOM_STATES; trial++) {
      const role = tableOf(randomWorkloads(chance), 1, CLASSIC);
      const state = randomState(chance, role, 8, trial % 8 === 0 ? 60 : 8);
      const byClass = reduceByClass(state, role, chance);
      const byPerson = reduceByPerson(state, role, chance);
      if (byPerson.length < state.reduce((sum, one) => sum + one.count, 0)) changed++;
      const actual = multiset(
        byClass.map((one) => ({ key: `${role.unitTime[one.level]} ${one.expected}`, count: one.count })),
      );
      const wanted = multiset(byPerson.map((one) => ({ key: `${one.unitTime} ${one.expected}`, count: 1 })));
      if (actual.join() !== wanted.join()) {
        expect.fail(`seed ${seed}, state ${trial}: ${JSON.stringify({ state, actual, wanted }, null, 1)}`);
      }
    }
    // The states must exercise the rules, not pass them by.
    expect(changed).toBeGreaterThan(RANDOM_STATES / 4);
  });
});
