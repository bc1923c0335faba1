import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { companyRoles } from "../../../../src/platform/db/schema/index.ts";
import { makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { conformanceFaults } from "../../../support/workerd/openapi-fuzz/conformance.ts";
import { publishedDocument } from "../../../support/workerd/openapi-fuzz/published-document.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 5,
  automation_factor: 0.5,
  n_months: 12,
  roles: [{ role: "Engineer", count: 20, salary: 80_000 }],
};
const role = (change: object) => ({ roles: [{ ...input.roles[0], ...change }] });
const good = { Name: "x", Type: "Auto", Skill: 0.5, Time: 1 };
const workload = (change: object, count = 1) =>
  role({ workloads: Array.from({ length: count }, () => ({ ...good, ...change })) });
/** JSON knows no infinity, but a number that is read as one. */
const infinite = "1e999";
const raw = (field: string, value: string) => JSON.stringify({ ...input, [field]: "?" }).replace('"?"', value);

const bad: [what: string, body: object | string, path: string][] = [
  ["no company", { ...input, company: undefined }, "company"],
  ["a company of blanks beyond its length", { ...input, company: " ".repeat(201) }, "company"],
  ["half a surrogate pair", { ...input, company: "\ud83d" }, "company"],
  ["no iteration", { ...input, n_iterations: 0 }, "n_iterations"],
  ["10,001 iterations", { ...input, n_iterations: 10_001 }, "n_iterations"],
  ["half an iteration", { ...input, n_iterations: 1.5 }, "n_iterations"],
  ["iterations as text", { ...input, n_iterations: "5" }, "n_iterations"],
  ["infinitely many iterations", raw("n_iterations", infinite), "n_iterations"],
  ["an infinite factor", raw("automation_factor", `-${infinite}`), "automation_factor"],
  ["a factor above 1", { ...input, automation_factor: 1.000_001 }, "automation_factor"],
  ["a factor below 0", { ...input, learn_factor: -0.1 }, "learn_factor"],
  ["a factor that is null", { ...input, act_factor: null }, "act_factor"],
  ["11 months", { ...input, n_months: 11 }, "n_months"],
  ["241 months", { ...input, n_months: 241 }, "n_months"],
  ["another model", { ...input, model: "optimistic" }, "model"],
  ["an oversight of 0", { ...input, model: "conserving", oversight: 0 }, "oversight"],
  ["an oversight above 1", { ...input, model: "conserving", oversight: 1.1 }, "oversight"],
  ["oversight in the classic model", { ...input, oversight: 0.5 }, "oversight"],
  ["a seed below 0", { ...input, seed: -1 }, "seed"],
  ["a seed of 2⁵³", { ...input, seed: 2 ** 53 }, "seed"],
  ["no roles", { ...input, roles: [] }, "roles"],
  ["roles that are none", { ...input, roles: {} }, "roles"],
  ["an empty role name", { ...input, ...role({ role: "" }) }, "roles[0].role"],
  ["a role name of blanks", { ...input, ...role({ role: " \t" }) }, "roles[0].role"],
  ["a role name of 101 characters", { ...input, ...role({ role: "x".repeat(101) }) }, "roles[0].role"],
  ["a NUL in a role name", { ...input, ...role({ role: "a\u0000" }) }, "roles[0].role"],
  ["a role twice", { ...input, roles: [input.roles[0], input.roles[0]] }, "roles[1].role"],
  [
    "a role twice, its letters composed in two ways",
    { ...input, roles: ["Caf\u00e9", "Cafe\u0301"].map((role) => ({ ...input.roles[0], role })) },
    "roles[1].role",
  ],
  ["nobody in a role", { ...input, ...role({ count: 0 }) }, "roles[0].count"],
  ["fewer than nobody", { ...input, ...role({ count: -3 }) }, "roles[0].count"],
  ["half a person", { ...input, ...role({ count: 2.5 }) }, "roles[0].count"],
  ["1,000,001 in a role", { ...input, ...role({ count: 1_000_001 }) }, "roles[0].count"],
  [
    "more than 10,000,000 in all",
    { ...input, roles: Array.from({ length: 11 }, (_, i) => ({ role: `r${i}`, count: 1_000_000, salary: 1 })) },
    "roles",
  ],
  ["no pay", { ...input, ...role({ salary: 0 }) }, "roles[0].salary"],
  ["pay below nothing", { ...input, ...role({ salary: -1 }) }, "roles[0].salary"],
  ["absurd pay", { ...input, ...role({ salary: 1e300 }) }, "roles[0].salary"],
  ["no workloads", { ...input, ...role({ workloads: [] }) }, "roles[0].workloads"],
  ["51 workloads", { ...input, ...workload({}, 51) }, "roles[0].workloads"],
  ["workloads that take no time", { ...input, ...workload({ Time: 0 }, 2) }, "roles[0].workloads"],
  ["a Time below 10⁻⁶", { ...input, ...workload({ Time: 9e-7 }) }, "roles[0].workloads[0].Time"],
  [
    "a Time below 0",
    { ...input, ...role({ workloads: [{ ...good, Time: -0.5 }, good] }) },
    "roles[0].workloads[0].Time",
  ],
  ["a Skill below 0", { ...input, ...workload({ Skill: -0.5 }) }, "roles[0].workloads[0].Skill"],
  ["another Type", { ...input, ...workload({ Type: "Semi" }) }, "roles[0].workloads[0].Type"],
  ["an empty workload name", { ...input, ...workload({ Name: "" }) }, "roles[0].workloads[0].Name"],
  ["a currency that is none", { ...input, currency: "eur" }, "currency"],
  ["a currency that nobody has", { ...input, currency: "ZZZ" }, "currency"],
  ["a thirteenth month", { ...input, starts_on: "2026-13" }, "starts_on"],
];

