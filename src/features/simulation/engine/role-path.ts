import { ClassicScratch, planClassic } from "./classes/classic-plan.ts";
import { planConserving } from "./classes/conserving-plan.ts";
import { learn } from "./classes/learning.ts";
import { ReductionPlan } from "./classes/plan.ts";
import { Population } from "./classes/population.ts";
import { ShareOut } from "./classes/share-out.ts";
import { TieGroups, groupClassic, groupConserving } from "./classes/tie-groups.ts";
import { Xoshiro128 } from "./random/stream.ts";
import { openStream } from "./random/stream-keys.ts";
import type { RoleTable } from "./role-table.ts";
import { BinomialSampler } from "./sampling/binomial.ts";
import type { Scenario } from "./scenario.ts";

/** Someone is overloaded whose work takes more than this share of their time. */
const OVERLOAD = 1 + 1e-9;

/**
 * Follows one role through one iteration, month by month. All memory is scratch and reused: `begin` forgets everything.
 */
export class RolePath {
  /** People now. */
  people = 0;
  /** Sums over the people now: of automation rates, of times to complete, of capacities. */
  rateSum = 0;
  timeSum = 0;
  capacitySum = 0;

  readonly #scenario: Scenario;
  readonly #gains: BinomialSampler;
  readonly #stream = new Xoshiro128();
  readonly #groups = new TieGroups();
  readonly #plan = new ReductionPlan();
  readonly #classic = new ClassicScratch();
  readonly #shareOut: ShareOut;
  #now = new Population();
  #next = new Population();
  #role: RoleTable;
  #key: Int32Array;
  #iteration = 0;
  /** Nobody can learn any more. */
  #learnt = false;
  /** Nobody can learn any more and a reduction finds nothing to do: nothing will ever change. */
  #settled = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#gains = new BinomialSampler(scenario.learnProbability);
    this.#shareOut = new ShareOut(Math.max(...scenario.roles.map((role) => role.levels)));
    this.#role = scenario.roles[0]!;
    this.#key = scenario.roleKeys[0]!;
  }

  /** Classes the role has now. */
  get classes(): number {
    return this.#now.size;
  }

  /** Starts a role over, at Step 0 of an iteration. */
  begin(roleIndex: number, iteration: number): void {
    this.#role = this.#scenario.roles[roleIndex]!;
    this.#key = this.#scenario.roleKeys[roleIndex]!;
    this.#iteration = iteration;
    this.#settled = false;
    this.#now.clear();
    if (this.#role.people > 0) this.#now.push(0, 1, this.#role.people);
    this.#measure();
  }

  /** Passes from Step `month` to the next: the month's reduction, if there is one, and its learning. */
  advance(month: number, reduces: boolean): void {
    if (this.#settled || (this.#learnt && !reduces)) return;
    openStream(this.#stream, this.#key, this.#iteration, month);
    const reduced = reduces && this.#reduce();
    if (this.#learnt) this.#settled = reduces && !reduced;
    else this.#learn();
    this.#measure();
  }

  /** People now whose work takes more than their time. */
  overloaded(): number {
    const { level, expected, count, size } = this.#now;
    let people = 0;
    for (let index = 0; index < size; index++) {
      if (this.#role.unitTime[level[index]!]! * expected[index]! > OVERLOAD) people += count[index]!;
    }
    return people;
  }

  /** @returns whether anybody left */
  #reduce(): boolean {
    if (this.#scenario.model === "classic") {
      groupClassic(this.#now, this.#role, this.#groups);
      planClassic(this.#groups, this.#classic, this.#plan);
    } else {
      groupConserving(this.#now, this.#role, this.#groups);
      planConserving(this.#groups, this.#role.people, this.#plan);
    }
    if (this.#plan.leavers === 0) return false;
    this.#shareOut.apply(this.#now, this.#groups, this.#plan, this.#role, this.#stream, this.#next);
    this.#swap();
    return true;
  }

  /** Drawn after the reduction, for those who stayed: their learning is independent of it. */
  #learn(): void {
    learn(this.#now, this.#next, this.#role.levels - 1, this.#gains, this.#stream);
    this.#swap();
  }

  #swap(): void {
    const now = this.#now;
    this.#now = this.#next;
    this.#next = now;
  }

  #measure(): void {
    const { level, expected, count, size } = this.#now;
    const { unitTime, outputLimit, hasLimit, automationRate } = this.#role;
    const lastLevel = this.#role.levels - 1;
    let people = 0;
    let rate = 0;
    let time = 0;
    let capacity = 0;
    let lowest = lastLevel;
    for (let index = 0; index < size; index++) {
      const here = level[index]!;
      const asked = expected[index]!;
      const many = count[index]!;
      people += many;
      rate += many * automationRate[here]!;
      time += many * (unitTime[here]! * asked);
      capacity += many * (outputLimit[here]! - asked * hasLimit[here]!);
      if (here < lowest) lowest = here;
    }
    this.people = people;
    this.rateSum = rate;
    this.timeSum = time;
    this.capacitySum = capacity;
    this.#learnt = lowest === lastLevel || this.#scenario.learnProbability === 0;
  }
}
