import { env } from "cloudflare:workers";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  auditLog,
  idempotencyKeys,
  simulations,
  simulationSeries,
  simulationSweeps,
} from "../../../../src/platform/db/schema/index.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
const sweepsPath = `${path}/sweeps`;
const input = {
  company: "Acme",
  n_iterations: 5,
  automation_factors: [0, 0.5],
  n_months: 12,
  seed: 3,
  roles: [{ role: "Engineer", count: 20, salary: 80_000 }],
};
/** Long enough to be under way for as long as a test looks at it. */
const slow = {
  ...input,
  automation_factors: [0.1, 0.2],
  n_iterations: 10_000,
  n_months: 240,
  roles: Array.from({ length: 10 }, (_, index) => ({ role: `R${index}`, count: 60, salary: 1 })),
};
const start = (as: Person, body: object = input, headers: Record<string, string> = {}) =>
  call(sweepsPath, { body, as, headers });
const read = (as: Person, id: string, query = "") => call(`${sweepsPath}/${id}${query}`, { as });
const remove = (as: Person, id: string) => call(`${sweepsPath}/${id}`, { method: "DELETE", as });
const db = superuserDatabase;

async function finished(as: Person, body: object = input): Promise<string> {
  const { id } = (await start(as, body)).body;
  await expect.poll(async () => (await read(as, id)).body.completed_at, { timeout: 25_000 }).not.toBeNull();
  return id;
}

const runsOf = (id: string) => db().select().from(simulations).where(eq(simulations.sweepId, id));
/** Sets runs of a sweep to a status, as if they had come to it. */
const set = (ids: readonly string[], status: string, completedAt: Date | null = new Date()) =>
  db()
    .update(simulations)
    .set({ status, completedAt })
    .where(inArray(simulations.id, [...ids]));

describe("GET /sweeps/{id}", () => {
  it("tells of the months asked for, in their order, and of no other", async () => {
    const as = await makePerson();
    const id = await finished(as);
    const { factors } = (await read(as, id, "?months=12,0,7")).body;
    for (const { at } of factors) expect(at.map(({ month }: { month: number }) => month)).toEqual([12, 0, 7]);
    expect(factors[1].at[1].employees).toEqual(
      Object.fromEntries(
        ["mean", "min", "max", "p5", "p10", "p25", "p50", "p75", "p90", "p95"].map((key) => [key, 20]),
      ),
    );
    // Nobody learns at factor 0.
    expect(factors[0].at[0].employees.mean).toBe(20);
    expect(factors[0].at[0].cost_savings.max).toBe(0);
  });

  let of: Promise<{ as: Person; id: string }> | undefined;
  /** One sweep for all that is not asked of it. */
  const some = () =>
    (of ??= makePerson().then(async (as) => ({ as, id: (await start(as, { ...input, n_iterations: 1 })).body.id })));
  it.each([
    "13",
    "240",
    "241",
    "12,12",
    "-1",
    "1.5",
    "",
    "a",
    Array.from({ length: 22 }, (_, month) => month).join(","),
  ])("refuses ?months=%s, naming the field", async (months) => {
    const { as, id } = await some();
    const answer = await read(as, id, `?months=${months}`);
    expect([answer.status, answer.body.code, answer.body.errors?.[0]?.path]).toEqual([
      422,
      "validation_failed",
      "months",
    ]);
  });

  it("says what became of each run, and of the sweep by them", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await finished(as, { ...input, automation_factors: [0, 0.5, 1] });
    const [first, second, third] = (await read(as, id)).body.factors.map(
      (f: { simulation_id: string }) => f.simulation_id,
    );
    const bare = (wire: string) => wire.slice(4);
    const error = { code: "attempts_exhausted", detail: "It was not to be." };
    await db()
      .update(simulations)
      .set({ status: "failed", error, iterationsDone: 2 })
      .where(eq(simulations.id, bare(first)));
    await call(`${path}/${second}`, { method: "DELETE", as });
    const mixed = (await read(as, id)).body;
    expect(mixed.factors.map((f: { status: string }) => f.status)).toEqual(["failed", "deleted", "completed"]);
    expect(mixed.factors[0]).toMatchObject({ error, at: [], simulation_id: first });
    expect(mixed.factors[1]).toMatchObject({ simulation_id: null, engine_version: null, error: null, at: [] });
    expect([mixed.status, mixed.runs]).toEqual(["completed", { total: 3, completed: 1, failed: 1, cancelled: 0 }]);
    // What was deleted is neither done nor to be done; what failed had done two.
    expect(mixed.progress).toEqual({ iterations_done: 7, iterations_total: 10, fraction: 0.7 });
    await set([bare(third)], "cancelled");
    expect((await read(as, id)).body.status).toBe("failed");
    await set([bare(first)], "cancelled");
    expect((await read(as, id)).body.status).toBe("cancelled");
    await set([bare(first)], "in_progress", null);
    expect((await read(as, id)).body).toMatchObject({ status: "in_progress", completed_at: null });
    await set([bare(first)], "cancelled");
    // Another engine in mid-sweep: not the same luck any more.
    expect((await read(as, id)).body.paired).toBe(true);
    await db()
      .update(simulations)
      .set({ engineVersion: "0.0.1" })
      .where(eq(simulations.id, bare(first)));
    expect((await read(as, id)).body.paired).toBe(false);
  });
});