describe("a simulation that cannot be", () => {
  it("is refused with the field named, whether it is to run or to be estimated, and nothing is stored", async () => {
    const as = await makePerson();
    for (const [what, body, field] of bad) {
      const sent = typeof body === "string" ? body : JSON.stringify(body);
      for (const target of [path, `${path}/estimate`]) {
        const answer = await call(target, { raw: sent, as, headers: { "Content-Type": "application/json" } });
        const errors: { path: string }[] = answer.body.errors ?? [];
        const paths = [...new Set(errors.map((error) => error.path))];
        expect([what, answer.status, answer.body.code, paths]).toEqual([what, 422, "validation_failed", [field]]);
      }
    }
    expect((await call(path, { as })).body.items).toEqual([]);
  });

  it.each([
    ["NaN", raw("automation_factor", "NaN"), 400, "malformed_json"],
    ["Infinity", raw("automation_factor", "Infinity"), 400, "malformed_json"],
    ["half a body", JSON.stringify(input).slice(0, 40), 400, "malformed_json"],
  ])("is refused as no JSON: %s", async (_, sent, status, code) => {
    const answer = await call(path, {
      raw: sent,
      as: await makePerson(),
      headers: { "Content-Type": "application/json" },
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("is refused with a field nobody knows", async () => {
    const answer = await call(path, { body: { ...input, n_years: 4 }, as: await makePerson() });
    expect([answer.status, answer.text.includes("n_years")]).toEqual([422, true]);
  });

  it("is refused at a megabyte of roles, in a short answer", async () => {
    const as = await makePerson();
    const many = Array.from({ length: 20_000 }, (_, i) => ({ role: `r${i % 50}`, count: -i, salary: "much" }));
    const body = { ...input, roles: many };
    expect(JSON.stringify(body).length).toBeGreaterThan(900_000);
    const answer = await call(path, { body, as });
    expect([answer.status, answer.body.code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors[0].path).toMatch(/^roles/);
    expect(answer.text.length).toBeLessThan(20_000);
  });

  it("is refused where the company describes its roles at such length that they would not fit a body", async () => {
    const as = await makePerson();
    const workloads = Array.from({ length: 30 }, (_, index) => ({
      Name: `W${index}`,
      Type: "Auto",
      Skill: 0.5,
      Time: 0.03,
      Reason: "x".repeat(1_900),
    }));
    const named = Array.from({ length: 100 }, (_, index) => ({ role: `Role ${index}`, count: 1, salary: 1 }));
    const rows = named.map(({ role }) => ({ role, nameKey: role.toLowerCase(), workloads }));
    const made = { companyId: as.companyId, updatedBy: as.userId, updatedAt: new Date() };
    await superuserDatabase()
      .insert(companyRoles)
      .values(rows.map((row) => ({ ...row, ...made })));
    for (const [start, change] of [
      ["", {}],
      ["/sweeps", { automation_factor: undefined, automation_factors: [0.5] }],
    ] as const) {
      const { status, body } = await call(`${path}${start}`, { body: { ...input, roles: named, ...change }, as });
      expect([status, body.code, body.errors?.[0]?.path]).toEqual([422, "over_budget", "roles"]);
      expect(body.detail).toContain("5 MB are allowed in all");
    }
    expect((await call(path, { body: { ...input, roles: named.slice(0, 80) }, as })).status).toBe(202);
  });

  it("is refused above the budget, with what it would take, and nothing is stored", async () => {
    const as = await makePerson();
    const workloads = Array.from({ length: 50 }, (_, i) => ({ Name: `w${i}`, Type: "Auto", Skill: 1, Time: 0.02 }));
    const roles = Array.from({ length: 200 }, (_, i) => ({ role: `r${i}`, count: 50_000, salary: 1, workloads }));
    const huge = { ...input, n_iterations: 10_000, n_months: 240, roles };
    const { work_units, cpu_seconds, cost_usd, wall_seconds } = (await call(`${path}/estimate`, { body: huge, as }))
      .body;
    const { status, body } = await call(path, { body: huge, as });
    expect([status, body.code, body.errors[0].path]).toEqual([422, "over_budget", "n_iterations"]);
    expect(body.detail).toContain(`about ${Math.ceil(cpu_seconds / 60)} minutes of computing, and 30 are allowed`);
    expect(body.estimate).toEqual({ work_units, cpu_seconds, cost_usd, wall_seconds });
    const document = await publishedDocument();
    expect(conformanceFaults(document, document.components.schemas["Problem"]!, body)).toEqual([]);
    expect((await call(path, { as })).body.items).toEqual([]);
  });
});
