import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { simulations } from "../../../../src/platform/db/schema/index.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 30,
  automation_factor: 0.6,
  n_months: 24,
  seed: 5,
  roles: [
    { role: "Engineer", count: 40, salary: 80_000 },
    { role: "Marketing", count: 30, salary: 70_000 },
  ],
};
const wait = { Prefer: "wait=20" };
/** Calls that the caller has left. */
const leftOf = ({ headers }: Answer): number =>
  Number(/"simulations-user";r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1]);
type Columns = Record<string, number[]>;

describe("single futures", () => {
  it("are the ones whose mean, minimum and maximum the results tell", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: input, as, headers: wait });
    const answer = await call(
      `${path}/${body.id}/paths?iterations=0-29&metrics=employees,Engineer_avg_automation_rate`,
      { as },
    );
    expect(answer.status, answer.text).toBe(200);
    const futures: { iteration: number; columns: Columns }[] = answer.body.paths;
    expect(futures.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    for (const key of ["employees", "Engineer_avg_automation_rate"])
      for (const step of [0, 7, 24]) {
        const values = futures.map(({ columns }) => columns[key]![step]!);
        const row = body.results[step];
        expect(Math.min(...values)).toBe(row[`${key}_min`]);
        expect(Math.max(...values)).toBe(row[`${key}_max`]);
        expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(row[`${key}_mean`], 9);
      }
  });

  it("can be picked one by one", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: input, as, headers: wait });
    const all = await call(`${path}/${body.id}/paths?iterations=0-29`, { as });
    const some = await call(`${path}/${body.id}/paths?iterations=7,%203,7,11-12`, { as });
    expect(some.body.paths).toEqual([3, 7, 11, 12].map((index) => all.body.paths[index]));
  });

  it.each([
    "iterations=30",
    "iterations=5-3",
    "iterations=x",
    "iterations=0-50",
    "metrics=profit",
    "metrics=Chef_count",
  ])("refuses ?%s", async (query) => {
    const as = await makePerson();
    const { body } = await call(path, {
      body: { ...input, n_iterations: query === "iterations=0-50" ? 100 : 30 },
      as,
      headers: wait,
    });
    const answer = await call(`${path}/${body.id}/paths?${query}`, { as });
    expect([answer.status, answer.body.code]).toEqual([422, "validation_failed"]);
  });

  it("are the first twenty unless told, or all of a run that has fewer", async () => {
    const as = await makePerson();
    for (const [n_iterations, expected] of [
      [5, 5],
      [30, 20],
    ]) {
      const { id } = (await call(path, { body: { ...input, n_iterations }, as, headers: wait })).body;
      const answer = await call(`${path}/${id}/paths`, { as });
      expect([answer.status, answer.body.paths?.length], answer.text.slice(0, 300)).toEqual([200, expected]);
    }
  });

  it("of a role with a comma in its name can be asked for", async () => {
    const as = await makePerson();
    const body = { ...input, roles: [{ role: "Sales, EMEA", count: 5, salary: 1 }] };
    const { id } = (await call(path, { body, as, headers: wait })).body;
    const metrics = encodeURIComponent("employees, Sales, EMEA_count,cost_savings");
    const answer = await call(`${path}/${id}/paths?iterations=0&metrics=${metrics}`, { as });
    expect(Object.keys(answer.body.paths[0].columns)).toEqual(["employees", "Sales, EMEA_count", "cost_savings"]);
  });

  it("of a huge run are few a call", async () => {
    const as = await makePerson();
    const workloads = Array.from({ length: 50 }, (_, i) => ({
      Name: `w${i}`,
      Type: i % 2 ? "Auto" : "Non-Auto",
      Skill: 1,
      Time: 0.02,
    }));
    const roles = Array.from({ length: 200 }, (_, i) => ({ role: `r${i}`, count: 500, salary: 1, workloads }));
    const { body } = await call(path, { body: { ...input, n_iterations: 50, n_months: 240, roles }, as });
    await call(`${path}/${body.id}/cancel`, { method: "POST", as });
    const answer = await call(`${path}/${body.id}/paths?iterations=0-49`, { as });
    expect([answer.status, answer.body.code]).toEqual([422, "over_budget"]);
  });

  it("and starts and estimates are counted, person by person", async () => {
    const as = await makePerson();
    const before = Date.now();
    const { id } = (await call(path, { body: input, as, headers: wait })).body;
    // A few at a time: Redis has a second to count each.
    for (let batch = 0; batch < 6; batch += 1)
      await Promise.all(Array.from({ length: 5 }, () => call(`${path}/estimate`, { body: input, as })));
    const last = await call(`${path}/${id}/paths?iterations=0`, { as });
    expect(last.headers.get("ratelimit-policy")).toContain('"simulations-user";q=120;w=60');
    // Two calls come back each second, so what is left depends on how long they took: no more than that, however slow it is.
    const refilled = Math.ceil((2 * (Date.now() - before)) / 1000) + 1;
    expect(leftOf(last)).toBeLessThanOrEqual(120 - 32 + refilled);
    expect(leftOf(await call(`${path}/estimate`, { body: input, as: await makePerson() }))).toBe(119);
  });

  it("are not made up for a run of another engine", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: input, as, headers: wait });
    await superuserDatabase()
      .update(simulations)
      .set({ engineVersion: "0.0.1" })
      .where(eq(simulations.id, body.id.slice(4)));
    const answer = await call(`${path}/${body.id}/paths`, { as });
    expect([answer.status, answer.body.code]).toEqual([409, "engine_changed"]);
  });
});

