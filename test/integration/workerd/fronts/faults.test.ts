import { env } from "cloudflare:workers";
import { neon } from "@neondatabase/serverless";
import { afterEach, describe, expect, it } from "vitest";
import { control, upstash, useLocalNeon, withPool } from "../../../support/workerd/front-clients.ts";

/** And does not hang: a call that did would outlast its test, for nothing here has a time-out of its own. */
const fails = (work: Promise<unknown>): Promise<void> => expect(work).rejects.toThrow();

describe("PostgreSQL", () => {
  const { neonFrontUrl } = env.TEST_STACK;
  useLocalNeon();
  afterEach(() => control(neonFrontUrl, "start"));

  it("stopped: calls fail; started: they work again, with the data", async () => {
    const sql = neon(env.TEST_STACK.ownerUrl);
    await sql`CREATE TABLE IF NOT EXISTS survivors (x int)`;
    await sql`INSERT INTO survivors VALUES (1)`;
    await control(neonFrontUrl, "stop");
    await fails(sql`SELECT 1`);
    await fails(withPool(env.TEST_STACK.appUrl, (pool) => pool.query("SELECT 1")));
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

  it("stopped: calls fail; started: they work again", async () => {
    const redis = upstash();
    expect(await redis.ping()).toBe("PONG");
    await control(upstashFrontUrl, "stop");
    await fails(redis.ping());
    await fails(redis.pipeline().ping().exec());
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
