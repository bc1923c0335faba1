import { env } from "cloudflare:workers";
import { neon } from "@neondatabase/serverless";
import type { NeonDbError } from "@neondatabase/serverless";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useLocalNeon } from "../../../support/workerd/front-clients.ts";
import { createScratchDatabase } from "../../../support/workerd/scratch-database.ts";
import type { ScratchDatabase } from "../../../support/workerd/scratch-database.ts";
import { articles, CREATE_ARTICLES, exampleArticle } from "./articles.ts";

useLocalNeon();
let database: ScratchDatabase;

beforeAll(async () => {
  database = await createScratchDatabase("empty");
  await neon(database.ownerUrl).query(CREATE_ARTICLES);
});
afterAll(() => database.drop());

const rejection = async (promise: Promise<unknown>): Promise<NeonDbError> =>
  promise.then(
    () => Promise.reject(new Error("it was expected to fail")),
    (error: NeonDbError) => error,
  );

describe("values over HTTP", () => {
  it("come back in the types of the driver", async () => {
    const [row] = await neon(database.ownerUrl)`
      SELECT 1.50::numeric AS amount, 9007199254740993::int8 AS big, 7::int4 AS small, 0.1::float8 AS float,
             true AS flag, NULL::text AS missing, '{"a":[1,null]}'::jsonb AS document, ARRAY[1,2]::int[] AS list,
             timestamptz '2026-01-02 03:04:05.678Z' AS moment`;
    // drizzle, once it is used anywhere in this isolate, has the driver give moments as text.
    const moment = new Date(row?.["moment"] as string | Date);
    expect({ ...row, moment }).toEqual({
      amount: "1.50",
      big: "9007199254740993",
      small: 7,
      float: 0.1,
      flag: true,
      missing: null,
      document: { a: [1, null] },
      list: [1, 2],
      moment: new Date("2026-01-02T03:04:05.678Z"),
    });
  });

  it("go in as parameters, whatever they contain", async () => {
    const text = `'"\\ é 🙂 \u0001`;
    const [row] = await neon(
      database.ownerUrl,
    )`SELECT ${text}::text AS text, ${[1, 2]}::int[] AS list, ${null}::int AS missing`;
    expect(row).toEqual({ text, list: [1, 2], missing: null });
  });

  it("survive the way through drizzle", async () => {
    const db = drizzle(neon(database.ownerUrl));
    const [inserted] = await db.insert(articles).values(exampleArticle("http")).returning();
    const [selected] = await db.select().from(articles).where(eq(articles.name, "http"));
    expect(inserted).toMatchObject(exampleArticle("http"));
    expect(selected).toEqual(inserted);
  });

  it("keep array mode and the full result", async () => {
    const sql = neon(database.ownerUrl, { arrayMode: true, fullResults: true });
    const result = await sql`SELECT 1 AS one, 'x' AS letter`;
    expect(result).toMatchObject({ command: "SELECT", rowCount: 1, rows: [[1, "x"]] });
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ["one", 23],
      ["letter", 25],
    ]);
  });
});

describe("errors over HTTP", () => {
  it("carry SQLSTATE and every field of the server", async () => {
    const sql = neon(database.ownerUrl);
    await sql`INSERT INTO articles (name) VALUES ('twice')`;
    const error = await rejection(sql`INSERT INTO articles (name) VALUES ('twice')`);
    expect(error).toMatchObject({
      name: "NeonDbError",
      code: "23505",
      severity: "ERROR",
      schema: "public",
      table: "articles",
      constraint: "articles_name_key",
      detail: "Key (name)=(twice) already exists.",
    });
    expect(error.routine).toBeTruthy();
    expect(await rejection(sql`SELECT * FROM nowhere`)).toMatchObject({ code: "42P01", position: "15" });
    expect(await rejection(sql`INSERT INTO articles DEFAULT VALUES`)).toMatchObject({ code: "23502", column: "name" });
  });

  it("reach drizzle's callers as the cause", async () => {
    const db = drizzle(neon(database.ownerUrl));
    await db.insert(articles).values({ name: "drizzle-twice" });
    const error = await rejection(db.insert(articles).values({ name: "drizzle-twice" }));
    expect(error.cause).toMatchObject({ code: "23505", constraint: "articles_name_key" });
  });

  it("say that a password is wrong or a database unknown", async () => {
    const wrongPassword = new URL(database.ownerUrl);
    wrongPassword.password = "wrong";
    expect(await rejection(neon(wrongPassword.href)`SELECT 1`)).toMatchObject({ code: "28P01" });
    const wrongDatabase = new URL(database.ownerUrl);
    wrongDatabase.pathname = "/nowhere";
    expect(await rejection(neon(wrongDatabase.href)`SELECT 1`)).toMatchObject({ code: "3D000" });
  });
});

