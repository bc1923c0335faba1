import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nameKeyOf, roleCatalogue } from "../../../src/features/simulation/roles/catalogue/index.ts";
import { defaultRole, roles, rolesByFunction } from "../../../src/features/simulation/roles/catalogue/roles.ts";
import { buildRoleTable } from "../../../src/features/simulation/engine/role-table.ts";
import { workloadSchema, type Workload } from "../../../src/features/simulation/roles/workload-schemas.ts";

const entries = [...roles, defaultRole];
const page = readFileSync(new URL("../../../docs/design/role-catalogue.md", import.meta.url), "utf8");
/** The cells of the page's table rows, in order; headings and rules included. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.slice(2, -2).split(" | "));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const autoOf = (workloads: readonly Workload[]): Workload[] => workloads.filter(({ Type }) => Type === "Auto");
const autoShare = (workloads: readonly Workload[]): number => sum(autoOf(workloads).map(({ Time }) => Time));

/** Steps of learning after which nothing changes any more, by the engine's own ladder. */
function gainsOf(workloads: readonly Workload[]): number {
  const role = {
    name: "Any",
    count: 1,
    salary: 1,
    workloads: workloads.map(({ Name, Type, Skill, Time }) => ({
      name: Name,
      auto: Type === "Auto",
      skill: Skill,
      time: Time,
    })),
  };
  const input = {
    model: "classic",
    oversight: 0.05,
    learnFactor: 1,
    actFactor: 1,
    months: 12,
    seed: 1,
    roles: [role],
  } as const;
  return buildRoleTable({ ...input, roles: [role] }, role).levels - 1;
}

describe("the catalogue's roles", () => {
  it("are many, in every function", () => {
    expect(roles.length).toBeGreaterThanOrEqual(65);
    expect(Object.keys(rolesByFunction).toSorted()).toEqual([
      "Administration",
      "Data",
      "Design and product",
      "Education",
      "Engineering and IT",
      "Finance",
      "Health",
      "Hospitality",
      "Human resources",
      "Legal",
      "Logistics",
      "Management",
      "Manufacturing and building",
      "Marketing",
      "Operations",
      "Public service",
      "Sales",
      "Support",
    ]);
    for (const [name, members] of Object.entries(rolesByFunction))
      expect([name, members.length >= 4]).toEqual([name, true]);
  });

  it("are each found by their name and every alias, however written", () => {
    const catalogue = roleCatalogue;
    const names = roles.flatMap(({ role, aliases = [] }) => [role, ...aliases]);
    const plain = names.map((name) => name.toLowerCase().replace(/[^a-z0-9]+/g, " "));
    expect(plain.filter((name, index) => plain.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => name.length > 100 || name.trim() !== name || name === "")).toEqual([]);
    for (const { role, aliases = [], workloads } of roles) {
      for (const name of [role, ...aliases])
        expect([name, catalogue.find(` ${name.toUpperCase().replaceAll(" ", "-")}.`) === workloads]).toEqual([
          name,
          true,
        ]);
    }
  });

  it("differ as jobs do: from nearly all of the time to hardly any", () => {
    const share = (name: string): number => autoShare(roleCatalogue.find(name) ?? []);
    expect(share("Data Entry Operator")).toBeGreaterThan(0.9);
    for (const name of ["Nurse", "Judge", "Firefighter", "Chief Executive"])
      expect([name, share(name) <= 0.25]).toEqual([name, true]);
    expect(new Set(roles.map(({ workloads }) => Math.round(20 * autoShare(workloads)))).size).toBeGreaterThan(10);
  });

  it("keep the figures that runs and the README were made with", () => {
    const figures = (name: string): string =>
      (roles.find(({ role }) => role === name)?.workloads ?? [])
        .map(({ Type, Skill, Time }) => `${Type} ${Skill} ${Time}`)
        .join(", ");
    expect(figures("Engineer")).toBe("Auto 0.9 0.4, Auto 0.7 0.2, Non-Auto 0.85 0.25, Non-Auto 0.8 0.15");
    expect(figures("Marketing")).toBe("Auto 0.8 0.35, Auto 0.65 0.2, Non-Auto 0.75 0.2, Non-Auto 0.8 0.25");
    expect(figures("Accountant")).toBe("Auto 0.5 0.4, Auto 0.7 0.25, Non-Auto 0.9 0.2, Non-Auto 0.85 0.15");
    expect(figures("Customer Support")).toBe("Auto 0.45 0.45, Auto 0.35 0.2, Non-Auto 0.8 0.2, Non-Auto 0.85 0.15");
    expect(figures("HR Specialist")).toBe("Auto 0.6 0.25, Auto 0.5 0.25, Non-Auto 0.85 0.25, Non-Auto 0.9 0.25");
    expect(figures("Sales Representative")).toBe("Auto 0.6 0.25, Auto 0.5 0.2, Non-Auto 0.85 0.35, Non-Auto 0.9 0.2");
  });
});

