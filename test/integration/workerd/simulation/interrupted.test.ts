import { env } from "cloudflare:workers";
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";
import { simulations } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { control } from "../../../support/workerd/front-clients.ts";

const path = "/api/etter/simulation/v1";
/** Long enough for several slices: 20 roles over twenty years. */
const input = {
  company: "Acme",
  n_iterations: 1_400,
  automation_factor: 0.4,
  n_months: 240,
  seed: 11,
  roles: Array.from({ length: 20 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 50_000 })),
};

const objectOf = (id: string) => env.SIMULATION_RUN.getByName(id.slice(4));
const stored = (storage: DurableObjectStorage): number =>
  storage.sql.exec<{ done: number }>("SELECT iterations_done AS done FROM run").one().done;
const read = (id: string, as: Person) => call(`${path}/${id}`, { as });
const finished = async (id: string, as: Person) => {
  await expect
    .poll(() => read(id, as), { timeout: 60_000, interval: 100 })
    .toMatchObject({ body: { status: "completed" } });
  return JSON.stringify((await read(id, as)).body.results);
};

describe("a run that is interrupted", () => {
  afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

  it("gives the same bytes when its object is killed in mid-slice, many times", { timeout: 120_000 }, async () => {
    const as = await makePerson();
    const undisturbed = await finished((await call(path, { body: input, as })).body.id, as);
    // Under another name, or the finished run would be the answer.
    const { id } = (await call(path, { body: { ...input, name: "Killed" }, as })).body;
    const resumedAt = [0];
    for (let kill = 0; kill < 3; kill += 1) {
      // In the middle of a slice, some way behind the last checkpoint.
      const progress = async () => (await objectOf(id).progress()).iterationsDone;
      const checkpoint = () => runInDurableObject(objectOf(id), (_, { storage }) => stored(storage));
      await expect
        .poll(checkpoint, { timeout: 30_000, interval: 5 })
        .toBeGreaterThan(kill === 0 ? -1 : resumedAt.at(-1)!);
      const from = await checkpoint();
      await expect.poll(progress, { timeout: 30_000, interval: 1 }).toBeGreaterThan(from);
      await abortAllDurableObjects();
      // A new instance knows what storage knows.
      resumedAt.push(await progress());
    }
    expect(resumedAt.at(-1)).toBeGreaterThan(0);
    expect(resumedAt.at(-1)).toBeLessThan(input.n_iterations);
    expect(await finished(id, as)).toBe(undisturbed);
  });

  it("waits for Postgres at its end, and lands later", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const { id } = (await call(path, { body: { ...input, n_iterations: 150 }, as })).body;
    await expect
      .poll(async () => (await read(id, as)).body.progress.iterations_done, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(0);
    await control(env.TEST_STACK.neonFrontUrl, "stop");
    await expect.poll(async () => (await objectOf(id).progress()).iterationsDone, { timeout: 30_000 }).toBe(150);
    await scheduler.wait(2_000);
    await control(env.TEST_STACK.neonFrontUrl, "start");
    await finished(id, as);
  });

  it("is sealed as failed when a step was started too often and never finished", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: { ...input, n_iterations: 1 }, as, headers: { Prefer: "wait=30" } });
    expect(body.status).toBe("completed");
    const db = superuserDatabase();
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, body.id.slice(4)));
    const id = crypto.randomUUID();
    await db.insert(simulations).values({ ...row!, id, status: "in_progress", completedAt: null, explanations: null });
    // What a step leaves behind that took its isolate with it six times.
    const object = env.SIMULATION_RUN.getByName(id);
    await runInDurableObject(object, async (instance, { storage }) => {
      await (instance as unknown as typeof object).start({ companyId: as.companyId, simulationId: id });
      storage.sql.exec("UPDATE run SET attempts = 6");
      await storage.setAlarm(Date.now() + 60_000);
    });
    await runDurableObjectAlarm(object);
    const failed = await read(`sim-${id}`, as);
    expect(failed.body).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" }, results: [] });
  });

  it("can be started twice, also after its end and after its object was emptied", async () => {
    const as = await makePerson();
    const { body } = await call(path, { body: { ...input, n_iterations: 1 }, as, headers: { Prefer: "wait=30" } });
    const object = objectOf(body.id);
    const key = { companyId: as.companyId, simulationId: body.id.slice(4) };
    await object.start(key);
    await runDurableObjectAlarm(object);
    await object.start(key);
    await runDurableObjectAlarm(object);
    expect((await read(body.id, as)).body.status).toBe("completed");
  });
});
