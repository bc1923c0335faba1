import { describe, expect, it } from "vitest";
import { ClassicScratch, planClassic } from "../../../src/features/simulation/engine/classes/classic-plan.ts";
import { ReductionPlan } from "../../../src/features/simulation/engine/classes/plan.ts";
import { Population } from "../../../src/features/simulation/engine/classes/population.ts";
import { TieGroups, groupConserving } from "../../../src/features/simulation/engine/classes/tie-groups.ts";
import { ClassReducer } from "../../support/oracle/one-reduction.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { tableOf } from "../../support/oracle/random-states.ts";
import { reduceClassic } from "../../support/oracle/reduce.ts";
import { readExactTraces } from "../../support/reference/reference.ts";

const recorded = readExactTraces().reduce_cases;

/** How a recorded case names one who remains: by what they were and what they are asked for now. */
function recordedOutcome({ in: people, out_order, out_expected }: (typeof recorded)[number]): string[] {
  return out_order.map((index, rank) => `${people[index]!.join(" ")} -> ${out_expected[rank]}`).sort();
}

describe("one reduction, on the cases recorded from the older system", () => {
  it("person by person: the same people remain with the same expectations", () => {
    for (const one of recorded) {
      const candidates = one.in.map(([timeSavings, expected, capacity]) => ({
        timeSavings,
        expected,
        capacity,
        unitTime: 0,
        was: `${timeSavings} ${expected} ${capacity}`,
      }));
      const remaining = reduceClassic(candidates, plainRandom(1));
      expect(remaining.map(({ was, expected }) => `${was} -> ${expected}`).sort()).toEqual(recordedOutcome(one));
    }
  });

  it("by class: the same people remain with the same expectations", () => {
    const plan = new ReductionPlan();
    for (const one of recorded) {
      const kinds = [...new Set(one.in.map((person) => person.join(" ")))];
      const groups = new TieGroups();
      for (const kind of kinds) {
        const members = one.in.filter((person) => person.join(" ") === kind);
        const [savings, expected, capacity] = members[0]!;
        groups.push(savings, expected, capacity, members.length, 0);
      }
      groups.sort();
      planClassic(groups, new ClassicScratch(), plan);
      expect(plan.leavers).toBe(one.in.length - one.out_order.length);
      if (plan.leavers === 0) {
        expect(one.out_expected).toEqual(one.out_order.map((index) => one.in[index]![1]));
        continue;
      }
      const remaining = Array.from({ length: plan.size }, (_, fate) => fate).flatMap((fate) =>
        Array.from({ length: plan.people[fate]! }, () => `${kinds[plan.group[fate]!]} -> ${plan.expected[fate]}`),
      );
      expect(remaining.sort()).toEqual(recordedOutcome(one));
    }
  });
});

describe("one reduction of conserving, at the edge of its tolerances", () => {
  it.each([
    [1.5e-9, 1],
    [2.5e-9, 2],
  ])("spare capacity may fall short by 10⁻⁹ for each of two people at the start: by %d leaves %i", (short, left) => {
    // Each could do 2 − short people's work, and has 1 − short to spare for the other's 1.
    const workloads = [{ name: "all", auto: false, skill: 0, time: 1 / (2 - short) }];
    const role = tableOf(workloads, 2, { model: "conserving", oversight: 0.05 });
    const state = [{ level: 0, expected: 1, count: 2 }];
    const after = new ClassReducer().reduce("conserving", state, role, plainRandom(1));
    expect(after.reduce((people, { count }) => people + count, 0)).toBe(left);
  });

  it.each([
    [1e-9, [2, 1]],
    [3e-9, [1, 2]],
  ])("savings are compared at nine decimals, then E: at E = 2 + %d the order is %j", (more, ranks) => {
    // Unit times 0.8 and 0.4: who is asked for 1 saves 0.2, who is asked for 2 and a little saves 0.4 times that less.
    const workloads = [
      { name: "learnt", auto: true, skill: 0.2, time: 0.5 },
      { name: "manual", auto: false, skill: 0, time: 0.3 },
    ];
    const role = tableOf(workloads, 2, { model: "conserving", oversight: 0.2 });
    const population = new Population();
    population.push(0, 1, 1);
    population.push(1, 2 + more, 1);
    const groups = new TieGroups();
    groupConserving(population, role, groups);
    expect(Array.from(groups.order.slice(0, groups.size), (group) => Math.floor(groups.expected[group]!))).toEqual(
      ranks,
    );
  });
});