describe("a sweep whose runs are deleted", () => {
  it("has done all there is to do with those that are left, and is cancelled without any", async () => {
    const as = await makePerson();
    const id = await finished(as);
    const { factors } = (await read(as, id)).body;
    /** What the sweep says of itself, and what its event stream does. */
    const standing = async () => {
      const { status, progress, runs } = (await read(as, id)).body;
      const { text } = await call(`${sweepsPath}/${id}/events`, { as });
      expect(JSON.parse(/^data: (.+)$/m.exec(text)![1]!)).toEqual({ status, progress, runs });
      return { status, progress, runs };
    };
    const remaining = { total: 2, failed: 0, cancelled: 0 };
    await call(`${path}/${factors[0].simulation_id}`, { method: "DELETE", as });
    expect(await standing()).toEqual({
      status: "completed",
      progress: { iterations_done: 5, iterations_total: 5, fraction: 1 },
      runs: { ...remaining, completed: 1 },
    });
    await call(`${path}/${factors[1].simulation_id}`, { method: "DELETE", as });
    expect(await standing()).toEqual({
      status: "cancelled",
      progress: { iterations_done: 0, iterations_total: 0, fraction: 0 },
      runs: { ...remaining, completed: 0 },
    });
  });
});

describe("the list", () => {
  it("gives the company's sweeps, newest first, in pages, and filters", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const colleague = await makePerson({ companyId: as.companyId });
    const ids = [
      await finished(as, { ...input, name: "A 100% plan_B" }),
      await finished(as, { ...input, company: "Acme North" }),
      await finished(colleague),
    ];
    const first = (await call(`${sweepsPath}?limit=2`, { as })).body;
    const second = (await call(`${sweepsPath}?limit=2&cursor=${first.next_cursor}`, { as })).body;
    const items = [...first.items, ...second.items];
    expect(items.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(second.next_cursor).toBeNull();
    expect(items[2]).toMatchObject({
      name: "A 100% plan_B",
      status: "completed",
      company: "Acme",
      automation_factors: [0, 0.5],
      n_iterations: 5,
      runs: { total: 2, completed: 2, failed: 0, cancelled: 0 },
      created_by: as.userId,
    });
    const count = async (query: string) => (await call(`${sweepsPath}?${query}`, { as })).body.items.length;
    expect(await count("company=Acme%20North")).toBe(1);
    expect(await count(`name=${encodeURIComponent("100% PLAN_b")}`)).toBe(1);
    expect(await count(`created_by=${colleague.userId}`)).toBe(1);
    expect(await call(sweepsPath, { as: await makePerson() })).toMatchObject({
      body: { items: [], next_cursor: null },
    });
  });

  it("of runs has a sweep's too, by themselves or left out if so asked", async () => {
    const as = await makePerson();
    const id = await finished(as);
    const list = async (query: string) => (await call(`${path}${query}`, { as })).body.items;
    expect(await list("")).toHaveLength(2);
    expect(await list("?sweep=none")).toEqual([]);
    expect(await list(`?sweep=${id}`)).toHaveLength(2);
    expect(await list(`?sweep=${crypto.randomUUID()}`)).toEqual([]);
  });
});

