import type { UniformSource } from "../random/stream.ts";
import { HypergeometricSampler } from "../sampling/hypergeometric.ts";
import type { RoleTable } from "../role-table.ts";
import { FILLED } from "./plan.ts";
import type { ReductionPlan } from "./plan.ts";
import type { Population } from "./population.ts";
import type { TieGroups } from "./tie-groups.ts";

const INITIAL_RUNS = 64;
const INITIAL_PARTS = 128;

/**
 * Carries a plan out: says by multivariate hypergeometric draws which classes of a tie group meet which fate, and lists
 * the new classes. A *run* is what one fate leaves of one group: parts with one `expected`, by ascending level.
 */
export class ShareOut {
  readonly #sampler = new HypergeometricSampler();
  #runs = 0;
  #runExpected = new Float64Array(INITIAL_RUNS);
  #runStart = new Int32Array(INITIAL_RUNS);
  #runEnd = new Int32Array(INITIAL_RUNS);
  #runOrder = new Int32Array(INITIAL_RUNS);
  #parts = 0;
  #partLevel = new Int32Array(INITIAL_PARTS);
  #partCount = new Int32Array(INITIAL_PARTS);
  /** People by level, of runs being merged; all 0 between uses. */
  readonly #byLevel: Int32Array;

  /** @param maxLevels the most levels of any role */
  constructor(maxLevels: number) {
    this.#byLevel = new Int32Array(maxLevels);
  }

  /**
   * @param from the population before; its counts are used up
   * @param to the population after; overwritten
   */
  apply(
    from: Population,
    groups: TieGroups,
    plan: ReductionPlan,
    role: RoleTable,
    source: UniformSource,
    to: Population,
  ): void {
    this.#runs = 0;
    this.#parts = 0;
    for (let fate = 0; fate < plan.size; fate++) {
      const group = plan.group[fate]!;
      this.#takeFromGroup(from, groups, group, plan.people[fate]!, source);
      if (plan.expected[fate] === FILLED) this.#closeFilledRun(role);
      else this.#closeRun(plan.expected[fate]!, this.#parts);
    }
    this.#writeClasses(to);
  }

  /** Takes `people` at random from what is left of a group, leaving the rest to later fates or to go. */
  #takeFromGroup(from: Population, groups: TieGroups, group: number, people: number, source: UniformSource): void {
    const { level, count } = from;
    const last = groups.lastClass[group]!;
    let rest = groups.people[group]!;
    groups.people[group] = rest - people;
    let wanted = people;
    this.#openRun(this.#parts);
    for (let index = groups.firstClass[group]!; index <= last && wanted > 0; index++) {
      const available = count[index]!;
      rest -= available;
      const taken = this.#sampler.draw(available, rest, wanted, source);
      if (taken === 0) continue;
      count[index] = available - taken;
      wanted -= taken;
      this.#addPart(level[index]!, taken);
    }
  }

  #openRun(start: number): void {
    if (this.#runs === this.#runStart.length) this.#growRuns();
    this.#runStart[this.#runs] = start;
  }

  /** The open run holds people who are full now; where unit times differ it becomes several. */
  #closeFilledRun(role: RoleTable): void {
    let part = this.#runStart[this.#runs]!;
    while (part < this.#parts) {
      const limit = role.outputLimit[this.#partLevel[part]!]!;
      do part++;
      while (part < this.#parts && role.outputLimit[this.#partLevel[part]!] === limit);
      this.#closeRun(limit, part);
      if (part < this.#parts) this.#openRun(part);
    }
  }

  #closeRun(expected: number, end: number): void {
    const run = this.#runs;
    this.#runExpected[run] = expected;
    this.#runEnd[run] = end;
    // Insertion by `expected`, ascending.
    let rank = run;
    for (; rank > 0 && this.#runExpected[this.#runOrder[rank - 1]!]! > expected; rank--) {
      this.#runOrder[rank] = this.#runOrder[rank - 1]!;
    }
    this.#runOrder[rank] = run;
    this.#runs = run + 1;
  }

  #addPart(level: number, count: number): void {
    const part = this.#parts;
    if (part === this.#partLevel.length) this.#growParts();
    this.#partLevel[part] = level;
    this.#partCount[part] = count;
    this.#parts = part + 1;
  }

  /** Lists the runs by `expected`, merging those that have the same. */
  #writeClasses(to: Population): void {
    to.clear();
    for (let rank = 0; rank < this.#runs;) {
      const expected = this.#runExpected[this.#runOrder[rank]!]!;
      let next = rank + 1;
      while (next < this.#runs && this.#runExpected[this.#runOrder[next]!]! === expected) next++;
      if (next === rank + 1) this.#copyRun(this.#runOrder[rank]!, expected, to);
      else this.#mergeRuns(rank, next, expected, to);
      rank = next;
    }
  }

  #copyRun(run: number, expected: number, to: Population): void {
    for (let part = this.#runStart[run]!; part < this.#runEnd[run]!; part++) {
      to.push(this.#partLevel[part]!, expected, this.#partCount[part]!);
    }
  }

  #mergeRuns(firstRank: number, endRank: number, expected: number, to: Population): void {
    const byLevel = this.#byLevel;
    let lowest = byLevel.length;
    let highest = -1;
    for (let rank = firstRank; rank < endRank; rank++) {
      const run = this.#runOrder[rank]!;
      const start = this.#runStart[run]!;
      const end = this.#runEnd[run]!;
      for (let part = start; part < end; part++) byLevel[this.#partLevel[part]!]! += this.#partCount[part]!;
      lowest = Math.min(lowest, this.#partLevel[start]!);
      highest = Math.max(highest, this.#partLevel[end - 1]!);
    }
    for (let level = lowest; level <= highest; level++) {
      if (byLevel[level]! > 0) to.push(level, expected, byLevel[level]!);
      byLevel[level] = 0;
    }
  }

  #growRuns(): void {
    const room = 2 * this.#runStart.length;
    const expected = this.#runExpected;
    const start = this.#runStart;
    const end = this.#runEnd;
    const order = this.#runOrder;
    (this.#runExpected = new Float64Array(room)).set(expected);
    (this.#runStart = new Int32Array(room)).set(start);
    (this.#runEnd = new Int32Array(room)).set(end);
    (this.#runOrder = new Int32Array(room)).set(order);
  }

  #growParts(): void {
    const room = 2 * this.#partLevel.length;
    const level = this.#partLevel;
    const count = this.#partCount;
    (this.#partLevel = new Int32Array(room)).set(level);
    (this.#partCount = new Int32Array(room)).set(count);
  }
}
