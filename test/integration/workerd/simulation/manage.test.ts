import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { shardName } from "../../../../src/features/simulation/runs/contract.ts";
import { ShardStorage } from "../../../../src/objects/shard-storage.ts";
import { auditLog, idempotencyKeys, simulations, simulationSeries } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 20,
  automation_factor: 0.5,
  n_months: 12,
  seed: 3,
  roles: [{ role: "Engineer", count: 20, salary: 80_000 }],
};
const slow = {
  ...input,
  n_iterations: 10_000,
  n_months: 240,
  roles: Array.from({ length: 20 }, (_, i) => ({ role: `R${i}`, count: 60, salary: 1 })),
};
const finished = (as: Person, body: object = input) => call(path, { body, as, headers: { Prefer: "wait=20" } });
const auditOf = (id: string) =>
  superuserDatabase()
    .select()
    .from(auditLog)
    .where(eq(auditLog.targetId, id.slice(4)));

/** Of the run's first shards, those that hold a task. */
async function shardsWithATask(id: string): Promise<number[]> {
  const shards = [0, 1, 2, 3];
  const rows = await Promise.all(
    shards.map((shard) =>
      runInDurableObject(env.SIMULATION_SHARD.getByName(shardName(id.slice(4), shard)), (_, { storage }) =>
        new ShardStorage(storage).find(),
      ),
    ),
  );
  return shards.filter((shard) => rows[shard] !== undefined);
}

describe("the list of runs", () => {
  it("gives pages, newest first, that stay as they are while runs are added", async () => {
    const as = await makePerson();
    const { body: template } = await finished(as);
    const db = superuserDatabase();
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, template.id.slice(4)));
    const at = new Date(Date.now() - 60_000);
    // Twelve of one moment: only the id tells them apart.
    await db
      .insert(simulations)
      .values(Array.from({ length: 12 }, () => ({ ...row!, id: crypto.randomUUID(), createdAt: at })));
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 5; page += 1) {
      const answer = await call(`${path}?limit=4${cursor === null ? "" : `&cursor=${cursor}`}`, { as });
      expect(answer.status, answer.text).toBe(200);
      seen.push(...answer.body.items.map(({ id }: { id: string }) => id));
      cursor = answer.body.next_cursor;
      if (cursor === null) break;
      await db.insert(simulations).values({ ...row!, id: crypto.randomUUID(), createdAt: new Date() });
    }
    expect(seen).toHaveLength(13);
    expect(new Set(seen).size).toBe(13);
    expect(seen[0]).toBe(template.id);
  });

  it("filters by company, status, part of the name, and maker", async () => {
    const as = await makePerson();
    const other = await makePerson({ companyId: as.companyId });
    await finished(as, { ...input, name: "A 100% plan_B" });
    await finished(as, { ...input, company: "Acme North" });
    await finished(other);
    const count = async (query: string) => (await call(`${path}?${query}`, { as })).body.items.length;
    expect(await count("")).toBe(3);
    expect(await count("company=Acme%20North")).toBe(1);
    expect(await count(`name=${encodeURIComponent("100% PLAN_b")}`)).toBe(1);
    expect(await count("name=%25")).toBe(1);
    expect(await count("status=completed")).toBe(3);
    expect(await count("status=failed")).toBe(0);
    expect(await count(`created_by=${other.userId}`)).toBe(1);
  });

  it.each([
    "limit=0",
    "limit=101",
    "limit=many",
    "cursor=nonsense",
    "cursor=MTIz",
    "status=done",
    "colour=red",
    "created_by=me",
  ])("refuses ?%s", async (query) => {
    const answer = await call(`${path}?${query}`, { as: await makePerson() });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe("validation_failed");
  });

  it("is the company's own", async () => {
    const [as, stranger] = await Promise.all([makePerson(), makePerson({ group: "Admin" })]);
    await finished(as);
    expect((await call(path, { as: stranger })).body).toEqual({ items: [], next_cursor: null });
  });
});

describe("results in other shapes", () => {
  it("come as columns that hold what the rows hold", async () => {
    const as = await makePerson();
    const { body } = await finished(as);
    const { results } = (await call(`${path}/${body.id}?shape=columns`, { as })).body;
    expect(Object.keys(results.columns)).toEqual(Object.keys(body.results[0]));
    for (const [key, values] of Object.entries(results.columns))
      expect(values).toEqual(body.results.map((row: Record<string, number>) => row[key]));
  });

  it("come as CSV, one row a Step, harmless to a spreadsheet", async () => {
    const as = await makePerson();
    const role = '=HYPERLINK("http://example.com","x")';
    const { body } = await finished(as, {
      ...input,
      roles: [
        { role, count: 3, salary: 1 },
        { role: "-1", count: 1, salary: 1 },
      ],
    });
    const csv = await call(`${path}/${body.id}/results.csv`, { as });
    expect(csv.headers.get("content-type")).toContain("text/csv");
    expect(csv.headers.get("content-disposition")).toBe(`attachment; filename="${body.id}.csv"`);
    const lines = csv.text.trimEnd().split("\r\n");
    expect(lines).toHaveLength(14);
    expect(lines[0]).toContain(`"'=HYPERLINK(""http://example.com"",""x"")_count_mean"`);
    expect(lines[0]).toContain(",'-1_count_mean,");
    expect(lines[13]!.split(",").map(Number)).toEqual(Object.values(body.results[12]));
  });
});

