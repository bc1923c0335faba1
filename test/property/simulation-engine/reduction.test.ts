import { describe, expect, it } from "vitest";
import { ClassReducer, everyone, inOrder, reduceByPerson } from "../../support/oracle/one-reduction.ts";
import type { Remaining } from "../../support/oracle/one-reduction.ts";
import { pick, plainRandom } from "../../support/oracle/plain-random.ts";
import { randomState, randomWorkloads, tableOf } from "../../support/oracle/random-states.ts";
import type { StateClass } from "../../support/oracle/random-states.ts";

const RANDOM_STATES = 20_000;
const OVERSIGHTS = [0.01, 0.05, 0.3, 0.9];
const TIMEOUT_MS = 60_000;

/** Where two lists of people, in order, first differ by more than the tolerance. */
function firstDifference(a: readonly Remaining[], b: readonly Remaining[], tolerance: number): number | undefined {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  const index = a.findIndex(
    (one, rank) => one.unitTime !== b[rank]!.unitTime || Math.abs(one.expected - b[rank]!.expected) > tolerance,
  );
  return index < 0 ? undefined : index;
}

function peopleIn(state: readonly StateClass[]): number {
  return state.reduce((sum, { count }) => sum + count, 0);
}

describe("one reduction, by class and person by person", () => {
  for (const model of ["classic", "conserving"] as const) {
    const seed = 20_240_601;
    it(
      `${model}: the same multiset of (unit time, expected) on ${RANDOM_STATES} random states, seed ${seed}`,
      () => {
        const chance = plainRandom(seed);
        const reducer = new ClassReducer();
        let changed = 0;
        for (let trial = 0; trial < RANDOM_STATES; trial++) {
          const rules = { model, oversight: pick(chance, OVERSIGHTS) };
          const ladder = tableOf(randomWorkloads(chance), 1, rules);
          const state = randomState(chance, ladder, 8, trial % 16 === 0 ? 50 : 6);
          const role = { ...ladder, people: peopleIn(state) };
          const byClass = everyone(reducer.reduce(model, state, role, chance), role);
          const byPerson = reduceByPerson(model, state, role, chance);
          if (byPerson.length < role.people) changed++;
          // Bit for bit in classic; conserving adds in another order, within its own tolerance.
          const tolerance = model === "classic" ? 0 : 1e-9 * role.people;
          const difference = firstDifference(inOrder(byClass), inOrder(byPerson), tolerance);
          if (difference !== undefined) {
            const story = { difference, state, byClass: inOrder(byClass), byPerson: inOrder(byPerson) };
            expect.fail(`state ${trial}: ${JSON.stringify(story)}`);
          }
        }
        // The states must exercise the rules, not pass them by.
        expect(changed).toBeGreaterThan(RANDOM_STATES / 4);
      },
      TIMEOUT_MS,
    );
  }
});
