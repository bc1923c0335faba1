import { FILLED } from "./plan.ts";
import type { ReductionPlan } from "./plan.ts";
import type { TieGroups } from "./tie-groups.ts";

/** ε of the model (docs/design/simulation-model.md), per person at the start: spare capacity may fall short of the work taken over by so much. */
const TOLERANCE = 1e-9;
/** Rests below this, per person at the start, are the rounding of the sums: nobody becomes a class of their own for them. */
const ROUNDING = 1e-12;

/**
 * One `conserving` reduction of a role. The work of those who leave fills the top in order, so only two sums matter: the
 * spare capacity left, which bounds the leavers group by group from the bottom, and the work handed over, which is then
 * poured in from the top.
 *
 * @param groups sorted, `capacity` holding the spare capacity of one person
 * @param initialPeople of the role; sets the tolerance
 * @param plan overwritten
 */
export function planConserving(groups: TieGroups, initialPeople: number, plan: ReductionPlan): void {
  plan.clear();
  const { order, expected, capacity, people, size } = groups;
  const tolerance = TOLERANCE * initialPeople;
  let spare = 0;
  for (let rank = 0; rank < size; rank++) spare += people[order[rank]!]! * capacity[order[rank]!]!;
  let handedOver = 0;
  let lastRank = size - 1;
  let leaving = 0;
  for (; lastRank >= 0; lastRank--) {
    const group = order[lastRank]!;
    // Who leaves takes their own spare capacity along and uses up others' by the work they leave behind.
    const cost = capacity[group]! + expected[group]!;
    leaving = Math.min(people[group]!, Math.max(0, Math.floor((spare + tolerance) / cost)));
    spare -= leaving * cost;
    handedOver += leaving * expected[group]!;
    plan.leavers += leaving;
    if (leaving < people[group]!) break;
  }
  if (plan.leavers > 0) pourIn(groups, handedOver, ROUNDING * initialPeople, lastRank, leaving, plan);
}

/** Fills from the top. Work left when everyone is full is within the tolerance and dropped. */
function pourIn(
  groups: TieGroups,
  work: number,
  rounding: number,
  lastRank: number,
  leavingFromLast: number,
  plan: ReductionPlan,
): void {
  const { order, expected, capacity, people } = groups;
  let left = work;
  for (let rank = 0; rank <= lastRank; rank++) {
    const group = order[rank]!;
    const spare = capacity[group]!;
    const staying = people[group]! - (rank === lastRank ? leavingFromLast : 0);
    if (spare === 0 || left <= rounding) {
      plan.push(group, expected[group]!, staying);
      continue;
    }
    let full = Math.min(staying, Math.floor(left / spare));
    left -= full * spare;
    if (full < staying && left >= spare - rounding) {
      full++;
      left = 0;
    }
    plan.push(group, FILLED, full);
    if (full === staying) continue;
    const partly = left > rounding ? 1 : 0;
    plan.push(group, expected[group]! + left, partly);
    plan.push(group, expected[group]!, staying - full - partly);
    left = 0;
  }
}