describe("a run without results", () => {
  it.each([
    ["created", "Ask again once it has completed."],
    ["in_progress", "Ask again once it has completed."],
    ["failed", "It has no results: start it again."],
    ["cancelled", "It has no results: start it again."],
  ])("gives no CSV: it is %s", async (status, next) => {
    const as = await makePerson();
    const { body } = await finished(as);
    const completedAt = status === "failed" || status === "cancelled" ? new Date() : null;
    await superuserDatabase()
      .update(simulations)
      .set({ status, completedAt })
      .where(eq(simulations.id, body.id.slice(4)));
    const answer = await call(`${path}/${body.id}/results.csv?quantiles=p50`, { as });
    expect([answer.status, answer.body.code]).toEqual([409, "simulation_not_completed"]);
    expect(answer.body.detail).toBe(`This simulation is ${status}. ${next}`);
    expect(answer.headers.get("content-disposition")).toBeNull();
  });
});

describe("cancelling and deleting", () => {
  it("cancels a run: its shards stop in mid-slice, and it keeps how far it came", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: slow, as });
    const object = env.SIMULATION_RUN.getByName(body.id.slice(4));
    await expect.poll(async () => (await object.progress()).iterationsDone, { timeout: 15_000 }).toBeGreaterThan(0);
    expect((await shardsWithATask(body.id)).length).toBeGreaterThan(0);
    const cancelled = await call(`${path}/${body.id}/cancel`, { method: "POST", as });
    expect(cancelled.status, cancelled.text).toBe(202);
    expect(cancelled.body).toMatchObject({ status: "cancelled", results: [] });
    // A shard that went on would keep its task for the minutes that it has to compute.
    await expect.poll(() => shardsWithATask(body.id), { timeout: 15_000, interval: 20 }).toEqual([]);
    const { progress } = cancelled.body;
    expect(progress.iterations_done).toBeGreaterThan(0);
    expect(progress.fraction).toBe(progress.iterations_done / 10_000);
    expect(await object.waitUntilDone(0)).toBe(true);
    // Neither an object that has forgotten all, nor another cancel, changes what was kept.
    await runInDurableObject(object, (_, { storage }) => storage.deleteAll());
    await call(`${path}/${body.id}/cancel`, { method: "POST", as });
    expect((await call(`${path}/${body.id}`, { as })).body).toMatchObject({ status: "cancelled", progress });
    expect((await auditOf(body.id)).map(({ action }) => action).toSorted()).toEqual([
      "simulation.cancel",
      "simulation.create",
    ]);
  });

  it("leaves a run that has ended as it is, without an audit row", async () => {
    const as = await makePerson();
    const { body } = await finished(as);
    const answer = await call(`${path}/${body.id}/cancel`, { method: "POST", as });
    expect([answer.status, answer.body.status]).toEqual([202, "completed"]);
    expect(await auditOf(body.id)).toHaveLength(1);
  });

  it("deletes a run with its series, and keeps the audit", async () => {
    const as = await makePerson();
    const { body } = await finished(as);
    expect((await call(`${path}/${body.id}`, { method: "DELETE", as })).status).toBe(204);
    expect((await call(`${path}/${body.id}`, { as })).status).toBe(404);
    expect((await call(`${path}/${body.id}`, { method: "DELETE", as })).status).toBe(404);
    const left = await superuserDatabase()
      .select()
      .from(simulationSeries)
      .where(eq(simulationSeries.simulationId, body.id.slice(4)));
    expect(left).toEqual([]);
    expect((await auditOf(body.id)).map(({ action }) => action).toSorted()).toEqual([
      "simulation.create",
      "simulation.delete",
    ]);
  });

  it("deletes a run that is under way, whose end is then stored nowhere", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: { ...input, n_iterations: 2_000 }, as });
    expect((await call(`${path}/${body.id}`, { method: "DELETE", as })).status).toBe(204);
    expect(await env.SIMULATION_RUN.getByName(body.id.slice(4)).waitUntilDone(5_000)).toBe(true);
    expect(
      await superuserDatabase()
        .select()
        .from(simulations)
        .where(eq(simulations.id, body.id.slice(4))),
    ).toEqual([]);
  });

  it("are nobody's business in another company", async () => {
    const [as, stranger] = await Promise.all([makePerson(), makePerson({ group: "Admin" })]);
    const { body } = await finished(as);
    for (const [method, suffix] of [
      ["POST", "/cancel"],
      ["DELETE", ""],
      ["GET", "/results.csv"],
    ] as const)
      expect((await call(`${path}/${body.id}${suffix}`, { method, as: stranger })).status).toBe(404);
    expect((await call(`${path}/${body.id}`, { as })).body.status).toBe("completed");
  });
});

