import { describe, expect, it } from "vitest";
import { stepRows, yearRows } from "../../../src/features/simulation/results/series.ts";
import { finishedRun, type FinishedRun } from "../../support/finished-run.ts";

const months = 13;
/**
 * Six clerks half of whose work runs by itself from the start, and a keeper whose work never does. Nobody learns and the
 * firm reduces each month, so nothing is left to chance.
 */
const body = {
  n_iterations: 3,
  n_months: months,
  learn_factor: 0,
  act_factor: 1,
  roles: [
    {
      ...{ role: "Clerk", count: 6, salary: 100 },
      workloads: [
        { Name: "Keying", Type: "Auto", Skill: 0, Time: 0.5 },
        { Name: "Talking", Type: "Non-Auto", Skill: 0.3, Time: 0.5 },
      ],
    },
    {
      ...{ role: "Keeper", count: 1, salary: 1000.5 },
      workloads: [
        { Name: "Day", Type: "Non-Auto", Skill: 0, Time: 0.75 },
        { Name: "Night", Type: "Non-Auto", Skill: 0, Time: 0.25 },
      ],
    },
  ],
};

/** The seven metrics of the organisation in the contract's order, then six of each role. */
type Figures = readonly [organisation: readonly number[], clerks: readonly number[], keeper: readonly number[]];
const organisationKeys = [
  ...["automation", "employees", "avg_time_per_employee", "total_salary_of_employees", "cost_savings"],
  ...["avg_unused_output_capacity", "headcount_savings"],
];
const roleKeys = [
  ...["count", "cost_savings", "avg_automation_rate", "avg_time_per_employee", "total_salary_of_employee"],
  "avg_unused_output_capacity",
];
const keysOf = (part: number) =>
  part === 0 ? organisationKeys : roleKeys.map((key) => `${["Clerk", "Keeper"][part - 1]}_${key}`);

/** Key by key, each as mean, least and greatest: no future differs from another. */
function expectRow(text: string, first: object, figures: Figures): void {
  const row = JSON.parse(text) as Record<string, number>;
  const wanted = figures.flatMap((part, index) =>
    part.flatMap((value, metric) => ["mean", "min", "max"].map((name) => [`${keysOf(index)[metric]}_${name}`, value])),
  ) as [string, number][];
  expect(Object.keys(row)).toEqual([...Object.keys(first), ...wanted.map(([key]) => key)]);
  expect(row).toMatchObject(first);
  for (const [key, value] of wanted) expect(row[key], key).toBeCloseTo(value, 12);
}

function expectSeries({ outcome }: FinishedRun, start: Figures, then: Figures): void {
  const series = { parts: outcome.parts, roles: ["Clerk", "Keeper"], quantiles: [] };
  const steps = [...stepRows(series)];
  expect(steps).toHaveLength(months + 1);
  for (const [Step, text] of steps.entries()) expectRow(text, { Step }, Step === 0 ? start : then);
  const years = [...yearRows(series, months)];
  expect(years).toHaveLength(1);
  const change = then.map((part, index) => part.map((value, metric) => value - start[index]![metric]!));
  expectRow(years[0]!, { Year: 1 }, change as unknown as Figures);
}

/** The same in all three futures. */
const always = (value: number) => ({
  iterations: 3,
  mean: expect.closeTo(value, 9),
  standard_error: expect.closeTo(0, 9),
  quantiles: Array.from({ length: 21 }, () => expect.closeTo(value, 9)),
});
const keeper = [1, 0, 0, 1, 1000.5, 0];

describe("a run that can be worked out by hand", () => {
  it("in classic: one for one leaves three clerks at E = 2, and two of them cover the third once more", () => {
    const run = finishedRun(body);
    // Unit time 0.5, so a capacity of 1 at the start, and of 2 − 3 at the end, with a time of 0.5 · 3.
    const start: Figures = [[3 / 7, 7, 4 / 7, 1600.5, 0, 6 / 7, 0], [6, 0, 0.5, 0.5, 600, 1], keeper];
    expectSeries(run, start, [[1 / 3, 3, 4 / 3, 1200.5, 400, -2 / 3, 4], [2, 400, 0.5, 1.5, 200, -1], keeper]);
    expect(run.outcome.summary).toMatchObject({
      floor_people: 4,
      overloaded_people: { mean: 2, min: 2, max: 2 },
      years_to_half_savings: 1 / 12,
      drivers: [{ role: "Clerk", share: 1, cost_savings: 400, headcount_savings: 4 }],
      share_without_cuts: 0,
      distributions: {
        end_employees: always(3),
        largest_monthly_cut: always(4),
        first_month_with_cut: always(1),
        months_with_cuts: always(1),
        pay_saved: always((months * 400) / 12),
        overloaded_people: always(2),
      },
    });
    expect(run.outcome.warnings).toEqual([
      { code: "nothing_automatable", role: "Keeper" },
      { code: "few_iterations", value: 3 },
      { code: "people_overloaded", value: 2 },
    ]);
  });

  it("in conserving: two clerks are filled to their whole time, and the next has the rest", () => {
    const run = finishedRun({ ...body, model: "conserving" });
    // Unit time 0.5 + 0.05 · 0.5. The spare of all above covers the first and the second leaver, not the third: 0.714.
    const unit = 0.525;
    const spare = 1 / unit - 1;
    const start: Figures = [
      [3 / 7, 7, (6 * unit + 1) / 7, 1600.5, 0, (6 * spare) / 7, 0],
      [6, 0, 0.5, unit, 600, spare],
      keeper,
    ];
    const left = (4 / unit - 6) / 4;
    expectSeries(run, start, [
      [2 / 5, 5, (6 * unit + 1) / 5, 1400.5, 200, (4 * left) / 5, 2],
      [4, 200, 0.5, (6 * unit) / 4, 400, left],
      keeper,
    ]);
    expect(run.outcome.summary).toMatchObject({
      floor_people: expect.closeTo(6 * unit + 1, 12),
      overloaded_people: { mean: 0, min: 0, max: 0 },
      years_to_half_savings: 1 / 12,
      distributions: { end_employees: always(5), pay_saved: always((months * 200) / 12), overloaded_people: always(0) },
    });
  });

  it.each([
    [0.9999999995, 0],
    [1.0000000005, 0],
    [1.0000000015, 1],
  ])("counts whose work takes %d of their time as overloaded: %i", (Time, overloaded) => {
    const sole = { role: "Sole", count: 1, salary: 1, workloads: [{ Name: "All", Type: "Non-Auto", Skill: 0, Time }] };
    const { summary } = finishedRun({ ...body, roles: [sole] }).outcome;
    expect(summary.distributions.overloaded_people).toEqual(always(overloaded));
  });
});
