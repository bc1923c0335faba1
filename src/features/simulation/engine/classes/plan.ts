const INITIAL_FATES = 64;

/** As a fate's `expected`: from now on each has as much as fits, 1 / own unit time. Nobody's expected output is 0. */
export const FILLED = 0;

/**
 * What a reduction decides, before chance says who it befalls: of the tie group `group[i]`, `people[i]` people stay and
 * have `expected[i]` from now on. Whoever of a group is in no fate leaves. Fates are listed group by group, in rank order.
 */
export class ReductionPlan {
  size = 0;
  /** People who leave; 0 means that nothing changes, and then no fates are listed. */
  leavers = 0;
  group = new Int32Array(INITIAL_FATES);
  expected = new Float64Array(INITIAL_FATES);
  people = new Int32Array(INITIAL_FATES);

  clear(): void {
    this.size = 0;
    this.leavers = 0;
  }

  /** Adds a fate, if anybody has it. */
  push(group: number, expected: number, people: number): void {
    if (people === 0) return;
    const index = this.size;
    if (index === this.group.length) this.#grow();
    this.group[index] = group;
    this.expected[index] = expected;
    this.people[index] = people;
    this.size = index + 1;
  }

  #grow(): void {
    const room = 2 * this.group.length;
    const group = new Int32Array(room);
    const expected = new Float64Array(room);
    const people = new Int32Array(room);
    group.set(this.group);
    expected.set(this.expected);
    people.set(this.people);
    this.group = group;
    this.expected = expected;
    this.people = people;
  }
}
