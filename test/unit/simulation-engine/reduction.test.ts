import { describe, expect, it } from "vitest";
import { ClassicScratch, planClassic } from "../../../src/features/simulation/engine/classes/classic-plan.ts";
import { ReductionPlan } from "../../../src/features/simulation/engine/classes/plan.ts";
import { TieGroups } from "../../../src/features/simulation/engine/classes/tie-groups.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
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
