import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { simulations } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

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
    expect(body.actual.wall_seconds).toBe((Date.parse(body.completed_at) - Date.parse(body.started_at)) / 1000);
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
    expect(Object.keys(columns)).toEqual(expected);
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

describe("the same question", () => {
  const small = { ...input, n_iterations: 5, n_months: 12 };
  const ask = (as: Person, body: object = small, headers: Record<string, string> = wait) =>
    call(path, { body, as, headers });

  it("is answered at once by the run that a colleague finished, and nothing is made", async () => {
    const as = await makePerson();
    const colleague = await makePerson({ companyId: as.companyId });
    const first = await ask(as);
    const reordered = Object.fromEntries(Object.entries(small).toReversed());
    const second = await ask(colleague, reordered, {});
    expect([second.status, second.body.cached, first.body.cached], second.text).toEqual([200, true, undefined]);
    expect({ ...second.body, cached: undefined }).toEqual(first.body);
    expect(second.headers.get("location")).toBe(`${path}/${first.body.id}`);
    expect((await call(path, { as })).body.items).toHaveLength(1);
    // A body that is posted again as the run reports it asks the same, although its seed was drawn.
    const { seed: _, ...drawn } = small;
    const { body } = await ask(as, drawn);
    expect((await ask(as, body.input_data)).body).toMatchObject({ id: body.id, cached: true });
    expect((await ask(as, drawn)).body.id).not.toBe(body.id);
  });

  let asked: Promise<{ as: Person; first: Awaited<ReturnType<typeof ask>> }> | undefined;
  /** One question for all that are another one. */
  const once = () => (asked ??= makePerson().then(async (as) => ({ as, first: await ask(as) })));
  it.each([
    ["a name", { name: "Another" }],
    ["a seed", { seed: 6 }],
    ["an iteration more", { n_iterations: 6 }],
    ["a factor", { act_factor: 0.71 }],
    ["a model", { model: "conserving" }],
    ["a currency", { currency: "EUR" }],
  ])("is another one with %s", async (_, change) => {
    const { as, first } = await once();
    const second = await ask(as, { ...small, ...change });
    expect([second.body.status, second.body.id === first.body.id, second.body.cached]).toEqual([
      "completed",
      false,
      undefined,
    ]);
  });

  it("is another one once the company describes a role anew, for another engine, or when the run is deleted", async () => {
    const as = await makePerson();
    const first = await ask(as);
    const workloads = [{ Name: "Lead", Type: "Non-Auto", Skill: 0.5, Time: 1 }];
    await call(`${path}/roles/Engineer`, { method: "PUT", body: { workloads }, as });
    const second = await ask(as);
    expect(second.body.id).not.toBe(first.body.id);
    expect((await ask(as)).body.id).toBe(second.body.id);
    const ofSecond = eq(simulations.id, second.body.id.slice(4));
    await superuserDatabase().update(simulations).set({ engineVersion: "0.0.1" }).where(ofSecond);
    const third = await ask(as);
    expect(third.body.cached).toBeUndefined();
    await call(`${path}/${third.body.id}`, { method: "DELETE", as });
    const fourth = await ask(as);
    expect([fourth.status, fourth.body.cached]).toEqual([200, undefined]);
  });

  it("is not answered by runs that are under way, failed or cancelled, nor by another company's", async () => {
    const as = await makePerson();
    const first = await ask(as);
    const ofFirst = eq(simulations.id, first.body.id.slice(4));
    for (const status of ["failed", "cancelled"]) {
      await superuserDatabase().update(simulations).set({ status }).where(ofFirst);
      const { body } = await ask(as);
      expect([body.cached, body.status]).toEqual([undefined, "completed"]);
      await call(`${path}/${body.id}`, { method: "DELETE", as });
    }
    await superuserDatabase().update(simulations).set({ status: "in_progress", completedAt: null }).where(ofFirst);
    expect((await ask(as)).body.cached).toBeUndefined();
    expect((await ask(await makePerson())).body.cached).toBeUndefined();
  });

  it("keeps a key's promise: its first answer comes again, and it is used up", async () => {
    const as = await makePerson();
    const keyed = (key: string, body: object = small) => ask(as, body, { ...wait, "Idempotency-Key": key });
    const first = await keyed("k1");
    const again = await keyed("k1");
    expect(again.body).toEqual(first.body);
    const other = await keyed("k2");
    expect([other.body.id, other.body.cached]).toEqual([first.body.id, true]);
    expect((await keyed("k2")).body).toEqual(other.body);
    expect((await keyed("k2", { ...small, seed: 6 })).body.code).toBe("idempotency_key_reused");
    await call(`${path}/${first.body.id}`, { method: "DELETE", as });
    expect((await keyed("k2")).body.id).not.toBe(first.body.id);
  });

  it("is answered with ten under way, costs one round trip less, and counts against the limits", async () => {
    const as = await makePerson();
    const { body } = await ask(as);
    const db = superuserDatabase();
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, body.id.slice(4)));
    const underWay = { ...row!, inputDigest: null, status: "in_progress", completedAt: null };
    await db.insert(simulations).values(Array.from({ length: 10 }, () => ({ ...underWay, id: crypto.randomUUID() })));
    const requestId = crypto.randomUUID();
    const answer = await ask(as, small, { "X-Request-Id": requestId });
    expect([answer.status, answer.body.cached], answer.text).toEqual([200, true]);
    expect(answer.headers.get("server-timing")).toContain("2 rounds");
    expect(answer.headers.get("ratelimit-policy")).toContain("simulations-user");
    const { postgres, redis } = await frontCalls(requestId);
    expect([postgres.length, redis.length]).toEqual([2, 1]);
    expect((await ask(as, { ...small, seed: 6 })).body.code).toBe("too_many_runs");
  });
});
