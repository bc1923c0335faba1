import type { RunSummary } from "./summary-schemas.ts";
import { are, figure, months, number, people, percent, plainText } from "./wording.ts";

/** At the start: months to go, people, and pay a year. */
export interface Start {
  readonly months: number;
  readonly people: number;
  readonly payroll: number;
}

/** Roles named one by one; the others follow as one. */
const driversNamed = 3;
/** Of the 21 quantiles of a distribution. */
const [least, lowerQuarter, upperQuarter, greatest] = [0, 5, 15, 20] as const;

/** A run's summary in words: people, pay, when and whence the savings come, and the work that is left. */
export function summaryText(start: Start, figures: Omit<RunSummary, "text">): string {
  return [peopleOf(start, figures), payOf(start, figures), cutsOf(start, figures), workOf(start, figures)].join("\n\n");
}

/** Of one future there is no average. */
const average = ({ end_employees: { iterations } }: RunSummary["distributions"]): string =>
  iterations === 1 ? "" : " on average";

function peopleOf(start: Start, { end, distributions }: Omit<RunSummary, "text">): string {
  const { iterations, quantiles } = distributions.end_employees;
  const left = `After ${months(start.months)} ${people(end.employees.mean)} of ${number(start.people)} ${are(end.employees.mean)} left`;
  if (iterations === 1) return `**People.** ${left} in the one future computed.`;
  if (quantiles[least] === quantiles[greatest])
    return `**People.** ${left}, the same in all ${number(iterations)} futures.`;
  const range = (from: number, to: number): string =>
    `${number(quantiles[from] ?? 0)} to ${number(quantiles[to] ?? 0)}`;
  return `**People.** ${left} on average: ${range(lowerQuarter, upperQuarter)} in the middle half of the ${number(iterations)} futures, ${range(least, greatest)} over all of them.`;
}

function payOf(start: Start, { end, distributions, ...figures }: Omit<RunSummary, "text">): string {
  const saved = end.cost_savings.mean;
  if (figures.years_to_half_savings === null) return "**Pay.** Nothing is saved.";
  const half = Math.round(figures.years_to_half_savings * 12);
  return `**Pay.** Yearly pay falls from ${figure(start.payroll)} by ${figure(saved)}${average(distributions)} (${percent(saved / start.payroll)}), half of it within ${months(half)}. Up to the end ${figure(distributions.pay_saved.mean ?? 0)} less is paid out. ${driversText(figures.drivers)}`;
}

function driversText(drivers: RunSummary["drivers"]): string {
  const named = drivers.slice(0, driversNamed).map(({ role, share }) => `${plainText(role)} (${percent(share)})`);
  const rest = drivers.slice(driversNamed);
  const restShare = rest.reduce((sum, { share }) => sum + share, 0);
  const others =
    rest.length === 0 ? [] : [`${rest.length} other ${rest.length === 1 ? "role" : "roles"} (${percent(restShare)})`];
  return `It comes from ${[...named, ...others].join(", ")}.`;
}

function cutsOf(start: Start, { distributions, share_without_cuts: without }: Omit<RunSummary, "text">): string {
  const { first_month_with_cut: first, largest_monthly_cut: largest } = distributions;
  if (first.mean === null) return "**Cuts.** Nobody leaves in any future.";
  const never = without > 0 ? ` In ${percent(without)} of the futures nobody leaves at all.` : "";
  const onAverage = average(distributions);
  const worst = onAverage === "" ? "" : ` and ${people(largest.quantiles[greatest] ?? 0)} at worst`;
  return `**Cuts.** The first people leave in month ${figure(first.mean)}${onAverage}, and people leave in ${figure(distributions.months_with_cuts.mean ?? 0)} of ${months(start.months)}; the largest cut of one month takes ${people(largest.mean ?? 0)}${onAverage}${worst}.${never}`;
}

function workOf(
  start: Start,
  { floor_people: floor, overloaded_people: overloaded, distributions }: Omit<RunSummary, "text">,
): string {
  const onAverage = average(distributions);
  const worst = onAverage === "" ? "" : `, ${number(overloaded.max)} at worst`;
  const overload =
    overloaded.max > 0
      ? ` At the end ${people(overloaded.mean)}${onAverage} ${are(overloaded.mean)} asked for more than their time${worst}.`
      : "";
  return `**Work.** Once all is learnt that can be learnt, there is work left for ${people(floor)} of ${number(start.people)}.${overload}`;
}