describe("the name of a role", () => {
  it.each([
    ["C++ Developer", "C# Developer"],
    ["C++ Developer", "C Developer"],
    ["ครู", "คร"],
    ["Level 3", "Level 3+"],
  ])("%s is another than %s", (one, other) => {
    expect(nameKeyOf(one)).not.toBe(nameKeyOf(other));
  });

  it.each([
    ["  Head of  R&D ", "head of r d"],
    ["Research + Development", "Research & Development"],
    ["Sales+Marketing", "sales marketing"],
    ["#1 Chef", "1 chef"],
    ["Caf\u00e9 Owner", "CAFE\u0301 OWNER"],
  ])("%s is the same as %s", (one, other) => {
    expect(nameKeyOf(one)).toBe(nameKeyOf(other));
  });

  it.each(["---", "☂️", "+", "# #", "\u0301"])("%s is none", (name) => {
    expect(nameKeyOf(name)).toBe("");
  });
});

describe.each(entries.map(({ role, workloads }) => [role, workloads] as const))("%s", (_, workloads) => {
  it("has four to eight workloads of different names that take all of the time", () => {
    expect(workloads.length).toBeGreaterThanOrEqual(4);
    expect(workloads.length).toBeLessThanOrEqual(8);
    expect(new Set(workloads.map(({ Name }) => Name)).size).toBe(workloads.length);
    // To the last bit: classic would take 0.9999999999999999 for spare capacity.
    expect(sum(workloads.map(({ Time }) => Time))).toBe(1);
  });

  it("has figures in steps of 0.05 and a short reason for each", () => {
    for (const workload of workloads) {
      expect(workloadSchema.parse(workload)).toEqual(workload);
      const { Name, Skill, Time, Reason = "" } = workload;
      expect([Name, Skill * 20, Time * 20]).toEqual([Name, Math.round(Skill * 20), Math.round(Time * 20)]);
      expect([Name, Skill >= 0.05 && Skill <= 1, Time >= 0.05]).toEqual([Name, true, true]);
      expect(Name.length).toBeLessThanOrEqual(100);
      expect(Reason).toMatch(/^[A-Z].{9,89}\.$/);
    }
  });
});

describe("docs/design/role-catalogue.md", () => {
  it("says rightly which values of Skill are equivalent", () => {
    const bands = rows.filter(([range = ""]) => /^\d\.\d\d – /.test(range));
    const told = bands.flatMap(([range = "", gains]) => {
      const [from = 0, to = 0] = range.split(" – ").map((skill) => Math.round(Number(skill) * 20));
      return Array.from({ length: to - from + 1 }, (_, step) => [(from + step) / 20, Number(gains)]);
    });
    const steps = Array.from({ length: 20 }, (_, step) => (step + 1) / 20);
    expect(told).toEqual(steps.map((Skill) => [Skill, gainsOf([{ Name: "x", Type: "Auto", Skill, Time: 1 }])]));
  });

  it("gives examples that are in the catalogue, in the band they illustrate", () => {
    const examples = rows
      .filter(([range = ""]) => /^\d\.\d\d – /.test(range))
      .flatMap(([range, , , cell = ""]) => cell.split("; ").map((example) => [range, example]));
    expect(examples).toHaveLength(10);
    for (const [range = "", example = ""] of examples) {
      const [from = 0, to = 0] = range.split(" – ").map(Number);
      const [role, name] = example.split(": ");
      const found = autoOf(roles.find((entry) => entry.role === role)?.workloads ?? []).find(
        ({ Name }) => Name === name,
      );
      expect([example, found !== undefined && found.Skill >= from && found.Skill <= to]).toEqual([example, true]);
    }
    const manual = new Set(
      roles.flatMap(({ workloads }) => workloads.filter(({ Type }) => Type === "Non-Auto").map(({ Name }) => Name)),
    );
    const questions = rows.filter(([question = ""]) => question.startsWith("**") && question.endsWith("?"));
    expect(questions.flatMap(([, cell = ""]) => cell.split("; ")).filter((name) => !manual.has(name))).toEqual([]);
    expect(questions).toHaveLength(4);
  });

  it("lists every role with the figures of the code", () => {
    const expected = Object.entries(rolesByFunction).flatMap(([name, members]) => [
      `| **${name}** | | | |`,
      ...members.map(({ role, workloads }) => {
        const auto = autoOf(workloads);
        const skill = sum(auto.map(({ Skill }) => Skill)) / auto.length;
        const printed = skill.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
        return `| ${role} | ${Math.round(100 * autoShare(workloads))} % | ${printed} | ${gainsOf(workloads)} |`;
      }),
    ]);
    const [, list = ""] = page.split("| role | Auto | Skill | gains |\n| --- | --- | --- | --- |\n");
    expect(list.trimEnd().split("\n")).toEqual(expected);
    expect(page).toContain(`${roles.length} roles in ${Object.keys(rolesByFunction).length} functions.`);
  });
});
