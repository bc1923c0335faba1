import { env, exports } from "cloudflare:workers";
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";
import { createSweepStore } from "../../../../src/features/simulation/sweeps/store.drizzle.ts";
import { createRunStore } from "../../../../src/features/simulation/runs/store.drizzle.ts";
import { runCron } from "../../../../src/cron.ts";
import { mailOutbox, simulations, simulationSeries } from "../../../../src/platform/db/schema/index.ts";
import type { SimulationId, SweepId } from "../../../../src/shared/ids.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";
import { control } from "../../../support/workerd/front-clients.ts";

const path = "/api/etter/simulation/v1";
const sweepsPath = `${path}/sweeps`;
const input = {
  company: "Acme",
  n_iterations: 300,
  automation_factors: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
  n_months: 48,
  seed: 5,
  roles: Array.from({ length: 5 }, (_, index) => ({ role: `Role ${index}`, count: 60, salary: 50_000 })),
};
const hour = 3600_000;
const db = superuserDatabase;
const start = async (as: Person, body: object = input) => (await call(sweepsPath, { body, as })).body.id as SweepId;
const read = (as: Person, id: string) => call(`${sweepsPath}/${id}`, { as });
const objectOf = (id: string) => env.SIMULATION_SWEEP.getByName(id);
const runsOf = (id: string) => db().select().from(simulations).where(eq(simulations.sweepId, id));
const keyOf = (as: Person, sweepId: SweepId) => ({ companyId: as.companyId, sweepId });

async function finished(as: Person, id: string) {
  const ended = () => read(as, id).then(({ body }) => body.completed_at ?? null);
  await expect.poll(ended, { timeout: 50_000, interval: 100 }).not.toBeNull();
  const { factors, status } = (await read(as, id)).body;
  return { status, at: factors.map((factor: { at: unknown }) => factor.at) };
}

/** A sweep of which nothing has begun, and whose object knows nothing of it. */
async function unstarted(as: Person, createdAt = new Date()): Promise<SweepId> {
  const id = await start(as, { ...input, n_iterations: 5 });
  await finished(as, id);
  // Its last round may be under way, and would find what is made below.
  await expect.poll(() => memoryOf(id), { timeout: 15_000 }).toBeUndefined();
  const open = { status: "created", startedAt: null, completedAt: null, explanations: null, summary: null, createdAt };
  for (const run of await runsOf(id)) {
    await db().delete(simulationSeries).where(eq(simulationSeries.simulationId, run.id));
    await db()
      .update(simulations)
      .set({ ...open, id: crypto.randomUUID() })
      .where(eq(simulations.id, run.id));
  }
  return id;
}

/** Starts a sweep's object, but keeps its alarm for the test to fire. */
async function startHeld(as: Person, id: SweepId): Promise<void> {
  await runInDurableObject(objectOf(id), async (instance, { storage }) => {
    await (instance as unknown as { start(key: unknown): Promise<void> }).start(keyOf(as, id));
    await storage.setAlarm(Date.now() + hour);
  });
}
const memoryOf = (id: string) => runInDurableObject(objectOf(id), (_, { storage }) => storage.kv.get("sweep:1"));

