import { shuffled } from "./plain-random.ts";
import type { Chance } from "./plain-random.ts";

/** Someone in a reduction: the figures of the month's work, and `expected`, which the reduction raises. */
export interface Candidate {
  timeSavings: number;
  unitTime: number;
  capacity: number;
  expected: number;
}

/** People sorted by (key, expected), both descending, ties at random. */
function ranked<Item extends Candidate>(people: readonly Item[], key: (one: Item) => number, chance: Chance): Item[] {
  return shuffled(chance, people).sort((a, b) => key(b) - key(a) || b.expected - a.expected);
}

/** A reduction of `classic`: those who remain, in order, with `expected` raised in place. */
export function reduceClassic<Item extends Candidate>(people: readonly Item[], chance: Chance): Item[] {
  const list = ranked(people, (one) => one.timeSavings, chance);
  const before = list.map((one) => one.expected);
  const paired = oneForOne(list, before);
  const remaining = list.slice(0, list.length - paired);
  return remaining.slice(0, remaining.length - manyForOne(remaining));
}

/** `before` are the expectations the reduction began with; a walker is never also the bottom person. */
function oneForOne(list: readonly Candidate[], before: readonly number[]): number {
  let removed = 0;
  for (let walker = 0; walker < list.length - 1 - removed; walker++) {
    const bottom = list.length - 1 - removed;
    if (!(list[walker]!.capacity >= before[bottom]!)) break;
    list[walker]!.expected += before[bottom]!;
    removed++;
  }
  return removed;
}

function manyForOne(list: readonly Candidate[]): number {
  let removed = 0;
  let sum = 0;
  let bucket: Candidate[] = [];
  for (let walker = 0; walker < list.length - 1 - removed; walker++) {
    const one = list[walker]!;
    if (one.capacity < 0) break;
    sum += one.capacity;
    bucket.push(one);
    if (sum >= list[list.length - 1 - removed]!.expected) {
      for (const member of bucket) member.expected += member.capacity;
      bucket = [];
      sum = 0;
      removed++;
    }
  }
  return removed;
}

/**
 * A reduction of `conserving`: those who remain, with `expected` raised in place.
 *
 * @param initialPeople the role's head count at the start, which sets the tolerance
 */
export function reduceConserving<Item extends Candidate>(
  people: readonly Item[],
  initialPeople: number,
  chance: Chance,
): Item[] {
  const tolerance = 1e-9 * initialPeople;
  const list = ranked(people, (one) => Math.round(1e9 * one.timeSavings), chance);
  const spareOf = (one: Candidate) => (one.unitTime > 0 ? Math.max(0, 1 / one.unitTime - one.expected) : 0);
  while (list.length > 1) {
    const leaver = list.at(-1)!;
    const above = list.slice(0, -1);
    const spare = above.reduce((sum, one) => sum + spareOf(one), 0);
    if (!(spare >= leaver.expected - tolerance)) break;
    handOver(above, leaver.expected, spareOf);
    list.pop();
  }
  return list;
}

/** What does not fit any more, at most the tolerance, is dropped. */
function handOver(above: readonly Candidate[], work: number, spareOf: (one: Candidate) => number): void {
  let left = work;
  for (const one of above) {
    if (left <= 0) return;
    const spare = spareOf(one);
    if (spare === 0) continue;
    if (left >= spare) {
      one.expected = 1 / one.unitTime;
      left -= spare;
    } else {
      one.expected += left;
      left = 0;
    }
  }
}
