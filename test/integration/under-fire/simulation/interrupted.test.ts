import { env } from "cloudflare:workers";
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";
import { shardName, type SimulationShardObject } from "../../../../src/features/simulation/runs/contract.ts";
import { ENGINE_VERSION } from "../../../../src/features/simulation/coordinator/computation.ts";
import { newRun } from "../../../../src/features/simulation/coordinator/state.ts";
import { RunStorage } from "../../../../src/objects/run-storage.ts";
import { ShardStorage } from "../../../../src/objects/shard-storage.ts";
import { simulations } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { control } from "../../../support/workerd/front-clients.ts";

const path = "/api/etter/simulation/v1";
/** Two shards of several slices: 20 roles over twenty years. */
const input = {
  company: "Acme",
  n_iterations: 1_100,
  automation_factor: 0.4,
  n_months: 240,
  seed: 11,
  roles: Array.from({ length: 20 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 50_000 })),
};

const objectOf = (id: string) => env.SIMULATION_RUN.getByName(id.slice(4));
const shardOf = (id: string, shard: number) => env.SIMULATION_SHARD.getByName(shardName(id.slice(4), shard));
const read = (id: string, as: Person) => call(`${path}/${id}`, { as });
const finished = async (id: string, as: Person) => {
  await expect
    .poll(() => read(id, as), { timeout: 90_000, interval: 100 })
    .toMatchObject({ body: { status: "completed" } });
  return JSON.stringify((await read(id, as)).body.results);
};
const stateOf = (id: string) =>
  runInDurableObject(objectOf(id), (_, { storage }) => new RunStorage(storage).find()?.state);
/** The iteration a shard's stored sums go up to; undefined while it has none, or when it has been released. */
const storedOf = (id: string, shard: number) =>
  runInDurableObject(shardOf(id, shard), (_, { storage }) => new ShardStorage(storage).find()?.done);

const hourMs = 3_600_000;

/** Until its next eviction, this object's work goes on when the test says so, and not by itself. */
const holdAlarms = (object: DurableObjectStub) =>
  runInDurableObject(object, (_, { storage }) => {
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = () => setAlarm(Date.now() + hourMs);
  });

/** Does what its alarm would do. */
const nextSlice = async (object: DurableObjectStub) => {
  await holdAlarms(object);
  await runInDurableObject(object, (instance) => (instance as unknown as { alarm(): Promise<void> }).alarm());
};

/** Evicts a shard and its run, and says how far the shard is in what it has stored. */
async function evicted(id: string, shard: number): Promise<number | "finished"> {
  await evictDurableObject(shardOf(id, shard));
  await evictDurableObject(objectOf(id));
  return runInDurableObject(shardOf(id, shard), (_, { storage }) => {
    const row = new ShardStorage(storage).find();
    return row === undefined || row.step === "finished" ? "finished" : row.done;
  });
}

describe("a run that is interrupted", () => {
  afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

  it("gives the same bytes, killed in mid-slice", { timeout: 120_000 }, async () => {
    const as = await makePerson();
    const undisturbed = await finished((await call(path, { body: input, as })).body.id, as);
    // Under another name, or the finished run would be the answer.
    const { id } = (await call(path, { body: { ...input, name: "Killed" }, as })).body;
    await expect.poll(async () => (await stateOf(id))?.shards.length, { timeout: 30_000 }).toBe(2);
    for (let kill = 0; kill < 3; kill += 1) {
      const before = await storedOf(id, 0);
      await abortAllDurableObjects();
      // What was stored is there.
      expect((await storedOf(id, 0)) ?? Infinity).toBeGreaterThanOrEqual(before ?? 0);
      await expect.poll(() => storedOf(id, 0), { timeout: 30_000, interval: 5 }).not.toBe(before);
    }
    expect(await finished(id, as)).toBe(undisturbed);
  });

  it("gives the same bytes, evicted between any two slices", { timeout: 240_000 }, async () => {
    const as = await makePerson();
    const undisturbed = await finished((await call(path, { body: input, as })).body.id, as);
    const { id } = (await call(path, { body: { ...input, name: "Evicted" }, as })).body;
    await expect.poll(async () => (await stateOf(id))?.shards.length, { timeout: 30_000 }).toBe(2);
    for (const shard of [0, 1]) await holdAlarms(shardOf(id, shard));
    // A slice that was under way when its alarms were taken hold of is waited for by the eviction.
    const steps: number[] = [];
    for (const shard of [0, 1])
      for (let before = await evicted(id, shard); before !== "finished";) {
        await nextSlice(shardOf(id, shard));
        const after = await evicted(id, shard);
        if (after !== "finished") steps.push(after - before);
        before = after;
      }
    // Each step is one slice, whole, and all but the first and the last of ten in each shard were seen alone.
    expect(new Set(steps).size).toBe(1);
    expect(steps.length).toBeGreaterThanOrEqual(8);
    for (const shard of [0, 1]) await runDurableObjectAlarm(shardOf(id, shard));
    expect(await finished(id, as)).toBe(undisturbed);
  });

  it("waits for Postgres at its end, and lands later", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const { id } = (await call(path, { body: { ...input, n_iterations: 400 }, as })).body;
    await expect
      .poll(async () => (await read(id, as)).body.progress.iterations_done, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(0);
    await control(env.TEST_STACK.neonFrontUrl, "stop");
    // All is computed, and to store it was tried in vain.
    await expect
      .poll(() => stateOf(id), { timeout: 30_000 })
      .toMatchObject({ phase: "storing", faults: expect.toSatisfy((faults) => faults > 0) });
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
    // What a step leaves behind that took its isolate with it six times: at the end of the run …
    const key = { companyId: as.companyId, simulationId: id };
    const object = env.SIMULATION_RUN.getByName(id);
    await runInDurableObject(object, async (instance, { storage }) => {
      await (instance as unknown as typeof object).start(key);
      const state = { ...newRun(Date.now()), phase: "storing", engine: ENGINE_VERSION, attempts: 6 } as const;
      new RunStorage(storage).write(state, []);
      await storage.setAlarm(Date.now() + 60_000);
    });
    await runDurableObjectAlarm(object);
    const sealed = { status: "failed", error: { code: "attempts_exhausted" }, results: [] };
    expect((await read(`sim-${id}`, as)).body).toMatchObject(sealed);
    // … and in a shard.
    const other = crypto.randomUUID();
    await db
      .insert(simulations)
      .values({ ...row!, id: other, status: "created", completedAt: null, explanations: null });
    const shard = shardOf(`sim-${other}`, 0);
    await runInDurableObject(shard, async (instance, { storage }) => {
      const task = {
        simulationId: other,
        shard: 0,
        from: 0,
        to: 1,
        engine: ENGINE_VERSION,
        request: new Uint8Array(1),
      };
      await (instance as unknown as SimulationShardObject).compute(task);
      storage.sql.exec("UPDATE shard SET attempts = 12");
      await storage.setAlarm(Date.now() + 60_000);
    });
    await env.SIMULATION_RUN.getByName(other).start({ ...key, simulationId: other });
    await expect.poll(async () => (await stateOf(`sim-${other}`))?.phase, { timeout: 15_000 }).toBe("computing");
    await runDurableObjectAlarm(shard);
    await expect.poll(() => read(`sim-${other}`, as), { timeout: 15_000 }).toMatchObject({ body: sealed });
    await expect.poll(() => storedOf(`sim-${other}`, 0), { timeout: 15_000 }).toBeUndefined();
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
