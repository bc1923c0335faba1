import { expect, it } from "vitest";
import { barChart, progressBar, resultsTable } from "../../../local/demo/picture.ts";

const step = (Step: number, people: number) => ({
  Step,
  employees_mean: people,
  employees_min: people - 1,
  employees_max: people + 1,
  automation_mean: 0.125,
  total_salary_of_employees_mean: people * 1_000,
  cost_savings_mean: (100 - people) * 1_000,
});

it("shows every sixth month, in columns", () => {
  const lines = resultsTable([0, 1, 6, 7, 12].map((month) => step(month, 100 - month))).split("\n");
  expect(lines.slice(2).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["0", "100.0", "99–101", "12.5 %", "100,000", "0"],
    ["6", "94.0", "93–95", "12.5 %", "94,000", "6,000"],
    ["12", "88.0", "87–89", "12.5 %", "88,000", "12,000"],
  ]);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});

it("refuses results without a key it shows", () => {
  expect(() => resultsTable([{ Step: 0 }])).toThrow('no "employees_mean"');
});

it("draws bars as high as their values", () => {
  const chart = barChart([step(0, 10), step(1, 5), step(2, 0)], "employees_mean", "People").split("\n");
  expect(chart[0]).toBe("  People");
  expect(chart[1]).toBe("  10 ┤█");
  expect(chart[6]).toBe("     ┤██");
  expect(chart).toHaveLength(13);
});

it.each([
  [-1, 0],
  [0, 0],
  [0.5, 5],
  [1, 10],
  [2, 10],
])("a bar for %s has %i full cells of ten", (fraction, cells) => {
  expect(progressBar(fraction, 10).match(/█/g)?.length ?? 0).toBe(cells);
});
