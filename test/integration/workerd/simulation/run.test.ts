import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it, onTestFinished } from "vitest";
import { auditLog, simulations } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, sessionOf, superuserDatabase } from "../../../support/workerd/factories.ts";
import { control } from "../../../support/workerd/front-clients.ts";
import { ask, captureLog } from "../http/app-under-test.ts";

const path = "/api/etter/simulation/v1";
const workloads = [
  { Name: "Keying", Type: "Auto", Skill: 0.2, Time: 0.6 },
  { Name: "Checking", Type: "Non-Auto", Skill: 0.4, Time: 0.4 },
];
const input = {
  company: "Acme",
  n_iterations: 40,
  automation_factor: 0.5,
  n_months: 24,
  seed: 7,
  roles: [
    { role: "Clerk", count: 30, salary: 36_000, workloads },
    { role: "Engineer", count: 20, salary: 80_000 },
    { role: "Keeper of the bees", count: 2, salary: 41_000.5 },
  ],
};

describe("a simulation", () => {
  it("goes from POST to result", async () => {
    const as = await makePerson();
    const made = await call(path, { body: input, as });
    expect(made.status, made.text).toBe(202);
    expect(made.body).toMatchObject({
      status: "created",
      seed: 7,
      progress: { iterations_done: 0, iterations_total: 40, fraction: 0 },
    });
    const location = made.headers.get("location");
    expect(location).toBe(`${path}/${made.body.id}`);
    await expect
      .poll(() => call(location!, { as }), { timeout: 15_000 })
      .toMatchObject({ body: { status: "completed" } });
    const { body } = await call(location!, { as });
    expect(body.progress).toEqual({ iterations_done: 40, iterations_total: 40, fraction: 1 });
    expect(body.results).toHaveLength(25);
    expect(Object.keys(body.results[0]).slice(0, 4)).toEqual([
      "Step",
      "automation_mean",
      "automation_min",
      "automation_max",
    ]);
    expect(body.results[0]).toMatchObject({
      Step: 0,
      employees_mean: 52,
      total_salary_of_employees_mean: 30 * 36_000 + 20 * 80_000 + 2 * 41_000.5,
      Clerk_count_min: 30,
    });
    expect(body.results[24].employees_mean).toBeLessThan(52);
    expect(body.yearly_metrics).toHaveLength(2);
    expect(body.yearly_metrics[1].employees_mean).toBeCloseTo(
      body.results[24].employees_mean - body.results[12].employees_mean,
      9,
    );
    expect(body.workloads.map(({ role, source }: { role: string; source: string }) => [role, source])).toEqual([
      ["Clerk", "request"],
      ["Engineer", "catalogue"],
      ["Keeper of the bees", "fallback"],
    ]);
    expect(body.explanations.map(({ role }: { role: string }) => role)).toEqual([
      "Clerk",
      "Engineer",
      "Keeper of the bees",
    ]);
    expect(body.warnings).toContainEqual({ code: "role_from_fallback", role: "Keeper of the bees" });
    expect(body.started_at).not.toBeNull();
    expect(body.completed_at).not.toBeNull();
  });

  it("answers 200 with the finished run to Prefer: wait", async () => {
    const as = await makePerson({ group: "Etter Generator" });
    const answer = await call(path, { body: input, as, headers: { Prefer: "respond-async, wait=20" } });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(answer.body.status).toBe("completed");
    expect(answer.body.results).toHaveLength(25);
  });

  it("is stored once whatever befalls the wait: 202 where its end cannot be read", { timeout: 30_000 }, async () => {
    const as = await makePerson();
    onTestFinished(() => control(env.TEST_STACK.neonFrontUrl, "start"));
    const slow = { ...input, n_iterations: 3_000, n_months: 240 };
    const answer = call(path, { body: slow, as, headers: { Prefer: "wait=4" } });
    const rows = () => superuserDatabase().select().from(simulations).where(eq(simulations.companyId, as.companyId));
    await expect
      .poll(async () => (await rows()).map(({ status }) => status), { timeout: 15_000 })
      .toEqual(["in_progress"]);
    await control(env.TEST_STACK.neonFrontUrl, "stop");
    const { status, headers, body, text } = await answer;
    expect([status, body.status], text).toEqual([202, "created"]);
    expect(headers.get("location")).toBe(`${path}/${body.id}`);
    await control(env.TEST_STACK.neonFrontUrl, "start");
    expect((await rows()).map(({ id }) => `sim-${id}`)).toEqual([body.id]);
    await call(`${path}/${body.id}`, { method: "DELETE", as });
  });

  it("can be read while its object cannot be asked how far it is", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: { ...input, n_iterations: 3_000, n_months: 240 }, as });
    const lost = () => Promise.reject(new Error("Network connection lost."));
    const bindings = { SIMULATION_RUN: { getByName: () => ({ progress: lost }) } };
    const headers = { Authorization: `Bearer ${(await sessionOf(as)).accessToken}` };
    const read = (suffix: string) =>
      ask(new Request(`https://etter.test${path}/${body.id}${suffix}`, { headers }), { bindings });
    const log = captureLog();
    const run = await read("");
    expect([run.status, await run.json()]).toMatchObject([200, { id: body.id, progress: { iterations_done: 0 } }]);
    expect(log.lines().filter(({ event }) => event === "simulation_progress_lost")).toHaveLength(1);
    await call(`${path}/${body.id}`, { method: "DELETE", as });
  });

  it("gives the same bytes for the same seed, and input_data is a body that can be posted again", async () => {
    const as = await makePerson();
    const wait = { Prefer: "wait=20" };
    const first = await call(path, { body: input, as, headers: wait });
    // Another name is another question: the run is computed again.
    const second = await call(path, { body: { ...first.body.input_data, name: "Again" }, as, headers: wait });
    expect([second.status, second.body.id === first.body.id], second.text).toEqual([200, false]);
    expect(JSON.stringify(second.body.results)).toBe(JSON.stringify(first.body.results));
    const other = await call(path, { body: { ...input, seed: 8 }, as, headers: wait });
    expect(JSON.stringify(other.body.results)).not.toBe(JSON.stringify(first.body.results));
  });

  it("shows what it was told of name, currency and start, and computes nothing from it", async () => {
    const as = await makePerson();
    const told = { name: "Plan B", currency: "CHF", starts_on: "2027-03" };
    const wait = { Prefer: "wait=20" };
    const [plain, { body }] = [
      await call(path, { body: input, as, headers: wait }),
      await call(path, { body: { ...input, ...told }, as, headers: wait }),
    ];
    expect([body.status, body.name, body.input_data]).toMatchObject(["completed", "Plan B", { ...input, ...told }]);
    expect(body.results).toEqual(plain.body.results);
  });

  it("draws and reports a seed when there is none", async () => {
    const as = await makePerson();
    const { seed: _, ...rest } = input;
    const seeds = await Promise.all([1, 2].map(async () => (await call(path, { body: rest, as })).body.seed));
    expect(seeds[0]).not.toBe(seeds[1]);
    for (const seed of seeds) expect(Number.isSafeInteger(seed)).toBe(true);
  });

  it("is another company's secret: the same 404 as for an unknown id", async () => {
    const [owner, stranger] = await Promise.all([makePerson(), makePerson({ group: "Admin" })]);
    const { body } = await call(path, { body: input, as: owner });
    const foreign = await call(`${path}/${body.id}`, { as: stranger });
    const unknown = await call(`${path}/sim-${crypto.randomUUID()}`, { as: stranger });
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    const bare = ({ body: b }: typeof foreign) => ({ ...b, request_id: "", instance: "" });
    expect(bare(foreign)).toEqual(bare(unknown));
  });

  it("is not for a Reviewer to start, but to read", async () => {
    const admin = await makePerson({ group: "Admin" });
    const reviewer = await makePerson({ group: "Reviewer", companyId: admin.companyId });
    const refused = await call(path, { body: input, as: reviewer });
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe("forbidden");
    const { body } = await call(path, { body: input, as: admin });
    expect((await call(`${path}/${body.id}`, { as: reviewer })).status).toBe(200);
  });

  it("is audited with its maker", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: input, as });
    const rows = await superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, as.userId));
    expect(rows).toMatchObject([{ action: "simulation.create", targetId: body.id.slice(4), companyId: as.companyId }]);
  });

  it("is one of at most ten under way, also when five start at once", async () => {
    const as = await makePerson();
    const db = superuserDatabase();
    const { body } = await call(path, { body: input, as, headers: { Prefer: "wait=20" } });
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, body.id.slice(4)));
    const underWay = { ...row!, status: "in_progress", completedAt: null, explanations: null };
    await db.insert(simulations).values(Array.from({ length: 9 }, () => ({ ...underWay, id: crypto.randomUUID() })));
    const slow = { ...input, n_iterations: 3_000, n_months: 240 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(path, { body: slow, as })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 429, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.body.code).toBe("too_many_runs");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const { body: admitted } = answers.find(({ status }) => status === 202)!;
    await call(`${path}/${admitted.id}`, { method: "DELETE", as });
  });

  it("is started by the clock when its start was lost", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: { ...input, name: "Lost" }, as, headers: { Prefer: "wait=20" } });
    const db = superuserDatabase();
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, body.id.slice(4)));
    const id = crypto.randomUUID();
    await db.insert(simulations).values({
      ...row!,
      id,
      status: "created",
      createdAt: new Date(Date.now() - 600_000),
      startedAt: null,
      completedAt: null,
      explanations: null,
    });
    const { default: worker } = await import("../../../../src/worker.ts");
    await worker.scheduled({ scheduledTime: Date.now(), cron: "* * * * *", noRetry: () => undefined }, env);
    await expect
      .poll(() => call(`${path}/sim-${id}`, { as }), { timeout: 15_000 })
      .toMatchObject({ body: { status: "completed" } });
  });
});