describe("Idempotency-Key", () => {
  it("makes one sweep of ten that are posted at once, refuses another body, and is as good as new once it is deleted", async () => {
    const as = await makePerson();
    const headers = { "Idempotency-Key": "once" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => start(as, input, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await db().select().from(simulationSweeps).where(eq(simulationSweeps.companyId, as.companyId))).toHaveLength(
      1,
    );
    const reused = await start(as, { ...input, seed: 4 }, headers);
    expect([reused.status, reused.body.code]).toEqual([422, "idempotency_key_reused"]);
    // The key of a single run with the same name is another one.
    const { automation_factors: _, ...single } = input;
    const run = await call(path, { body: { ...single, seed: 99, automation_factor: 0.1 }, as, headers });
    expect(run.status, run.text).toBe(202);
    await remove(as, answers[0]!.body.id);
    expect(
      await db()
        .select()
        .from(idempotencyKeys)
        .where(and(eq(idempotencyKeys.userId, as.userId), eq(idempotencyKeys.route, "POST sweep"))),
    ).toEqual([]);
    const anew = await start(as, input, headers);
    expect(anew.status).toBe(202);
    expect(anew.body.id).not.toBe(answers[0]!.body.id);
  });
});

/** A copy of a sweep with runs that have not begun, of which no object knows. */
async function underWay(of: string): Promise<string> {
  const [sweep] = await db().select().from(simulationSweeps).where(eq(simulationSweeps.id, of));
  const id = crypto.randomUUID();
  await db()
    .insert(simulationSweeps)
    .values({ ...sweep!, id });
  const open = { sweepId: id, status: "created", startedAt: null, completedAt: null, inputDigest: null };
  await db()
    .insert(simulations)
    .values((await runsOf(of)).map((run) => ({ ...run, ...open, id: crypto.randomUUID() })));
  return id;
}

describe("a company's ten under way", () => {
  it(
    "count a sweep as one, however many runs it has, and refuse the eleventh of either kind",
    { timeout: 60_000 },
    async () => {
      const as = await makePerson();
      const done = await finished(as, { ...input, automation_factors: [0, 0.2, 0.4, 0.6] });
      const id = await underWay(done);
      const [template] = await runsOf(id);
      const alone = () => ({ ...template!, id: crypto.randomUUID(), sweepId: null, sweepPosition: null });
      await db()
        .insert(simulations)
        .values(Array.from({ length: 8 }, alone));
      // Nine so far, though twelve runs; this is the tenth, and another takes its place.
      await finished(as);
      await underWay(done);
      const { automation_factors: _, ...single } = input;
      for (const refused of [await start(as), await call(path, { body: { ...single, automation_factor: 0.7 }, as })]) {
        expect([refused.status, refused.body.code]).toEqual([429, "too_many_runs"]);
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      // One run of a sweep may end without making room, the last one does.
      const [one, ...others] = await runsOf(id);
      await set([one!.id], "completed");
      expect((await start(as)).status).toBe(429);
      await set(
        others.map((run) => run.id),
        "completed",
      );
      expect((await start(as)).status).toBe(202);
      await db()
        .update(simulations)
        .set({ status: "cancelled", completedAt: new Date() })
        .where(and(eq(simulations.companyId, as.companyId), isNull(simulations.completedAt)));
    },
  );
});

describe("DELETE /sweeps/{id}", () => {
  it("in mid-sweep stops what runs and takes everything along but the audit", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const { id } = (await start(as, slow)).body;
    await expect
      .poll(async () => (await read(as, id)).body.progress.iterations_done, { timeout: 25_000, interval: 50 })
      .toBeGreaterThan(0);
    const runs = await runsOf(id);
    const going = runs.filter(({ status }) => status === "in_progress");
    expect(going.length).toBeGreaterThan(0);
    expect(going.length).toBeLessThanOrEqual(4);
    expect((await remove(as, id)).status).toBe(204);
    for (const run of going) expect(await env.SIMULATION_RUN.getByName(run.id).waitUntilDone(10_000)).toBe(true);
    expect((await read(as, id)).status).toBe(404);
    expect((await remove(as, id)).status).toBe(404);
    expect(await runsOf(id)).toEqual([]);
    const ids = runs.map((run) => run.id);
    expect(await db().select().from(simulationSeries).where(inArray(simulationSeries.simulationId, ids))).toEqual([]);
    const audit = await db().select().from(auditLog).where(eq(auditLog.targetId, id));
    expect(audit.map(({ action }) => action).toSorted()).toEqual(["sweep.create", "sweep.delete"]);
  });

  it("and everything else is nobody's business in another company", async () => {
    const [as, stranger] = await Promise.all([makePerson(), makePerson({ group: "Admin" })]);
    const id = await finished(as);
    const answers = [await read(stranger, id), await remove(stranger, id), await read(stranger, id, "/events")];
    const unknown = await read(stranger, crypto.randomUUID());
    for (const answer of answers) {
      expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
      expect(answer.body.detail).toBe(unknown.body.detail);
    }
    expect((await read(as, id)).body.status).toBe("completed");
  });
});

describe("bad input", () => {
  const many = Array.from({ length: 102 }, (_, index) => index / 101);
  const roles = Array.from({ length: 200 }, (_, index) => ({ role: `R${index}`, count: 1, salary: 1 }));
  it.each<[what: string, field: string, change: object]>([
    ["no factors", "automation_factors", { automation_factors: [] }],
    ["factors missing", "automation_factors", { automation_factors: undefined }],
    ["102 factors", "automation_factors", { automation_factors: many }],
    ["a factor twice", "automation_factors[2]", { automation_factors: [0.5, 0.1, 0.5] }],
    ["0 and −0", "automation_factors[1]", { automation_factors: [0, -0] }],
    ["a factor above 1", "automation_factors[0]", { automation_factors: [1.01] }],
    ["a negative factor", "automation_factors[0]", { automation_factors: [-0.1] }],
    ["a factor that is no number", "automation_factors[0]", { automation_factors: ["0.5"] }],
    ["NaN, which JSON writes as null", "automation_factors[0]", { automation_factors: [Number.NaN] }],
    ["one factor that is no list", "automation_factors", { automation_factors: 0.5 }],
    ["automation_factor beside it", "automation_factor", { automation_factor: 0.5 }],
    ["both halves fixed", "automation_factors", { learn_factor: 0.1, act_factor: 0.2 }],
    ["a role twice", "roles[1].role", { roles: [input.roles[0], input.roles[0]] }],
    ["oversight in classic", "oversight", { oversight: 0.1 }],
    ["an unknown field", "prefer", { prefer: 1 }],
  ])("%s is refused, naming %s", async (_what, field, change) => {
    const answer = await start(await makePerson(), { ...input, ...change });
    expect([answer.status, answer.body.code], answer.text).toEqual([422, "validation_failed"]);
    expect(answer.body.errors.map(({ path: where }: { path: string }) => where)).toContain(field);
  });

  it("infinite factors are refused", async () => {
    const as = await makePerson();
    const raw = JSON.stringify(input).replace("[0,0.5]", "[1e999]");
    const answer = await call(sweepsPath, { raw, as, headers: { "Content-Type": "application/json" } });
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "automation_factors[0]"]);
  });

  it.each<[what: string, change: object, words: string]>([
    [
      "would compute too much",
      { n_iterations: 10_000, n_months: 240, automation_factors: many.slice(1), roles: roles.slice(0, 20) },
      "minutes of computing",
    ],
    ["would store too much", { n_months: 240, automation_factors: many.slice(1, 22), roles }, "at most 20 factors"],
  ])("what %s is refused before anything is stored, with figures", async (_what, change, words) => {
    const as = await makePerson();
    const answer: Answer = await start(as, { ...input, ...change });
    expect([answer.status, answer.body.code, answer.body.errors?.[0]?.path], answer.text).toEqual([
      422,
      "over_budget",
      "automation_factors",
    ]);
    expect(answer.body.detail).toContain(words);
    expect(answer.body.estimate?.wall_seconds > 1_800).toBe(words === "minutes of computing");
    expect((await call(sweepsPath, { as })).body.items).toEqual([]);
  });

  it("roles described at length are refused where a sweep would repeat them too often", async () => {
    const Reason = "x".repeat(1_900);
    const workloads = Array.from({ length: 50 }, (_, index) => ({
      Name: `W${index}`,
      Type: "Auto",
      Skill: 0.5,
      Time: 0.02,
      Reason,
    }));
    const long = roles.slice(0, 20).map((role) => ({ ...role, workloads }));
    const answer = await start(await makePerson(), { ...input, roles: long, automation_factors: many.slice(1) });
    expect([answer.status, answer.body.code, answer.body.errors?.[0]?.path]).toEqual([
      422,
      "over_budget",
      "automation_factors",
    ]);
    expect(answer.body.detail).toContain("described at such length");
  });
});
