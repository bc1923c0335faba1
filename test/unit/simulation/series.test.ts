import { describe, expect, it } from "vitest";
import { columnTexts, stepRows, yearRows, type SeriesPart } from "../../../src/features/simulation/results/series.ts";

const statistics = ["mean", "min", "max"];
const organisation = [
  "automation",
  "employees",
  "avg_time_per_employee",
  "total_salary_of_employees",
  "cost_savings",
  "avg_unused_output_capacity",
  "headcount_savings",
];
const ofRole = [
  "count",
  "cost_savings",
  "avg_automation_rate",
  "avg_time_per_employee",
  "total_salary_of_employee",
  "avg_unused_output_capacity",
];
const part = (metrics: string[], from: number, steps: number): SeriesPart =>
  Object.fromEntries(
    metrics.flatMap((m) => statistics.map((s) => [`${m}_${s}`, Array.from({ length: steps }, (_, i) => from + i)])),
  );

describe("result series", () => {
  const steps = 26;
  const roles = ["Chef", 'The "Step"'];
  const parts = [part(organisation, 0, steps), part(ofRole, 100, steps), part(ofRole, 200, steps)];

  it("become one object a Step, keys in the promised order", () => {
    const rows = [...stepRows({ parts, roles, quantiles: [] })].map((text) => JSON.parse(text));
    expect(rows).toHaveLength(steps);
    const triples = (prefix: string, metrics: string[]) =>
      metrics.flatMap((m) => statistics.map((s) => `${prefix}${m}_${s}`));
    expect(Object.keys(rows[3])).toEqual([
      "Step",
      ...triples("", organisation),
      ...triples("Chef_", ofRole),
      ...triples('The "Step"_', ofRole),
    ]);
    expect(rows[3]).toMatchObject({ Step: 3, automation_mean: 3, Chef_count_mean: 103, 'The "Step"_count_max': 203 });
  });

  it("become columns with the same keys, Step first", () => {
    const rows = [...stepRows({ parts, roles, quantiles: [] })].map((text) => JSON.parse(text));
    const { columns } = JSON.parse([...columnTexts({ parts, roles, quantiles: [] })].join(""));
    expect(Object.keys(columns)).toEqual(Object.keys(rows[0]));
    expect(columns.Step).toEqual(Array.from({ length: steps }, (_, step) => step));
    expect([...columnTexts({ parts: [], roles, quantiles: [] })].join("")).toBe('{"columns":{}}');
  });

  it("give the change of every whole year and none of a broken one", () => {
    const years = [...yearRows({ parts, roles, quantiles: [] }, steps - 1)].map((text) => JSON.parse(text));
    expect(years.map(({ Year }) => Year)).toEqual([1, 2]);
    expect(years[1]).toMatchObject({ employees_mean: 12, Chef_count_min: 12 });
  });

  it("are empty before a run has ended", () => {
    expect([...yearRows({ parts: [], roles, quantiles: [] }, 48)]).toEqual([]);
    expect([...stepRows({ parts: [], roles, quantiles: [] })]).toEqual([]);
  });
});