describe("a sweep that is interrupted", () => {
  afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

  it("gives the same numbers when all objects are killed in mid-sweep, many times", { timeout: 120_000 }, async () => {
    const as = await makePerson();
    const undisturbed = await finished(as, await start(as));
    expect(undisturbed.status).toBe("completed");
    const other = await makePerson();
    const id = await start(other);
    const kills = { objects: 0, evictions: 0 };
    while (kills.objects + kills.evictions < 6 && (await read(other, id)).body.completed_at === null) {
      const runs = await runsOf(id);
      expect(runs.filter(({ status }) => status === "in_progress").length).toBeLessThanOrEqual(4);
      if (kills.objects <= kills.evictions) {
        kills.objects += 1;
        await abortAllDurableObjects();
      } else {
        kills.evictions += 1;
        await evictDurableObject(objectOf(id)).catch(() => undefined);
      }
      // Whoever asks wakes it: its constructor sees to its alarm.
      await runInDurableObject(objectOf(id), () => undefined);
      await scheduler.wait(150);
    }
    expect(kills.objects + kills.evictions).toBeGreaterThan(2);
    expect(await finished(other, id)).toEqual(undisturbed);
  });

  it("goes on from Postgres alone when its object has lost its memory", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await start(as);
    await expect.poll(async () => (await read(as, id)).body.runs.completed, { timeout: 30_000 }).toBeGreaterThan(0);
    await runInDurableObject(objectOf(id), (_, { storage }) => storage.deleteAll());
    await objectOf(id).start(keyOf(as, id));
    expect((await finished(as, id)).status).toBe("completed");
    // Nothing is left of it.
    await expect.poll(() => memoryOf(id), { timeout: 10_000 }).toBeUndefined();
  });

  it("waits for Postgres, and does not count that against the sweep", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await unstarted(as);
    await startHeld(as, id);
    await control(env.TEST_STACK.neonFrontUrl, "stop");
    for (let turn = 0; turn < 8; turn += 1) await runDurableObjectAlarm(objectOf(id));
    expect(await memoryOf(id)).toMatchObject({ attempts: 0, refusals: {} });
    await control(env.TEST_STACK.neonFrontUrl, "start");
    await runDurableObjectAlarm(objectOf(id));
    expect((await finished(as, id)).status).toBe("completed");
  });

  it("is given up after rounds that were begun and never finished: what is left fails, and says why", async () => {
    const as = await makePerson();
    const id = await unstarted(as);
    const [done] = await runsOf(id);
    await db()
      .update(simulations)
      .set({ status: "completed", completedAt: new Date() })
      .where(eq(simulations.id, done!.id));
    const [going] = (await runsOf(id)).filter((run) => run.id !== done!.id);
    const begun = { status: "in_progress", startedAt: new Date() };
    await db().update(simulations).set(begun).where(eq(simulations.id, going!.id));
    const run = env.SIMULATION_RUN.getByName(going!.id);
    await runInDurableObject(run, async (instance, { storage }) => {
      await (instance as unknown as typeof run).start({ companyId: as.companyId, simulationId: going!.id });
      await storage.setAlarm(Date.now() + hour);
    });
    await startHeld(as, id);
    await runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.kv.put("sweep:1", { ...keyOf(as, id), attempts: 6, refusals: {} }),
    );
    await runDurableObjectAlarm(objectOf(id));
    // The run that was under way does not compute for nobody.
    expect(await run.waitUntilDone(0)).toBe(true);
    const { body } = await read(as, id);
    expect([body.status, body.runs]).toEqual(["completed", { total: 8, completed: 1, failed: 7, cancelled: 0 }]);
    expect(body.factors.at(-1)).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" } });
    expect(await memoryOf(id)).toBeUndefined();
  });

  it("keeps how far the runs had come that it gives up", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const long = { n_iterations: 10_000, n_months: 240 };
    const id = await start(as, { ...input, automation_factors: [0.1, 0.2, 0.3], ...long });
    const done = async () => (await read(as, id)).body.progress.iterations_done;
    await expect.poll(done, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0);
    await runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.kv.put("sweep:1", { ...keyOf(as, id), attempts: 6, refusals: {} }),
    );
    // The end of one run begins the round that gives the others up.
    const [first, ...others]: { simulation_id: string }[] = (await read(as, id)).body.factors;
    await call(`${path}/${first!.simulation_id}/cancel`, { method: "POST", as });
    await finished(as, id);
    const { status, progress } = (await read(as, id)).body;
    const runs = [];
    for (const { simulation_id } of [first!, ...others])
      runs.push((await call(`${path}/${simulation_id}`, { as })).body);
    expect([status, ...runs.map((run) => run.status)]).toEqual(["failed", "cancelled", "failed", "failed"]);
    const each: number[] = runs.map((run) => run.progress.iterations_done);
    expect(Math.max(...each.slice(1))).toBeGreaterThan(0);
    expect(progress.iterations_done).toBe(each.reduce((sum, iterations) => sum + iterations));
  });

  it("takes a memory that it cannot read for none", async () => {
    const as = await makePerson();
    const id = await unstarted(as);
    await runInDurableObject(objectOf(id), (_, { storage }) => storage.kv.put("sweep:1", { companyId: 7 }));
    await evictDurableObject(objectOf(id));
    await objectOf(id).start(keyOf(as, id));
    expect((await finished(as, id)).status).toBe("completed");
  });
});