describe("batches over HTTP", () => {
  it("are one transaction: a failing member undoes the ones before", async () => {
    const db = drizzle(neon(database.ownerUrl));
    const [, found] = await db.batch([
      db.insert(articles).values({ name: "batch" }),
      db.select().from(articles).where(eq(articles.name, "batch")),
    ]);
    expect(found).toHaveLength(1);
    const error = await rejection(
      db.batch([db.insert(articles).values({ name: "batch-undone" }), db.insert(articles).values({ name: "batch" })]),
    );
    expect(error).toMatchObject({ code: "23505" });
    expect(await db.select().from(articles).where(eq(articles.name, "batch-undone"))).toEqual([]);
  });

  it.each([
    ["ReadCommitted", "read committed"],
    ["RepeatableRead", "repeatable read"],
    ["Serializable", "serializable"],
  ] as const)("run with isolation level %s", async (isolationLevel, shown) => {
    const sql = neon(database.ownerUrl);
    const [rows] = await sql.transaction([sql`SHOW transaction_isolation`], { isolationLevel });
    expect(rows?.[0]).toEqual({ transaction_isolation: shown });
  });

  it("can be read-only and deferrable", async () => {
    const sql = neon(database.ownerUrl);
    const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
    const shown = await sql.transaction([sql`SHOW transaction_read_only`, sql`SHOW transaction_deferrable`], options);
    expect(shown).toEqual([[{ transaction_read_only: "on" }], [{ transaction_deferrable: "on" }]]);
    const writing = sql.transaction([sql`INSERT INTO articles (name) VALUES ('read-only')`], { readOnly: true });
    expect(await rejection(writing)).toMatchObject({ code: "25006" });
  });

  it("see one snapshot when repeatable", async () => {
    const sql = neon(database.ownerUrl);
    const batch = sql.transaction(
      [
        sql`SELECT count(*)::int AS n FROM articles`,
        sql`SELECT pg_sleep(0.3)`,
        sql`SELECT count(*)::int AS n FROM articles`,
      ],
      { isolationLevel: "RepeatableRead", readOnly: true },
    );
    await sql`INSERT INTO articles (name) VALUES (${`meanwhile ${crypto.randomUUID()}`})`;
    const [before, , after] = await batch;
    expect(after).toEqual(before);
  });
});

describe("the protocol itself", () => {
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${env.TEST_STACK.neonFrontUrl}/sql`, {
      method: "POST",
      headers: { "neon-connection-string": database.ownerUrl, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json<Record<string, unknown>>() };
  };
  const query =
    "SELECT 1::int4 AS i, 2::int8 AS big, true AS b, 'NaN'::float8 AS f, '{\"a\":1}'::jsonb AS j, NULL AS n";

  it("gives JSON types and objects unless raw text and arrays are asked for", async () => {
    const json = [{ i: 1, big: "2", b: true, f: "NaN", j: { a: 1 }, n: null }];
    const text = [["1", "2", "t", "NaN", '{"a": 1}', null]];
    expect((await post({ query })).body.rows).toEqual(json);
    const asDriver = { "neon-raw-text-output": "true", "neon-array-mode": "true" };
    expect((await post({ query }, asDriver)).body).toMatchObject({ rows: text, rowAsArray: true, command: "SELECT" });
  });

  it.each([
    ["no JSON", "{", {}, 400],
    ["no query", { params: [] }, {}, 400],
    ["parameters that are no list", { query: "SELECT 1", params: {} }, {}, 400],
    ["no connection string", { query: "SELECT 1" }, { "neon-connection-string": "" }, 400],
    [
      "an unknown isolation level",
      { queries: [{ query: "SELECT 1" }] },
      { "neon-batch-isolation-level": "Chaos" },
      400,
    ],
    ["more than ten megabytes", { query: `SELECT '${"x".repeat(10 * 1024 * 1024)}'` }, {}, 413],
  ])("refuses %s", async (_what, body, headers, status) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toEqual(expect.any(String));
  });
});

describe("a caller that gives up", () => {
  it("ends its query on the server", async () => {
    const marker = crypto.randomUUID();
    const sql = neon(database.ownerUrl);
    const running = async (): Promise<number> => {
      const [row] =
        await sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = ${`SELECT pg_sleep(60) -- ${marker}`}`;
      return row?.n ?? -1;
    };
    const caller = new AbortController();
    const options = { fetchOptions: { signal: caller.signal } };
    const abandoned = rejection(sql.query(`SELECT pg_sleep(60) -- ${marker}`, [], options));
    await expect.poll(running, { timeout: 5_000 }).toBe(1);
    caller.abort();
    await abandoned;
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
  });
});

describe("many calls at once", () => {
  it("answers 50, each with its own result", async () => {
    const sql = neon(database.ownerUrl);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => sql`SELECT ${index}::int AS n, pg_sleep(0.02)::text`),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it(
    "lets those wait for whom there is no connection, longer than a statement of the Worker's may take",
    { timeout: 20_000 },
    async () => {
      const sql = neon(database.ownerUrl);
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, index) => sql`SELECT ${index}::int AS n, pg_sleep(4.1)::text`),
      );
      expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    },
  );
});
