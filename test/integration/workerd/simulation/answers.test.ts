import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { makePerson } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 50,
  automation_factor: 0.7,
  n_months: 30,
  seed: 5,
  roles: [
    { role: "Engineer", count: 40, salary: 80_000 },
    { role: "Marketing", count: 30, salary: 70_000 },
  ],
};
const wait = { Prefer: "wait=20" };

describe("the summary of a run", () => {
  it("is there once it has completed, with its warnings and what it took", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: input, as, headers: wait });
    const last = body.results.at(-1);
    expect(body.summary.end.employees).toMatchObject({
      mean: last.employees_mean,
      min: last.employees_min,
      max: last.employees_max,
    });
    const { end_employees: end } = body.summary.distributions;
    expect([end.iterations, end.quantiles.length, end.quantiles[0], end.quantiles[20]]).toEqual([
      50,
      21,
      last.employees_min,
      last.employees_max,
    ]);
    expect(body.summary.text).toContain("**People.** After 30 months");
    expect(body.warnings.map(({ code }: { code: string }) => code)).toContain("horizon_before_floor");
    expect(body.estimate.work_units / body.actual.work_units).toBeGreaterThan(0.5);
    expect(body.estimate.work_units / body.actual.work_units).toBeLessThan(2);
    expect(body.actual.wall_seconds * 1000).toBe(Date.parse(body.completed_at) - Date.parse(body.started_at));
    expect(body.actual.cost_usd / body.actual.cpu_seconds).toBeCloseTo(2e-5, 12);
  });

  it("is null before that, and so is what it took", async () => {
    const { status, body } = await call(path, { body: input, as: await makePerson() });
    expect(status).toBe(202);
    expect(body).toMatchObject({ summary: null, actual: null, estimate: { work_units: expect.any(Number) } });
  });
});

describe("quantiles", () => {
  const statistics = ["mean", "min", "max"];
  it("come with every key that is asked for, in every shape, and stand where the iterations stand", async () => {
    const as = await makePerson();
    const { id, results: plain } = (await call(path, { body: input, as, headers: wait })).body;
    const { body } = await call(`${path}/${id}?quantiles=p95,p5,p50,p5`, { as });
    const expected = Object.keys(plain[0]).flatMap((key) =>
      key.endsWith("_max") ? [key, ...["p5", "p50", "p95"].map((p) => key.replace(/max$/, p))] : [key],
    );
    expect(Object.keys(body.results[30])).toEqual(expected);
    for (const row of body.results)
      for (const key of ["employees", "Engineer_cost_savings", "Marketing_avg_time_per_employee"])
        expect([row[`${key}_min`], row[`${key}_p5`], row[`${key}_p50`], row[`${key}_p95`], row[`${key}_max`]]).toEqual(
          [row[`${key}_min`], row[`${key}_p5`], row[`${key}_p50`], row[`${key}_p95`], row[`${key}_max`]].toSorted(
            (a, b) => a - b,
          ),
        );
    const futures = (await call(`${path}/${id}/paths?iterations=0-49`, { as })).body.paths;
    const ends = futures.map((future: { columns: { employees: number[] } }) => future.columns.employees[30]!);
    ends.sort((a: number, b: number) => a - b);
    expect([body.results[30].employees_p5, body.results[30].employees_p50, body.results[30].employees_p95]).toEqual([
      ends[2],
      ends[24],
      ends[47],
    ]);

    const columns = (await call(`${path}/${id}?quantiles=p5,p50,p95&shape=columns`, { as })).body.results.columns;
    expect(Object.keys(columns)).toEqual(expected.slice(1));
    const csv = (await call(`${path}/${id}/results.csv?quantiles=p5,p50,p95`, { as })).text.trimEnd().split("\r\n");
    expect(csv[0]!.split(",")).toEqual(expected);
    expect(csv[31]!.split(",").map(Number)).toEqual(Object.values(body.results[30]));
    expect(statistics.every((statistic) => `employees_${statistic}` in body.yearly_metrics[1])).toBe(true);
    expect(body.yearly_metrics[1].employees_p50).toBe(body.results[24].employees_p50 - body.results[12].employees_p50);
  });

  it("of the roles are dropped where they would not fit the memory, and the run says so beforehand", async () => {
    const as = await makePerson();
    const roles = Array.from({ length: 9 }, (_, index) => ({ role: `R${index}`, count: 3, salary: 1 }));
    const body = { ...input, n_iterations: 2, n_months: 240, roles };
    const dropped = { code: "role_quantiles_dropped" };
    expect((await call(`${path}/estimate`, { body, as })).body.warnings).toContainEqual(dropped);
    const { id } = (await call(path, { body, as, headers: wait })).body;
    const run = (await call(`${path}/${id}?quantiles=p50`, { as })).body;
    expect(run.warnings).toContainEqual(dropped);
    expect(Object.keys(run.results[0]).filter((key) => key.endsWith("_p50"))).toHaveLength(7);
    const eight = (await call(`${path}/estimate`, { body: { ...body, roles: roles.slice(1) }, as })).body.warnings;
    expect(eight).not.toContainEqual(dropped);
  });

  it.each(["", "p51", "p5,", "5", "p5,p5x", "p50&quantiles=p5", "p5;drop", encodeURIComponent("p5, ,p50")])(
    "refuse ?quantiles=%s, naming the field",
    async (query) => {
      const as = await makePerson();
      for (const suffix of ["", "/results.csv"]) {
        const answer = await call(`${path}/sim-${crypto.randomUUID()}${suffix}?quantiles=${query}`, { as });
        expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "quantiles"]);
      }
    },
  );
});
