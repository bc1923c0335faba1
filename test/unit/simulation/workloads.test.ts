import { describe, expect, it } from "vitest";
import { roleCatalogue as catalogue } from "../../../src/features/simulation/roles/catalogue/index.ts";
import { defaultRole, roles } from "../../../src/features/simulation/roles/catalogue/roles.ts";
import { simulationInputSchema } from "../../../src/features/simulation/request/schemas.ts";
import { preferredWait } from "../../../src/features/simulation/runs/wire.ts";
import { describeFromCatalogue } from "../../../src/features/simulation/roles/workload-provider.ts";
import { inputWarnings, resolveWorkloads } from "../../../src/features/simulation/roles/workloads.ts";

describe("the role catalogue", () => {
  it("finds a role by name or alias, without case and punctuation", () => {
    const engineer = catalogue.find("Engineer");
    expect(engineer).toBeDefined();
    expect(catalogue.find("software-ENGINEER")).toBe(engineer);
    expect(catalogue.find("Astronaut")).toBeUndefined();
  });

  it("has no two entries of one name, and entries whose Times add up to 1", () => {
    const names = roles.flatMap(({ role, aliases = [] }) => [role, ...aliases]).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const { role, workloads } of [...roles, defaultRole]) {
      const time = workloads.reduce((sum, { Time }) => sum + Time, 0);
      expect([role, Math.abs(time - 1) < 0.01]).toEqual([role, true]);
      expect(inputWarnings([{ role, source: "catalogue", workloads }], 1000)).toEqual([]);
    }
  });
});

describe("resolveWorkloads", () => {
  it("takes the request's own first, then the catalogue's, then the default role's", () => {
    const own = [{ Name: "x", Type: "Auto" as const, Skill: 1, Time: 1 }];
    const resolved = resolveWorkloads(
      [{ role: "Engineer", workloads: own }, { role: "Engineer" }, { role: "Astronaut" }],
      describeFromCatalogue,
    );
    expect(resolved.map(({ source }) => source)).toEqual(["request", "catalogue", "fallback"]);
    expect(resolved[0]!.workloads).toBe(own);
    expect(resolved[2]!.workloads).toBe(defaultRole.workloads);
  });
});

describe("inputWarnings", () => {
  it("names what a reader of the results should know", () => {
    const warned = inputWarnings(
      [
        { role: "A", source: "fallback", workloads: defaultRole.workloads },
        { role: "B", source: "request", workloads: [{ Name: "x", Type: "Auto", Skill: 1.2, Time: 0.5 }] },
        { role: "C", source: "request", workloads: [{ Name: "x", Type: "Non-Auto", Skill: 0.2, Time: 1 }] },
      ],
      5,
    );
    expect(warned).toEqual([
      { code: "role_from_fallback", role: "A" },
      { code: "skill_never_reached", role: "B", value: 1.2 },
      { code: "times_do_not_add_up", role: "B", value: 0.5 },
      { code: "nothing_automatable", role: "C" },
      { code: "few_iterations", value: 5 },
    ]);
  });
});

describe("the input schema", () => {
  const valid = { company: "Acme", n_iterations: 1, automation_factor: 0, roles: [{ role: "A", count: 1, salary: 1 }] };
  const faults = (change: object): string[] => {
    const result = simulationInputSchema.safeParse({ ...valid, ...change });
    return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
  };
  const workload = (change: object) => ({
    roles: [{ ...valid.roles[0], workloads: [{ Name: "x", Type: "Auto", Skill: 0.5, Time: 1, ...change }] }],
  });

  it("fills in the defaults", () => {
    expect(simulationInputSchema.parse(valid)).toMatchObject({ n_months: 48, model: "classic" });
  });

  it.each([
    [{ n_iterations: 0 }, "n_iterations"],
    [{ n_iterations: 10_001 }, "n_iterations"],
    [{ n_iterations: 1.5 }, "n_iterations"],
    [{ automation_factor: 1.01 }, "automation_factor"],
    [{ automation_factor: Number.NaN }, "automation_factor"],
    [{ n_months: 11 }, "n_months"],
    [{ n_months: 241 }, "n_months"],
    [{ seed: 2 ** 53 }, "seed"],
    [{ seed: -1 }, "seed"],
    [{ roles: [] }, "roles"],
    [{ roles: Array.from({ length: 201 }, (_, i) => ({ role: `r${i}`, count: 1, salary: 1 })) }, "roles"],
    [{ roles: [{ role: "", count: 1, salary: 1 }] }, "roles.0.role"],
    [{ roles: [{ role: "x".repeat(101), count: 1, salary: 1 }] }, "roles.0.role"],
    [{ roles: [{ role: "A", count: 0, salary: 1 }] }, "roles.0.count"],
    [{ roles: [{ role: "A", count: 1_000_001, salary: 1 }] }, "roles.0.count"],
    [{ roles: [{ role: "A", count: 1, salary: 0 }] }, "roles.0.salary"],
    [{ roles: [{ role: "A", count: 1, salary: Number.POSITIVE_INFINITY }] }, "roles.0.salary"],
    [{ roles: [...valid.roles, ...valid.roles] }, "roles.1.role"],
    [{ roles: Array.from({ length: 11 }, (_, i) => ({ role: `r${i}`, count: 1_000_000, salary: 1 })) }, "roles"],
    [workload({ Time: 1e-7 }), "roles.0.workloads.0.Time"],
    [workload({ Time: 0 }), "roles.0.workloads"],
    [workload({ Skill: -0.1 }), "roles.0.workloads.0.Skill"],
    [{ company: "a\u0000b" }, "company"],
    [{ company: "\ud800" }, "company"],
    [{ starts_on: "2026-13" }, "starts_on"],
    [{ currency: "euro" }, "currency"],
  ])("refuses %j", (change, path) => {
    expect(faults(change)).toContain(path);
  });

  it.each([
    { n_iterations: 10_000 },
    { n_months: 240 },
    { seed: 2 ** 53 - 1 },
    { automation_factor: 1 },
    workload({ Time: 1e-6 }),
  ])("accepts %j", (change) => {
    expect(faults(change)).toEqual([]);
  });
});

describe("preferredWait", () => {
  it.each([
    [undefined, 0],
    ["respond-async", 0],
    ["wait=10", 10],
    ['respond-async, wait="5"', 5],
    ["wait=600", 60],
    ["wait=99999", 60],
  ])("%s asks for %i seconds", (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });

  it.each(["wait=soon", "wait=-1", "wait=1.5", "wait=", "await=5"])("ignores %s", (header) => {
    expect(preferredWait(header)).toBe(0);
  });
});