describe("an estimate", () => {
  it("tells work, time, money, the floor and the warnings, and runs nothing", async () => {
    const as = await makePerson();
    const answer = await call(`${path}/estimate`, {
      body: { ...input, n_months: 48, roles: [...input.roles, { role: "Beekeeper", count: 10, salary: 1 }] },
      as,
    });
    expect(answer.status, answer.text).toBe(200);
    const floor = 40 * 0.4 + 30 * 0.45 + 10 * 0.5;
    expect(answer.body).toMatchObject({
      within_budget: true,
      warnings: [{ code: "role_from_fallback", role: "Beekeeper" }],
    });
    expect(answer.body.floor_people).toBeCloseTo(floor, 9);
    expect(answer.body.work_units).toBeGreaterThan(0);
    expect((await call(path, { as })).body.items).toEqual([]);
  });

  it("grows with iterations in proportion", async () => {
    const as = await makePerson();
    const unitsOf = async (n_iterations: number) =>
      (await call(`${path}/estimate`, { body: { ...input, n_iterations }, as })).body.work_units;
    expect((await unitsOf(1_000)) / (await unitsOf(100))).toBeCloseTo(10, 3);
  });

  it("and a run beyond the budget is refused before it starts", async () => {
    const as = await makePerson();
    const workloads = Array.from({ length: 50 }, (_, i) => ({ Name: `w${i}`, Type: "Auto", Skill: 1, Time: 0.02 }));
    const roles = Array.from({ length: 200 }, (_, i) => ({ role: `r${i}`, count: 50_000, salary: 1, workloads }));
    const huge = { ...input, n_iterations: 10_000, n_months: 240, roles };
    expect((await call(`${path}/estimate`, { body: huge, as })).body.within_budget).toBe(false);
    const refused = await call(path, { body: huge, as });
    expect([refused.status, refused.body.code]).toEqual([422, "over_budget"]);
    expect((await call(path, { as })).body.items).toEqual([]);
  });
});

describe("the conserving model", () => {
  it("keeps the work: nobody is asked for more than their time, and never below the floor", async () => {
    const as = await makePerson();
    const { body } = await call(path, {
      body: { ...input, n_months: 240, model: "conserving", oversight: 0.1 },
      as,
      headers: wait,
    });
    expect([body.status, body.model]).toEqual(["completed", "conserving"]);
    const floor = 40 * (0.4 + 0.1 * 0.6) + 30 * (0.45 + 0.1 * 0.55);
    const last = body.results[240];
    expect(last.employees_min).toBeGreaterThanOrEqual(Math.floor(floor));
    expect(last.employees_mean).toBeLessThan(floor + 3);
    for (const row of body.results) expect(row.avg_time_per_employee_max).toBeLessThanOrEqual(1 + 1e-9);
    const again = { ...body.input_data, name: "Again" };
    expect((await call(path, { body: again, as, headers: wait })).body.results).toEqual(body.results);
  });

  it("is the only one that knows oversight", async () => {
    const answer = await call(path, { body: { ...input, oversight: 0.1 }, as: await makePerson() });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, "oversight"]);
  });
});
