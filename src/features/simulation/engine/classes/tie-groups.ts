import type { RoleTable } from "../role-table.ts";
import type { Population } from "./population.ts";

const INITIAL_GROUPS = 32;
/** Savings are compared at 9 decimals in `conserving`. */
const SAVINGS_SCALE = 1e9;

/**
 * The people of a role as a reduction sees them: groups of equal (savings, expected), from the one looked at first to
 * the last. Within a group the order is uniformly random. In a population's list a group is a run of classes, since for
 * equal `expected` the savings never fall as the level rises.
 */
export class TieGroups {
  size = 0;
  /** Sort key: time_savings, in `conserving` rounded to 9 decimals and scaled by 10⁹. */
  savings = new Float64Array(INITIAL_GROUPS);
  expected = new Float64Array(INITIAL_GROUPS);
  /** Output one person could still take over; negative for the overloaded in `classic`, 0 in `conserving`. */
  capacity = new Float64Array(INITIAL_GROUPS);
  people = new Int32Array(INITIAL_GROUPS);
  /** The run of classes: first … last. */
  firstClass = new Int32Array(INITIAL_GROUPS);
  lastClass = new Int32Array(INITIAL_GROUPS);
  /** Group numbers by rank. */
  order = new Int32Array(INITIAL_GROUPS);

  /** Adds a group of one class; classes are appended to it by `extend`. */
  push(savings: number, expected: number, capacity: number, people: number, classIndex: number): void {
    const group = this.size;
    if (group === this.people.length) this.#grow();
    this.savings[group] = savings;
    this.expected[group] = expected;
    this.capacity[group] = capacity;
    this.people[group] = people;
    this.firstClass[group] = classIndex;
    this.lastClass[group] = classIndex;
    this.size = group + 1;
  }

  extend(people: number, classIndex: number): void {
    const group = this.size - 1;
    this.people[group]! += people;
    this.lastClass[group] = classIndex;
  }

  /** Ranks by (savings, expected), both descending: insertion, since the groups are few and nearly in order. */
  sort(): void {
    const { order, savings, expected, size } = this;
    for (let group = 0; group < size; group++) {
      const key = savings[group]!;
      const second = expected[group]!;
      let rank = group;
      for (; rank > 0; rank--) {
        const above = order[rank - 1]!;
        const aboveKey = savings[above]!;
        if (aboveKey > key || (aboveKey === key && expected[above]! >= second)) break;
        order[rank] = above;
      }
      order[rank] = group;
    }
  }

  #grow(): void {
    const room = 2 * this.people.length;
    this.savings = widen(this.savings, new Float64Array(room));
    this.expected = widen(this.expected, new Float64Array(room));
    this.capacity = widen(this.capacity, new Float64Array(room));
    this.people = widen(this.people, new Int32Array(room));
    this.firstClass = widen(this.firstClass, new Int32Array(room));
    this.lastClass = widen(this.lastClass, new Int32Array(room));
    this.order = widen(this.order, new Int32Array(room));
  }
}

/** The groups of `classic`: sorted on the raw double. */
export function groupClassic(population: Population, role: RoleTable, groups: TieGroups): void {
  groups.size = 0;
  let lastSavings = NaN;
  let lastExpected = NaN;
  for (let index = 0; index < population.size; index++) {
    const level = population.level[index]!;
    const expected = population.expected[index]!;
    const savings = 1 - role.unitTime[level]! * expected;
    if (savings === lastSavings && expected === lastExpected) {
      // Two unit times can only tie when both are beyond 10⁹; neither person then has capacity, whichever is looked at.
      groups.extend(population.count[index]!, index);
    } else {
      const capacity = role.outputLimit[level]! - expected * role.hasLimit[level]!;
      groups.push(savings, expected, capacity, population.count[index]!, index);
      lastSavings = savings;
      lastExpected = expected;
    }
  }
  groups.sort();
}

/**
 * The groups of `conserving`: sorted on the savings rounded to 9 decimals. A group can hold unit times that differ by less
 * than the rounding (oversight above 0.999 is needed for it); its capacity is then the mean of its people's.
 */
export function groupConserving(population: Population, role: RoleTable, groups: TieGroups): void {
  groups.size = 0;
  let lastKey = NaN;
  let lastExpected = NaN;
  for (let index = 0; index < population.size; index++) {
    const level = population.level[index]!;
    const expected = population.expected[index]!;
    const people = population.count[index]!;
    const key = Math.round(SAVINGS_SCALE * (1 - role.unitTime[level]! * expected));
    const spare = Math.max(0, role.outputLimit[level]! - expected * role.hasLimit[level]!);
    if (key === lastKey && expected === lastExpected) {
      const group = groups.size - 1;
      const mean = groups.capacity[group]!;
      groups.extend(people, index);
      if (spare !== mean) groups.capacity[group] = mean + (spare - mean) * (people / groups.people[group]!);
    } else {
      groups.push(key, expected, spare, people, index);
      lastKey = key;
      lastExpected = expected;
    }
  }
  groups.sort();
}

function widen<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
