import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { simulations } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { EventReader } from "../../../support/workerd/event-stream.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const path = "/api/etter/simulation/v1";
/** Some seconds of one core. */
const input = {
  company: "Acme",
  n_iterations: 60,
  automation_factor: 0.4,
  n_months: 240,
  seed: 12,
  roles: Array.from({ length: 20 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 50_000 })),
};
const start = async (as: Person, changes: object = {}): Promise<string> =>
  (await call(path, { body: { ...input, ...changes }, as })).body.id;
const follow = (id: string, as: Person, lastEventId?: string) =>
  EventReader.open(`${path}/${id}/events`, as, lastEventId);
const end = { id: "end", event: "completed", data: { status: "completed" } };

describe("the events of a run", () => {
  it("tell its progress, then its end", async () => {
    const as = await makePerson();
    const id = await start(as, { n_iterations: 60 });
    const events = await (await follow(id, as)).rest();
    expect(events.at(-1)).toEqual(end);
    const done = events.slice(0, -1).map(({ data }) => (data as { iterations_done: number }).iterations_done);
    expect(done).toEqual([...new Set(done)].toSorted((a, b) => a - b));
    // Who comes late hears how it ended; who has heard that is told to stop coming.
    expect(await (await follow(id, as)).rest()).toEqual([end]);
    expect((await follow(id, as, "end")).status).toBe(204);
    expect(await (await follow(id, as, "not-one-of-ours")).rest()).toEqual([end]);
  });

  it("go on after the client's last one, though the object was lost meanwhile", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const id = await start(as, { n_iterations: 6_000 });
    const stream = await follow(id, as);
    const [first, second, third] = [await stream.next(), await stream.next(), await stream.next()];
    const none = { iterations_done: 0, iterations_total: 6_000, fraction: 0 };
    expect(first).toMatchObject({ event: "progress", data: none });
    await stream.leave();
    await evictDurableObject(env.SIMULATION_RUN.getByName(id.slice(4)));
    const again = await follow(id, as, second!.id);
    expect(await again.next()).toEqual(third);
    const rest = again.rest();
    await call(`${path}/${id}/cancel`, { method: "POST", as });
    expect((await rest).at(-1)).toMatchObject({ id: "end", event: "cancelled" });
  });

  it("end as cancelled when it is cancelled or deleted, while ten compute", { timeout: 60_000 }, async () => {
    const as = await makePerson();
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, index) => start(as, { n_iterations: 2_000, seed: index })),
    );
    const [first, second] = ids as [string, string];
    const streams = await Promise.all([first, second].map((id) => follow(id, as)));
    const ends = Promise.all(streams.map(async (stream) => (await stream.rest()).at(-1)));
    for (const id of ids) await expect.poll(() => shardsAtWork(id), { timeout: 20_000 }).toBeGreaterThan(0);
    const at = Date.now();
    const cancelled = await call(`${path}/${first}/cancel`, { method: "POST", as });
    const deleted = await call(`${path}/${second}`, { method: "DELETE", as });
    expect([cancelled.status, cancelled.body.status, deleted.status]).toEqual([202, "cancelled", 204]);
    expect(await ends).toEqual([1, 2].map(() => ({ id: "end", event: "cancelled", data: { status: "cancelled" } })));
    // Their shards have forgotten everything: nothing computes for nobody.
    for (const id of [first, second]) await expect.poll(() => shardsAtWork(id), { timeout: 20_000 }).toBe(0);
    console.log(`two of ten runs cancelled, told and stopped in ${Date.now() - at} ms`);
    await Promise.all(ids.slice(2).map((id) => call(`${path}/${id}`, { method: "DELETE", as })));
  });

  it("wait for a run whose start was lost, and end with the run", async () => {
    const as = await makePerson();
    const finished = await call(path, { body: { ...input, n_iterations: 1 }, as, headers: { Prefer: "wait=20" } });
    const db = superuserDatabase();
    const [row] = await db
      .select()
      .from(simulations)
      .where(eq(simulations.id, finished.body.id.slice(4)));
    const id = crypto.randomUUID();
    await db.insert(simulations).values({ ...row!, id, status: "created", completedAt: null, explanations: null });
    const stream = await follow(`sim-${id}`, as);
    const rest = stream.rest();
    await env.SIMULATION_RUN.getByName(id).start({ companyId: as.companyId, simulationId: id });
    expect((await rest).at(-1)).toEqual(end);
  });

  it("are another company's secret, and end with the session", async () => {
    const [as, stranger] = [await makePerson(), await makePerson()];
    const id = await start(as, { n_iterations: 5_000 });
    const foreign = await call(`${path}/${id}/events`, { as: stranger });
    const unknown = await call(`${path}/sim-${crypto.randomUUID()}/events`, { as: stranger });
    const bare = ({ body }: typeof foreign) => ({ ...body, request_id: "", instance: "" });
    expect([foreign.status, bare(foreign)]).toEqual([404, bare(unknown)]);
    const stream = await follow(id, as);
    await stream.next();
    expect((await call("/api/etter/auth/logout", { body: {}, as })).status).toBe(204);
    // It ends with the session, within a beat, and not with its run.
    expect((await stream.rest()).map(({ event }) => event)).not.toContain("completed");
    await env.SIMULATION_RUN.getByName(id.slice(4)).stop();
  });
});

/** Shards of a run that hold something to compute. */
async function shardsAtWork(id: string): Promise<number> {
  let held = 0;
  for (let shard = 0; shard < 4; shard += 1) {
    const object = env.SIMULATION_SHARD.getByName(`${id.slice(4)}:${shard}`);
    held += await runInDurableObject(
      object,
      (_, { storage }) => storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'shard'").toArray().length,
    );
  }
  return held;
}
