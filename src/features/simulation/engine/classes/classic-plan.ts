import type { ReductionPlan } from "./plan.ts";
import { addRepeatedly } from "./repeated-addition.ts";
import type { TieGroups } from "./tie-groups.ts";

const INITIAL_SEGMENTS = 64;

/**
 * Scratch of a `classic` reduction. Segments are stretches of the list of people, top first, after *one for one*: of one
 * tie group, with one `expected`.
 */
export class ClassicScratch {
  size = 0;
  group = new Int32Array(INITIAL_SEGMENTS);
  expected = new Float64Array(INITIAL_SEGMENTS);
  people = new Int32Array(INITIAL_SEGMENTS);
  /** How many of the segment, from its top, got their own capacity added in *many for one*. */
  filled = new Int32Array(INITIAL_SEGMENTS);
  /** People of each group, by rank, that *one for one* has not touched. */
  untouched = new Int32Array(INITIAL_SEGMENTS);
  /** The running sum of *many for one*. */
  readonly sum = new Float64Array(1);

  push(group: number, expected: number, people: number): void {
    const index = this.size;
    if (index === this.group.length) this.#growSegments();
    this.group[index] = group;
    this.expected[index] = expected;
    this.people[index] = people;
    this.filled[index] = 0;
    this.size = index + 1;
  }

  reserveRanks(ranks: number): void {
    if (ranks > this.untouched.length) this.untouched = new Int32Array(2 * ranks);
  }

  #growSegments(): void {
    const room = 2 * this.group.length;
    const { group, expected, people, filled } = this;
    this.group = new Int32Array(room);
    this.expected = new Float64Array(room);
    this.people = new Int32Array(room);
    this.filled = new Int32Array(room);
    this.group.set(group);
    this.expected.set(expected);
    this.people.set(people);
    this.filled.set(filled);
  }
}

/**
 * One `classic` reduction of a role. It needs no chance: people of a tie group differ in nothing it looks at.
 *
 * @param groups sorted
 * @param plan overwritten
 */
export function planClassic(groups: TieGroups, scratch: ClassicScratch, plan: ReductionPlan): void {
  plan.clear();
  if (groups.size === 0) return;
  scratch.size = 0;
  const pairs = pairOneForOne(groups, scratch);
  const bottoms = fillManyForOne(groups, scratch);
  if (pairs + bottoms > 0) writeFates(groups, scratch, plan, pairs, bottoms);
}

/** *One for one*: stretches of the top take over stretches of the bottom, until capacity or people run out. */
function pairOneForOne(groups: TieGroups, scratch: ClassicScratch): number {
  const { order, expected, capacity, people } = groups;
  scratch.reserveRanks(groups.size);
  const untouched = scratch.untouched;
  for (let rank = 0; rank < groups.size; rank++) untouched[rank] = people[order[rank]!]!;
  let pairs = 0;
  let top = 0;
  let bottom = groups.size - 1;
  while (top <= bottom) {
    const walker = order[top]!;
    const leaver = order[bottom]!;
    if (!(capacity[walker]! >= expected[leaver]!)) break;
    // Within one group half of the people can stand against the other half; an odd one is left over.
    const taken = top === bottom ? untouched[top]! >> 1 : Math.min(untouched[top]!, untouched[bottom]!);
    if (taken > 0) scratch.push(walker, expected[walker]! + expected[leaver]!, taken);
    pairs += taken;
    untouched[bottom]! -= taken;
    untouched[top]! -= taken;
    if (top === bottom) break;
    if (untouched[bottom] === 0) bottom--;
    if (untouched[top] === 0) top++;
  }
  for (let rank = top; rank <= bottom; rank++) {
    if (untouched[rank]! > 0) scratch.push(order[rank]!, expected[order[rank]!]!, untouched[rank]!);
  }
  return pairs;
}

/**
 * *Many for one*: walks the segments from the top, filling buckets until one covers the bottom person, who leaves.
 * Buckets that lie within one segment and face one segment are counted at once.
 */
function fillManyForOne(groups: TieGroups, scratch: ClassicScratch): number {
  const { group, expected, people, filled, size, sum } = scratch;
  let standing = 0;
  for (let segment = 0; segment < size; segment++) standing += people[segment]!;
  // People above the current bottom person whom the walker has not passed: the walk goes on while there are any.
  let room = standing - 1;
  let bottom = size - 1;
  let bottomLeft = size > 0 ? people[bottom]! : 0;
  let removed = 0;
  let bucketStart = 0;
  sum[0] = 0;
  for (let segment = 0; segment < size && room > 0; segment++) {
    const capacity = groups.capacity[group[segment]!]!;
    if (capacity < 0) break;
    let walked = 0;
    while (walked < people[segment]! && room > 0) {
      const reach = Math.min(people[segment]! - walked, room);
      const target = expected[bottom]!;
      const fresh = sum[0] === 0;
      // Someone without capacity joins the bucket, and neither fills it nor gains by it.
      const added = capacity === 0 ? reach : addRepeatedly(sum, capacity, target, reach);
      if (sum[0] < target) {
        walked += added;
        room -= added;
        continue;
      }
      const left = people[segment]! - walked;
      const alike = fresh ? Math.min(Math.floor(left / added), bottomLeft, Math.floor((room + 1) / (added + 1))) : 1;
      for (let earlier = bucketStart; earlier < segment; earlier++) filled[earlier] = people[earlier]!;
      bucketStart = segment;
      walked += alike * added;
      filled[segment] = walked;
      room -= alike * (added + 1);
      removed += alike;
      bottomLeft -= alike;
      sum[0] = 0;
      if (bottomLeft === 0) bottomLeft = people[--bottom] ?? 0;
    }
  }
  return removed;
}

/** From segments to fates: the filled head of each, its tail of leavers, and those between, who stay as they are. */
function writeFates(
  groups: TieGroups,
  scratch: ClassicScratch,
  plan: ReductionPlan,
  pairs: number,
  bottoms: number,
): void {
  const { group, expected, people, filled, size } = scratch;
  plan.leavers = pairs + bottoms;
  let leaving = bottoms;
  let last = size - 1;
  for (; last >= 0 && leaving >= people[last]!; last--) leaving -= people[last]!;
  for (let segment = 0; segment <= last; segment++) {
    const capacity = groups.capacity[group[segment]!]!;
    const full = capacity > 0 ? filled[segment]! : 0;
    const gone = segment === last ? leaving : 0;
    plan.push(group[segment]!, expected[segment]! + capacity, full);
    plan.push(group[segment]!, expected[segment]!, people[segment]! - full - gone);
  }
}
