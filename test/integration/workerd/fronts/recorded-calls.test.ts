import { env } from "cloudflare:workers";
import { neon, Pool } from "@neondatabase/serverless";
import { expect, it } from "vitest";
import { sequentialRoundTrips } from "../../../../local/stack/call-recorder.ts";
import {
  ignoreBrokenLines,
  recordedCalls,
  sendRequestId,
  upstash,
  useLocalNeon,
} from "../../../support/workerd/front-clients.ts";

useLocalNeon();

it("knows each SQL call of a request by its id, with its statements", async () => {
  const requestId = crypto.randomUUID();
  sendRequestId(requestId);
  const sql = neon(env.TEST_STACK.appUrl);
  await sql`SELECT 1`;
  await sql.transaction([sql`SELECT 2`, sql`SELECT 3`]);
  await expect(sql`SELECT broken`).rejects.toThrow();
  const calls = await recordedCalls(env.TEST_STACK.neonFrontUrl, requestId);
  expect(calls.map(({ kind, statements, failed }) => ({ kind, statements, failed: failed ?? false }))).toEqual([
    { kind: "sql", statements: ["SELECT 1"], failed: false },
    { kind: "sql-batch", statements: ["SELECT 2", "SELECT 3"], failed: false },
    { kind: "sql", statements: ["SELECT broken"], failed: true },
  ]);
  expect(sequentialRoundTrips(calls)).toBe(3);
});

it("counts calls made at the same time as one sequential round trip", async () => {
  const requestId = crypto.randomUUID();
  sendRequestId(requestId);
  const sql = neon(env.TEST_STACK.appUrl);
  await Promise.all([sql`SELECT pg_sleep(0.2)`, sql`SELECT pg_sleep(0.2)`]);
  await sql`SELECT 1`;
  const calls = await recordedCalls(env.TEST_STACK.neonFrontUrl, requestId);
  expect(calls).toHaveLength(3);
  expect(sequentialRoundTrips(calls)).toBe(2);
});

it("knows a WebSocket's round trips by its application_name", async () => {
  const requestId = crypto.randomUUID();
  const pool = new Pool({ connectionString: env.TEST_STACK.appUrl, max: 1, application_name: requestId });
  ignoreBrokenLines(pool);
  try {
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT $1::int AS n", [1]);
    await client.query("COMMIT");
    client.release();
  } finally {
    await pool.end();
  }
  const calls = await recordedCalls(env.TEST_STACK.neonFrontUrl, requestId);
  expect(calls.map(({ kind, statements }) => [kind, ...statements])).toEqual([
    ["websocket-connect"],
    ["websocket-query", "BEGIN"],
    ["websocket-query", "SELECT $1::int AS n"],
    ["websocket-query", "COMMIT"],
  ]);
});

it("knows each Redis call of a request, without the values", async () => {
  const requestId = crypto.randomUUID();
  const redis = upstash({ requestId });
  await redis.set("recorded", "a secret value");
  await redis.pipeline().get("recorded").del("recorded").exec();
  const calls = await recordedCalls(env.TEST_STACK.upstashFrontUrl, requestId);
  expect(calls.map(({ statements }) => statements)).toEqual([["set recorded"], ["get recorded", "del recorded"]]);
  expect(JSON.stringify(calls)).not.toContain("secret");
});
