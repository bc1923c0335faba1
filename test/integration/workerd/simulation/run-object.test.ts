import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { and, eq } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";
import { shardName } from "../../../../src/features/simulation/runs/contract.ts";
import { ENGINE_VERSION, taskOf } from "../../../../src/features/simulation/coordinator/computation.ts";
import type { RunState } from "../../../../src/features/simulation/coordinator/state.ts";
import { createRunStore } from "../../../../src/features/simulation/runs/store.drizzle.ts";
import { RunStorage } from "../../../../src/objects/run-storage.ts";
import { ShardStorage } from "../../../../src/objects/shard-storage.ts";
import { simulations, simulationSeries } from "../../../../src/platform/db/schema/index.ts";
import type { SimulationId } from "../../../../src/shared/ids.ts";
import { call } from "../../../support/workerd/api.ts";
import { appDatabase, makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { finishedRun } from "../../../support/finished-run.ts";
import { control } from "../../../support/workerd/front-clients.ts";

const path = "/api/etter/simulation/v1";
const input = {
  company: "Acme",
  n_iterations: 20,
  automation_factor: 0.5,
  n_months: 12,
  seed: 9,
  roles: [{ role: "Engineer", count: 30, salary: 1 }],
};
const hour = 3600_000;

/** An unfinished run of a person, of which no object knows, and the results it must end with. */
async function unstartedRun(as: Person, changes: Partial<typeof simulations.$inferInsert> = {}) {
  const { body } = await call(path, { body: input, as, headers: { Prefer: "wait=20" } });
  const db = superuserDatabase();
  const [row] = await db
    .select()
    .from(simulations)
    .where(eq(simulations.id, body.id.slice(4)));
  const id = crypto.randomUUID() as SimulationId;
  const open = { status: "created", startedAt: null, completedAt: null, explanations: null, createdAt: new Date() };
  await db.insert(simulations).values({ ...row!, ...open, id, ...changes });
  return {
    id,
    key: { companyId: as.companyId, simulationId: id },
    object: env.SIMULATION_RUN.getByName(id),
    results: body.results,
  };
}

const stateOf = (object: DurableObjectStub) =>
  runInDurableObject(object, (_, { storage }) => new RunStorage(storage).find()?.state);
/** What becomes of a stored state by a change that time, a deployment or a crash would make. */
const change = (object: DurableObjectStub, changes: Partial<RunState>) =>
  runInDurableObject(object, (_, { storage }) => {
    const runs = new RunStorage(storage);
    runs.write({ ...runs.find()!.state, ...changes }, []);
  });
/** Starts the object, but keeps its alarm for the test to fire. */
async function startHeld(run: Awaited<ReturnType<typeof unstartedRun>>): Promise<void> {
  await runInDurableObject(run.object, async (instance, { storage }) => {
    await (instance as unknown as { start(key: unknown): Promise<void> }).start(run.key);
    await storage.setAlarm(Date.now() + hour);
  });
}
/** Whatever it plans, its alarm rings when the test says so; until `letGo`. */
const hold = (object: DurableObjectStub) =>
  runInDurableObject(object, (_, { storage }) => {
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = () => setAlarm(Date.now() + hour);
  });
const letGo = (object: DurableObjectStub) =>
  runInDurableObject(object, (_, { storage }) => void Reflect.deleteProperty(storage, "setAlarm"));
async function failEightTimes(object: DurableObjectStub): Promise<void> {
  // The first of its own pauses is a second: on a slow machine it would try a ninth time by itself.
  await hold(object);
  for (let turn = 0; turn < 8; turn += 1) {
    // Without the pause that follows a fault.
    await change(object, { notBefore: 0 });
    await runDurableObjectAlarm(object);
  }
  expect(await stateOf(object)).toMatchObject({ phase: "beginning", attempts: 0, faults: 8 });
  await change(object, { notBefore: 0 });
  await letGo(object);
}
const tablesOf = (object: DurableObjectStub) =>
  runInDurableObject(object, (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  );
const statusOf = async (id: string, as: Person) => (await call(`${path}/sim-${id}`, { as })).body.status;

describe("the object of a run", () => {
  afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

  it("does not count what the database could not do against the run", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const run = await unstartedRun(as);
    await startHeld(run);
    await control(env.TEST_STACK.neonFrontUrl, "stop");
    await failEightTimes(run.object);
    await control(env.TEST_STACK.neonFrontUrl, "start");
    await runDurableObjectAlarm(run.object);
    await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
  });

  it("does not count a refusal of the database either, such as a lost privilege", async () => {
    const as = await makePerson();
    const run = await unstartedRun(as, { companyId: as.companyId });
    await startHeld(run);
    const db = superuserDatabase();
    await db.execute("revoke update on simulations from etter_app");
    try {
      await failEightTimes(run.object);
    } finally {
      await db.execute("grant update on simulations to etter_app");
    }
    await runDurableObjectAlarm(run.object);
    await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
  });

  it("gives a run up that waited for a day, and says so, and how far it had come", async () => {
    const as = await makePerson();
    const run = await unstartedRun(as);
    await startHeld(run);
    const shard = { from: 0, to: 20, step: "computing", done: 7, heardAt: Date.now(), asked: 1 } as const;
    const begun = { phase: "computing", engine: ENGINE_VERSION, shards: [shard], atOnce: 1 } as const;
    await change(run.object, { ...begun, createdAt: Date.now() - 25 * hour });
    await runDurableObjectAlarm(run.object);
    expect((await call(`${path}/sim-${run.id}`, { as })).body).toMatchObject({
      status: "failed",
      error: { code: "waited_too_long" },
      progress: { iterations_done: 7, iterations_total: 20 },
    });
  });

  it("sets an alarm that was lost when it wakes, and when it is poked", async () => {
    const as = await makePerson();
    for (const wake of ["evict", "poke"]) {
      const run = await unstartedRun(as);
      await startHeld(run);
      await runInDurableObject(run.object, (_, { storage }) => storage.deleteAlarm());
      if (wake === "evict") {
        await evictDurableObject(run.object);
        await run.object.progress();
      } else await run.object.start(run.key);
      await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
    }
  });

  it("starts over when its sums are another engine's, and leaves nothing of them", async () => {
    const as = await makePerson();
    const run = await unstartedRun(as);
    await startHeld(run);
    const shard = { from: 0, to: 20, step: "finished", done: 20, heardAt: 0, asked: 1 } as const;
    await change(run.object, { phase: "computing", engine: "0.0.1", shards: [shard], atOnce: 1 });
    await runInDurableObject(run.object, (_, { storage }) => {
      storage.sql.exec("INSERT INTO blob VALUES ('sums', 0, ?)", new Uint8Array(100));
    });
    const task = { simulationId: run.id, shard: 0, from: 0, to: 20, engine: "0.0.1", request: new Uint8Array(1) };
    // Not by a call: its alarm would report, and wake the run before the test does.
    await runInDurableObject(env.SIMULATION_SHARD.getByName(shardName(run.id, 0)), (_, { storage }) => {
      new ShardStorage(storage).take(task);
      return storage.setAlarm(Date.now() + hour);
    });
    // A part that the old engine had stored already.
    const stale = { companyId: as.companyId, simulationId: run.id, part: 0, columns: { employees_mean: [-777] } };
    await superuserDatabase().insert(simulationSeries).values(stale);
    await evictDurableObject(run.object);
    await runDurableObjectAlarm(run.object);
    await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
    expect((await call(`${path}/sim-${run.id}`, { as })).body.results).toEqual(run.results);
  });

  it("asks a shard again at once when it was evicted before the shard had heard of it", async () => {
    const as = await makePerson();
    const run = await unstartedRun(as);
    await startHeld(run);
    const request = await createRunStore(appDatabase()).begin(run.key, ENGINE_VERSION, new Date());
    await runInDurableObject(run.object, (_, { storage }) => {
      new RunStorage(storage).keepRequest(new TextEncoder().encode(JSON.stringify(taskOf(request!))));
    });
    const shard = { from: 0, to: 20, step: "computing", done: 0, heardAt: Date.now(), asked: 1 } as const;
    await change(run.object, { phase: "computing", engine: ENGINE_VERSION, shards: [shard], atOnce: 1 });
    await evictDurableObject(run.object);
    await runDurableObjectAlarm(run.object);
    await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
    expect((await call(`${path}/sim-${run.id}`, { as })).body.results).toEqual(run.results);
  });

  it("serves sixty-four who wait, and turns the next away at once", async () => {
    const run = await unstartedRun(await makePerson());
    await startHeld(run);
    const waits = Array.from({ length: 64 }, () => run.object.waitUntilDone(25_000));
    // One that waited would be told that the run has ended, or outlast this test.
    expect(await run.object.waitUntilDone(60_000)).toBe(false);
    await runDurableObjectAlarm(run.object);
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
  });

  it("stores no results of a run that was cancelled or deleted meanwhile", async () => {
    const as = await makePerson();
    const store = createRunStore(appDatabase());
    const { outcome: computed } = finishedRun({ roles: [{ role: "Engineer", count: 2, salary: 1 }] });
    const outcome = { ...computed, at: new Date() };
    const cancelled = await unstartedRun(as, { status: "cancelled", completedAt: new Date() });
    await store.complete(cancelled.key, outcome);
    await store.complete({ ...cancelled.key, simulationId: crypto.randomUUID() as SimulationId }, outcome);
    const left = and(eq(simulationSeries.companyId, as.companyId), eq(simulationSeries.simulationId, cancelled.id));
    expect(await superuserDatabase().select().from(simulationSeries).where(left)).toEqual([]);
    expect(await statusOf(cancelled.id, as)).toBe("cancelled");
  });

  it("takes back what it had stored of the results when the run is cancelled before the rest", async () => {
    const as = await makePerson();
    const store = createRunStore(appDatabase());
    // More parts than one transaction takes.
    const roles = Array.from({ length: 30 }, (_, index) => ({ role: `Role ${index}`, count: 2, salary: 1 }));
    const { outcome } = finishedRun({ roles });
    const run = await unstartedRun(as, { status: "in_progress" });
    const left = () =>
      superuserDatabase().select().from(simulationSeries).where(eq(simulationSeries.simulationId, run.id));
    await superuserDatabase()
      .insert(simulationSeries)
      .values({ ...run.key, part: 0, columns: {} });
    const cancel = { status: "cancelled", completedAt: new Date() };
    await superuserDatabase().update(simulations).set(cancel).where(eq(simulations.id, run.id));
    await store.complete(run.key, { ...outcome, at: new Date() });
    expect(await left()).toEqual([]);
    // What a completed run has stays, however often its end is told.
    const done = await unstartedRun(as, { status: "in_progress" });
    const parts = () =>
      superuserDatabase().select().from(simulationSeries).where(eq(simulationSeries.simulationId, done.id));
    for (let time = 0; time < 2; time += 1) {
      await store.complete(done.key, { ...outcome, at: new Date() });
      expect(await parts()).toHaveLength(31);
    }
    const error = { code: "attempts_exhausted", detail: "" };
    await store.fail(done.key, { error, iterationsDone: 0, at: new Date() });
    expect(await parts()).toHaveLength(31);
  });

  it("makes no tables for a run it was only asked about", async () => {
    const object = env.SIMULATION_RUN.getByName(crypto.randomUUID());
    expect([await object.progress(), await object.waitUntilDone(0)]).toEqual([{ iterationsDone: 0 }, false]);
    expect(await object.newsAfter(0, 0)).toEqual({ news: [], ended: false, known: false, busy: false });
    // A shard may forget what it has for a run that nobody knows.
    expect(await object.report(0, { engine: "1", step: "finished", done: 1 })).toBe(true);
    await object.stop();
    const shard = env.SIMULATION_SHARD.getByName(crypto.randomUUID());
    expect(await shard.sums("1")).toBeUndefined();
    await shard.release("1");
    for (const stub of [object, shard] as DurableObjectStub[]) expect(await tablesOf(stub)).toEqual([]);
  });

  it("does not keep a shard for an engine that nobody has: its run is asked, and it is not asked for ever", async () => {
    const of = (simulationId: string) => ({
      shard: env.SIMULATION_SHARD.getByName(shardName(simulationId, 0)),
      task: { simulationId, shard: 0, from: 0, to: 1, engine: "0.0.1", request: new Uint8Array(1) },
    });
    // Of a run that nobody knows.
    const lost = of(crypto.randomUUID());
    await lost.shard.compute(lost.task);
    await expect.poll(() => tablesOf(lost.shard), { timeout: 15_000 }).toEqual([]);
    // Of a run that has not begun, and so cannot say yet; the table is of before it counted.
    const run = await unstartedRun(await makePerson());
    await startHeld(run);
    // Not even the shard's question wakes it.
    await hold(run.object);
    const { shard, task } = of(run.id);
    await runInDurableObject(shard, async (_, { storage }) => {
      storage.sql.exec("CREATE TABLE schema_version (version INTEGER NOT NULL)");
      storage.sql.exec("INSERT INTO schema_version VALUES (1)");
      storage.sql.exec(
        "CREATE TABLE shard (only INTEGER PRIMARY KEY CHECK (only = 1), simulation_id TEXT NOT NULL, shard INTEGER NOT NULL, range_from INTEGER NOT NULL, range_to INTEGER NOT NULL, engine TEXT NOT NULL, step TEXT NOT NULL DEFAULT 'computing', done INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0)",
      );
      storage.sql.exec(
        "CREATE TABLE blob (name TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, part))",
      );
      storage.sql.exec("INSERT INTO shard VALUES (1, ?, 0, 0, 1, ?, 'computing', 0, 0)", run.id, task.engine);
      await storage.setAlarm(Date.now() + hour);
    });
    await evictDurableObject(shard);
    await runDurableObjectAlarm(shard);
    const alarm = await runInDurableObject(shard, async (_, { storage }) => {
      storage.sql.exec("UPDATE shard SET waits = 2200");
      return storage.getAlarm();
    });
    expect(alarm).toBeGreaterThan(Date.now());
    await runDurableObjectAlarm(shard);
    expect(await tablesOf(shard)).toEqual([]);
  });

  it("goes on with tables of before there were shards: from the start", async () => {
    const as = await makePerson();
    const run = await unstartedRun(as);
    await runInDurableObject(run.object, async (_, { storage }) => {
      storage.sql.exec("CREATE TABLE schema_version (version INTEGER NOT NULL)");
      storage.sql.exec("INSERT INTO schema_version VALUES (1)");
      storage.sql.exec(
        "CREATE TABLE run (only INTEGER PRIMARY KEY CHECK (only = 1), company_id TEXT NOT NULL, simulation_id TEXT NOT NULL, created_at INTEGER NOT NULL, engine_version TEXT, iterations_done INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0)",
      );
      storage.sql.exec(
        "CREATE TABLE blob (name TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, part))",
      );
      storage.sql.exec("INSERT INTO run VALUES (1, ?, ?, ?, '1.0.0', 7, 2, 0)", as.companyId, run.id, Date.now());
      storage.sql.exec("INSERT INTO blob VALUES ('sums', 0, ?)", new Uint8Array(10));
      await storage.setAlarm(Date.now() + hour);
    });
    await evictDurableObject(run.object);
    expect(await stateOf(run.object)).toMatchObject({ phase: "beginning", engine: null });
    await runDurableObjectAlarm(run.object);
    await expect.poll(() => statusOf(run.id, as), { timeout: 15_000 }).toBe("completed");
    expect((await call(`${path}/sim-${run.id}`, { as })).body.results).toEqual(run.results);
  });
});

describe("the sweep", () => {
  it("finds unfinished runs that are old enough, those never begun first", async () => {
    const as = await makePerson();
    const old = new Date(Date.now() - hour);
    const begun = await unstartedRun(as, { status: "in_progress", createdAt: new Date(old.getTime() - hour) });
    const lost = await unstartedRun(as, { createdAt: old });
    const young = await unstartedRun(as);
    const found = await createRunStore(appDatabase()).findStale(new Date(Date.now() - 60_000), 1_000);
    const mine = found.filter(({ companyId }) => companyId === as.companyId).map(({ simulationId }) => simulationId);
    expect(mine).toEqual([lost.id, begun.id]);
    expect(mine).not.toContain(young.id);
  });
});