describe("Idempotency-Key", () => {
  const keyed = (as: Person, key: string, body: object = input) =>
    call(path, { body, as, headers: { "Idempotency-Key": key, Prefer: "wait=20" } });

  it("makes one run of twenty that are posted at once", async () => {
    const as = await makePerson();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call(path, { body: input, as, headers: { "Idempotency-Key": "once" } })),
    );
    expect(new Set(answers.map(({ status }) => status < 300))).toEqual(new Set([true]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(
      await superuserDatabase().select().from(simulations).where(eq(simulations.companyId, as.companyId)),
    ).toHaveLength(1);
  });

  it("takes the same body in another order as the same, and refuses another body", async () => {
    const as = await makePerson();
    const first = await keyed(as, "k1");
    const again = await keyed(as, "k1", Object.fromEntries(Object.entries(input).toReversed()));
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    const reused = await keyed(as, "k1", { ...input, seed: 4 });
    expect([reused.status, reused.body.code]).toEqual([422, "idempotency_key_reused"]);
  });

  it("is as good as new once its run is deleted, and waits like the first time", async () => {
    const as = await makePerson();
    const headers = { "Idempotency-Key": "k5" };
    const first = await call(path, { body: { ...input, n_iterations: 500 }, as, headers });
    const again = await call(path, {
      body: { ...input, n_iterations: 500 },
      as,
      headers: { ...headers, Prefer: "wait=20" },
    });
    expect([again.status, again.body.id, again.body.status]).toEqual([200, first.body.id, "completed"]);
    await call(`${path}/${first.body.id}`, { method: "DELETE", as });
    const anew = await call(path, { body: { ...input, n_iterations: 500 }, as, headers });
    expect(anew.status, anew.text).toBe(202);
    expect(anew.body.id).not.toBe(first.body.id);
  });

  it("answers who does not wait as the first time, also when the run has ended", async () => {
    const as = await makePerson();
    const { seed: _, ...drawn } = input;
    const posted = () => call(path, { body: drawn, as, headers: { "Idempotency-Key": "k7" } });
    const first = await posted();
    expect((await keyed(as, "k7", drawn)).body.status).toBe("completed");
    const again = await posted();
    const answer = ({ status, headers, body }: typeof first) => [status, headers.get("location"), body.id];
    expect(answer(again)).toEqual(answer(first));
    expect([again.status, again.body.status]).toEqual([202, "completed"]);
  });

  it("does not wait for a run that ended long ago, whose object has forgotten it", async () => {
    const as = await makePerson();
    const { seed: _, ...drawn } = input;
    const first = await keyed(as, "k6", drawn);
    expect(first.body.status).toBe("completed");
    const object = env.SIMULATION_RUN.getByName(first.body.id.slice(4));
    await runInDurableObject(object, (_instance, { storage }) => storage.deleteAll());
    const again = await Promise.race([keyed(as, "k6", drawn), scheduler.wait(15_000).then(() => "still waiting")]);
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, status: "completed" } });
  });

  it("is each caller's own", async () => {
    const as = await makePerson();
    const colleague = await makePerson({ companyId: as.companyId });
    // Without a seed: the same question with one would be answered by the first run.
    const { seed: _, ...drawn } = input;
    const callers = [as, colleague, await makePerson()];
    const ids = await Promise.all(callers.map(async (caller) => (await keyed(caller, "k2", drawn)).body.id));
    expect(new Set(ids).size).toBe(3);
  });

  it("is as good as new after a day", async () => {
    const as = await makePerson();
    const first = await keyed(as, "k3");
    await superuserDatabase()
      .update(idempotencyKeys)
      .set({ createdAt: new Date(Date.now() - 24 * 3600 * 1000 - 1000) })
      .where(and(eq(idempotencyKeys.userId, as.userId), eq(idempotencyKeys.key, "k3")));
    const second = await keyed(as, "k3", { ...input, seed: 5 });
    expect(second.status, second.text).toBe(200);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it("must be sane", async () => {
    const as = await makePerson();
    for (const key of ["", "a b", "x".repeat(256)]) expect((await keyed(as, key)).status).toBe(422);
  });
});
