import { describe, expect, it } from "vitest";
import { resultsCsv } from "../../../src/features/simulation/results/csv.ts";

const headerOf = (role: string): string => {
  const parts = [{}, { count_mean: [1, 2] }];
  return [...resultsCsv({ parts, roles: [role], quantiles: [] })][0]!;
};

/** A header that is taken apart at a separator by a spreadsheet that knows no better, quotes and blanks stripped. */
const cellsOf = (header: string, separator: string): string[] =>
  header.split(separator).map((cell) => cell.replace(/^[\s"]+/, ""));

describe("a role's name in the CSV", () => {
  it.each([
    '=HYPERLINK("http://example.com")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
    '"=1',
    "＝1",
    "－1",
    "a;=1",
    "a; +1",
    'a";"@1',
    "a\t-1",
    "a\n=1",
    "a|=1",
    ";;=1;=2",
  ])("%j runs nothing, whatever ends a cell", (role) => {
    for (const separator of [",", ";", "\t", "|", "\n", "\r"])
      for (const cell of cellsOf(headerOf(role), separator)) expect(cell).not.toMatch(/^[=+\-@＝＋－＠]/);
  });

  it.each(["Engineer", "R&D - EMEA", "C++ Developer", "Büro ☂", "A=B", "night-shift nurse", "ops@night"])(
    "%j stays as it is",
    (role) => {
      expect(headerOf(role)).toBe(`Step,${role}_count_mean\r\n`);
    },
  );

  it("with commas, quotes and line breaks is one field", () => {
    expect(headerOf('Sales, "EMEA"\nand more')).toBe('Step,"Sales, ""EMEA""\nand more_count_mean"\r\n');
  });
});
