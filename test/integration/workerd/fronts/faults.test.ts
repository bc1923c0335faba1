import { env } from "cloudflare:workers";
import { neon } from "@neondatabase/serverless";
import { afterEach, describe, expect, it } from "vitest";
import { control, upstash, useLocalNeon, withPool } from "../../../support/workerd/front-clients.ts";

// What the Worker itself promises; the fronts must leave it enough time to keep the promise.
const QUICK_MS = 2_000;

async function failsQuickly(work: Promise<unknown>): Promise<void> {
  const outcome = await Promise.race([
    work.then(
      () => "worked",
      () => "failed",
    ),
    scheduler.wait(QUICK_MS).then(() => "too late"),
  ]);
  expect(outcome).toBe("failed");
}

describe("PostgreSQL", () => {
  const { neonFrontUrl } = env.TEST_STACK;
  useLocalNeon();
  afterEach(() => control(neonFrontUrl, "start"));

  it("stopped: calls fail quickly; started: they work again, with the data", async () => {
    const sql = neon(env.TEST_STACK.ownerUrl);
    await sql`CREATE TABLE IF NOT EXISTS survivors (x int)`;
    await sql`INSERT INTO survivors VALUES (1)`;
    await control(neonFrontUrl, "stop");
    await failsQuickly(sql`SELECT 1`);
    await failsQuickly(withPool(env.TEST_STACK.appUrl, (pool) => pool.query("SELECT 1")));
    await control(neonFrontUrl, "start");
    expect(await sql`SELECT x FROM survivors`).toEqual([{ x: 1 }]);
    expect((await withPool(env.TEST_STACK.appUrl, (pool) => pool.query("SELECT 1 AS one"))).rows).toEqual([{ one: 1 }]);
    await sql`DROP TABLE survivors`;
  });

  it("stopped in the middle of a query: the caller is told", async () => {
    const query = neon(env.TEST_STACK.appUrl)`SELECT pg_sleep(30)`.then(
      () => "worked",
      () => "failed",
    );
    const overWebSocket = withPool(env.TEST_STACK.appUrl, (pool) => pool.query("SELECT pg_sleep(30)")).then(
      () => "worked",
      () => "failed",
    );
    await scheduler.wait(200);
    await control(neonFrontUrl, "stop");
    expect(await Promise.all([query, overWebSocket])).toEqual(["failed", "failed"]);
  });

  it("paused: nothing is answered until it goes on", async () => {
    await control(neonFrontUrl, "pause");
    const query = neon(env.TEST_STACK.appUrl)`SELECT 1 AS one`.catch((error: Error) => error.message);
    expect(await Promise.race([query, scheduler.wait(300).then(() => "waiting")])).toBe("waiting");
    await control(neonFrontUrl, "resume");
    expect(await query).toEqual([{ one: 1 }]);
  });
});

describe("Redis", () => {
  const { upstashFrontUrl } = env.TEST_STACK;
  afterEach(() => control(upstashFrontUrl, "start"));

  it("stopped: calls fail quickly; started: they work again", async () => {
    const redis = upstash();
    expect(await redis.ping()).toBe("PONG");
    await control(upstashFrontUrl, "stop");
    await failsQuickly(redis.ping());
    await failsQuickly(redis.pipeline().ping().exec());
    await control(upstashFrontUrl, "start");
    expect(await redis.ping()).toBe("PONG");
  });

  it("paused: nothing is answered until it goes on", async () => {
    await control(upstashFrontUrl, "pause");
    const ping = upstash().ping();
    expect(await Promise.race([ping, scheduler.wait(300).then(() => "waiting")])).toBe("waiting");
    await control(upstashFrontUrl, "resume");
    expect(await ping).toBe("PONG");
  });
});
