import type { UniformSource } from "../random/stream.ts";
import type { BinomialSampler } from "../sampling/binomial.ts";
import type { Population } from "./population.ts";

/**
 * One month's learning: of each class a binomial number of people gains a level; nobody gains from the last one.
 * Writes the new classes to `to`. Draws class by class, in list order.
 *
 * @param lastLevel the level from which nothing is learnt
 */
export function learn(
  from: Population,
  to: Population,
  lastLevel: number,
  gains: BinomialSampler,
  source: UniformSource,
): void {
  const { level, expected, count, size } = from;
  // The busiest loop of a run: it writes to local arrays, each class leaving two at most.
  to.reserve(2 * size);
  const newLevel = to.level;
  const newExpected = to.expected;
  const newCount = to.count;
  let written = 0;
  // Those who rose from the class before: they join the next class if it is theirs, else stand as a class between.
  let risen = 0;
  let risenLevel = 0;
  let risenExpected = 0;
  for (let index = 0; index < size; index++) {
    const classLevel = level[index]!;
    const classExpected = expected[index]!;
    let staying = count[index]!;
    const rising = classLevel < lastLevel ? gains.draw(staying, source) : 0;
    staying -= rising;
    if (risen > 0) {
      if (risenLevel === classLevel && risenExpected === classExpected) {
        staying += risen;
      } else {
        newLevel[written] = risenLevel;
        newExpected[written] = risenExpected;
        newCount[written++] = risen;
      }
    }
    if (staying > 0) {
      newLevel[written] = classLevel;
      newExpected[written] = classExpected;
      newCount[written++] = staying;
    }
    risen = rising;
    risenLevel = classLevel + 1;
    risenExpected = classExpected;
  }
  if (risen > 0) {
    newLevel[written] = risenLevel;
    newExpected[written] = risenExpected;
    newCount[written++] = risen;
  }
  to.size = written;
}
