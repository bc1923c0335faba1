/** Additions made one by one before jumping is worth its cost. */
const PLAIN_ADDITIONS = 12;

/**
 * Adds `term` to `total[0]`, one rounded addition after another, until it is at least `target` or `limit` additions are
 * made, and returns how many were: bit for bit what a loop gives, in steps bounded by the binades crossed and not by the
 * answer.
 *
 * Between two powers of two all doubles are multiples of one ulp, and adding `term` moves the sum by `term` rounded to
 * that grid. Only an exact half ulp rounds by the parity of the sum, and an addition that stayed in the binade leaves the
 * sum even then: from the second addition inside a binade on, each moves the sum by one and the same exact step.
 *
 * @param term a finite number > 0
 * @param limit ≥ 1
 */
export function addRepeatedly(total: Float64Array, term: number, target: number, limit: number): number {
  let sum = total[0]!;
  let additions = 0;
  while (additions < limit && additions < PLAIN_ADDITIONS) {
    sum += term;
    additions++;
    if (sum >= target) break;
  }
  while (additions < limit && sum < target) {
    const before = sum;
    const first = before + term;
    if (first === before) {
      additions = limit;
      break;
    }
    sum = first;
    additions++;
    if (additions === limit || first >= target) break;
    sum = first + term;
    additions++;
    const binadeEnd = powerOfTwoAfter(sum);
    const step = sum - first;
    if (step === 0 || sum >= target || before < binadeEnd / 2) continue;
    const jumps = stepsBelow(sum, step, target < binadeEnd ? target : binadeEnd, limit - additions);
    sum += jumps * step;
    additions += jumps;
  }
  total[0] = sum;
  return additions;
}

/** The most steps, up to `limit`, that leave sum + steps · step below `end`; all of it exact inside one binade. */
function stepsBelow(sum: number, step: number, end: number, limit: number): number {
  const steps = Math.min(limit, Math.floor((end - sum) / step));
  return steps > 0 && sum + steps * step >= end ? steps - 1 : steps;
}

/** The smallest power of two above x, for x > 0; by exact doublings and halvings. */
function powerOfTwoAfter(x: number): number {
  let power = 1;
  while (power <= x) power *= 2;
  while (power / 2 > x) power /= 2;
  return power;
}
