import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../../src/features/simulation/results/summary-schemas.ts";
import { summaryText } from "../../../src/features/simulation/results/summary-text.ts";
import { finishedRun } from "../../support/finished-run.ts";

const workloads = [{ Name: "Keying", Type: "Auto", Skill: 0.2, Time: 1 }];
const { summary } = finishedRun({
  n_months: 12,
  roles: [{ role: "Clerk", count: 30, salary: 1_000, workloads }],
}).outcome;

/** All values the same, over so many iterations. */
const always = (value: number, iterations: number) => ({
  iterations,
  mean: value,
  standard_error: iterations < 2 ? null : 0,
  quantiles: Array.from({ length: 21 }, () => value),
});
const start = { months: 12, people: 30, payroll: 30_000 };
/** A run after which 27 of 30 are left, in all of its futures. */
const run = (iterations: number, changes: Partial<RunSummary> = {}): RunSummary => ({
  ...summary,
  floor_people: 20,
  end: {
    ...summary.end,
    employees: { ...summary.end.employees, mean: 27 },
    cost_savings: { ...summary.end.cost_savings, mean: 3_000 },
  },
  overloaded_people: { mean: 0, min: 0, max: 0 },
  years_to_half_savings: 0.5,
  drivers: [{ role: "Clerk", share: 1, cost_savings: 3_000, headcount_savings: 3 }],
  share_without_cuts: 0,
  distributions: {
    ...summary.distributions,
    end_employees: always(27, iterations),
    first_month_with_cut: always(3, iterations),
    months_with_cuts: always(2, iterations),
    largest_monthly_cut: always(3, iterations),
    pay_saved: always(1_500, iterations),
  },
  ...changes,
});

describe("the summary in words", () => {
  it("speaks of one future as one", () => {
    const overloaded_people = { mean: 1, min: 1, max: 1 };
    expect(summaryText(start, run(1, { overloaded_people }))).toBe(
      `**People.** After 12 months 27 people of 30 are left in the one future computed.

**Pay.** Yearly pay falls from 30,000 by 3,000 (10 %), half of it within 6 months. Up to the end 1,500 less is paid out. It comes from Clerk (100 %).

**Cuts.** The first people leave in month 3, and people leave in 2 of 12 months; the largest cut of one month takes 3 people.

**Work.** Once all is learnt that can be learnt, there is work left for 20 people of 30. At the end 1 person is asked for more than their time.`,
    );
  });

  it("speaks of many as many", () => {
    const overloaded_people = { mean: 1.5, min: 1, max: 2 };
    expect(summaryText(start, run(10_000, { overloaded_people }))).toBe(
      `**People.** After 12 months 27 people of 30 are left, the same in all 10,000 futures.

**Pay.** Yearly pay falls from 30,000 by 3,000 on average (10 %), half of it within 6 months. Up to the end 1,500 less is paid out. It comes from Clerk (100 %).

**Cuts.** The first people leave in month 3 on average, and people leave in 2 of 12 months; the largest cut of one month takes 3 people on average and 3 people at worst.

**Work.** Once all is learnt that can be learnt, there is work left for 20 people of 30. At the end 1.50 people on average are asked for more than their time, 2 at worst.`,
    );
  });

  it("tells one future of ten thousand from none, and all but one from all", () => {
    const text = (share_without_cuts: number) => summaryText(start, run(10_000, { share_without_cuts }));
    expect(text(0.0001)).toContain("at worst. In under 1 % of the futures nobody leaves at all.");
    expect(text(0.9999)).toContain("at worst. In over 99 % of the futures nobody leaves at all.");
    expect(text(1 - 0.99)).toContain("at worst. In 1 % of the futures nobody leaves at all.");
    expect(text(0)).not.toContain("nobody leaves");
  });

  it("tells a role that drives little from one that drives nothing", () => {
    const drivers = [
      { role: "Clerk", share: 0.998, cost_savings: 2_994, headcount_savings: 3 },
      { role: "Keeper", share: 0.002, cost_savings: 6, headcount_savings: 0.1 },
    ];
    expect(summaryText(start, run(200, { drivers }))).toContain("It comes from Clerk (over 99 %), Keeper (under 1 %).");
  });

  it("counts one person as one", () => {
    const end = { ...run(200).end, employees: { ...summary.end.employees, mean: 1 } };
    const one = run(200, { end });
    expect(
      summaryText(
        { ...start, people: 1 },
        { ...one, distributions: { ...one.distributions, end_employees: always(1, 200) } },
      ),
    ).toContain("**People.** After 12 months 1 person of 1 is left, the same in all 200 futures.");
  });
});
