import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withCurrentTable } from "../../../local/cli/access-table.ts";
import { groups, may } from "../../../src/shared/access.ts";

const page = readFileSync("docs/access.md", "utf8");

it("docs/access.md has the table of the code (npm run docs:access)", () => {
  expect(page).toBe(withCurrentTable(page));
});

it("the table says of each group what the code does", () => {
  const row = page.split("\n").find((line) => line.includes("`users:write`")) ?? "";
  const cells = row.split("|").slice(3, 3 + groups.length);
  expect(cells.map((cell) => cell.trim() === "yes")).toEqual(groups.map((group) => may(group, "users:write")));
});