describe("the clock", () => {
  it("pokes the sweep of stale runs, and not the runs", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await unstarted(as, new Date(Date.now() - hour));
    const young = await unstarted(as);
    const before = new Date(Date.now() - 60_000);
    const sweeps = await createSweepStore(appDatabase()).findStale(before, 1_000);
    expect(sweeps.filter(({ companyId }) => companyId === as.companyId)).toEqual([keyOf(as, id)]);
    expect(sweeps.map(({ sweepId }) => sweepId)).not.toContain(young);
    const runs = await createRunStore(appDatabase()).findStale(before, 1_000);
    expect(runs.filter(({ companyId }) => companyId === as.companyId)).toEqual([]);
    await runCron(env, Date.now());
    expect((await finished(as, id)).status).toBe("completed");
  });
});

describe("a run of a sweep", () => {
  it(
    "can be cancelled by itself, before or after it has begun, and the sweep goes on",
    { timeout: 60_000 },
    async () => {
      const as = await makePerson();
      const id = await start(as, { ...input, n_iterations: 1_000 });
      const { factors } = (await read(as, id)).body;
      for (const index of [0, 7])
        expect((await call(`${path}/${factors[index].simulation_id}/cancel`, { method: "POST", as })).status).toBe(202);
      await finished(as, id);
      const { body } = await read(as, id);
      expect([body.status, body.runs]).toEqual(["completed", { total: 8, completed: 6, failed: 0, cancelled: 2 }]);
      expect(body.factors[7]).toMatchObject({ status: "cancelled", at: [] });
    },
  );

  it("sends no mail, however long it took", async () => {
    const as = await makePerson();
    const id = await unstarted(as, new Date(Date.now() - hour));
    const [run] = await runsOf(id);
    const key = { companyId: as.companyId, simulationId: run!.id as SimulationId };
    await createRunStore(appDatabase()).fail(key, {
      error: { code: "attempts_exhausted", detail: "" },
      iterationsDone: 0,
      at: new Date(),
    });
    expect(await db().select().from(mailOutbox).where(eq(mailOutbox.companyId, as.companyId))).toEqual([]);
    await db()
      .update(simulations)
      .set({ status: "cancelled", completedAt: new Date() })
      .where(eq(simulations.sweepId, id));
  });
});

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: {
    status: string;
    progress: { iterations_done: number; fraction: number };
    runs: { completed: number };
  };
}

/** The events of a stream, one after the other; it is left when no more are asked for. */
async function* listen(as: Person, id: string, lastEventId?: string): AsyncGenerator<Event> {
  const response = await exports.default.fetch(
    new Request(`https://etter.test${sweepsPath}/${id}/events`, {
      headers: {
        Authorization: `Bearer ${(await sessionOf(as)).accessToken}`,
        ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }),
      },
    }),
  );
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, eventId, event, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (eventId !== undefined) yield { id: eventId, event: event!, data: JSON.parse(data!) as Event["data"] };
    }
  }
}

describe("the events of a sweep", () => {
  it("tell its progress and its end, and go on after the client's last", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await start(as, { ...input, n_iterations: 2_000 });
    const before: Event[] = [];
    for await (const event of listen(as, id)) {
      before.push(event);
      if (before.length === 2) break;
    }
    expect(before.map(({ event }) => event)).toEqual(["progress", "progress"]);
    expect(before[0]!.id).not.toBe(before[1]!.id);
    const after: Event[] = [];
    for await (const event of listen(as, id, before[1]!.id)) after.push(event);
    expect(after.map((event) => event.id)).not.toContain(before[1]!.id);
    const all = [...before, ...after];
    const last = all.at(-1)!;
    expect(last).toMatchObject({
      id: "end",
      event: "completed",
      data: { status: "completed", progress: { fraction: 1 } },
    });
    expect(all.slice(0, -1).every(({ event }) => event === "progress")).toBe(true);
    const done = all.map(({ data }) => data.progress.iterations_done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    const again = await call(`${sweepsPath}/${id}/events`, { as, headers: { "Last-Event-ID": "end" } });
    expect([again.status, again.text]).toEqual([204, ""]);
    const late: Event[] = [];
    for await (const event of listen(as, id, "0-0-0")) late.push(event);
    expect(late.map(({ event }) => event)).toEqual(["completed"]);
  });

  it("end as cancelled when it is deleted", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await start(as, { ...input, n_iterations: 10_000, n_months: 240 });
    const heard: string[] = [];
    for await (const { event } of listen(as, id)) {
      if (heard.length === 0) await call(`${sweepsPath}/${id}`, { method: "DELETE", as });
      heard.push(event);
    }
    expect(heard.at(-1)).toBe("cancelled");
  });
});
