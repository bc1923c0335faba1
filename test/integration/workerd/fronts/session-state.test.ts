import { neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useLocalNeon } from "../../../support/workerd/front-clients.ts";
import { createScratchDatabase } from "../../../support/workerd/scratch-database.ts";
import type { ScratchDatabase } from "../../../support/workerd/scratch-database.ts";

useLocalNeon();
let database: ScratchDatabase;

beforeAll(async () => {
  database = await createScratchDatabase("empty");
  const owner = neon(database.ownerUrl);
  await owner.query("CREATE ROLE session_state_test NOLOGIN");
  await owner.query("GRANT session_state_test TO etter_owner WITH SET TRUE");
});
afterAll(async () => {
  await neon(database.ownerUrl).query("DROP ROLE session_state_test");
  await database.drop();
});

// One call after the other gets the same connection again; the process id proves it, else the test would prove nothing.
async function afterwards(leave: string, look: string): Promise<unknown> {
  const sql = neon(database.ownerUrl);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const [before] = await sql.transaction([sql`SELECT pg_backend_pid() AS pid`, sql.query(leave)]);
    const [after, found] = await sql.transaction([sql`SELECT pg_backend_pid() AS pid`, sql.query(look)]);
    if (before?.[0]?.pid === after?.[0]?.pid) return found?.[0]?.value;
  }
  throw new Error("No connection was used twice in a row.");
}

it.each([
  {
    what: "a role",
    leave: "SET ROLE session_state_test",
    look: "SELECT current_user AS value",
    expected: "etter_owner",
  },
  {
    what: "a custom setting",
    leave: "SET app.company = 'acme'",
    look: "SELECT nullif(current_setting('app.company', true), '') AS value",
    expected: null,
  },
  {
    what: "a custom setting set by function",
    leave: "SELECT set_config('app.user', 'u', false)",
    look: "SELECT nullif(current_setting('app.user', true), '') AS value",
    expected: null,
  },
  {
    what: "a search path",
    leave: "SET search_path TO pg_catalog",
    look: "SELECT current_setting('search_path') AS value",
    expected: '"$user", public',
  },
  {
    what: "a time zone",
    leave: "SET TIME ZONE 'Europe/Rome'",
    look: "SELECT current_setting('TimeZone') AS value",
    expected: "UTC",
  },
  {
    what: "a temporary table",
    leave: "CREATE TEMPORARY TABLE leaked (x int)",
    look: "SELECT to_regclass('pg_temp.leaked') AS value",
    expected: null,
  },
  {
    what: "an advisory lock",
    leave: "SELECT pg_advisory_lock(42)",
    look: "SELECT count(*)::int AS value FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
    expected: 0,
  },
  {
    what: "a listener",
    leave: "LISTEN leaked",
    look: "SELECT count(*)::int AS value FROM pg_listening_channels()",
    expected: 0,
  },
])("$what does not reach the next call on the same connection", async ({ leave, look, expected }) => {
  expect(await afterwards(leave, look)).toBe(expected);
});

it("an open transaction does not reach the next call", async () => {
  const sql = neon(database.ownerUrl);
  await sql.query("CREATE TABLE leftovers (x int)");
  await sql.query("BEGIN");
  await sql.query("INSERT INTO leftovers VALUES (1)");
  const counts = await Promise.all(Array.from({ length: 10 }, () => sql`SELECT count(*)::int AS n FROM leftovers`));
  // The insert above ran outside the transaction that the call before it had opened.
  expect(counts.map(([row]) => row?.n)).toEqual(Array.from({ length: 10 }, () => 1));
  await sql.query("BEGIN");
  const [state] = await sql`SELECT now() = statement_timestamp() AS fresh`;
  expect(state).toEqual({ fresh: true });
});
