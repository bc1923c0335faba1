import { Client, neon } from "@neondatabase/serverless";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useLocalNeon, withPool } from "../../../support/workerd/front-clients.ts";
import { createScratchDatabase } from "../../../support/workerd/scratch-database.ts";
import type { ScratchDatabase } from "../../../support/workerd/scratch-database.ts";
import { articles, CREATE_ARTICLES, exampleArticle } from "./articles.ts";

useLocalNeon();
let database: ScratchDatabase;

beforeAll(async () => {
  database = await createScratchDatabase("empty");
  const owner = neon(database.ownerUrl);
  await owner.query(CREATE_ARTICLES);
  await owner.query("CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)");
  await owner.query("INSERT INTO counters VALUES (1, 0)");
});
afterAll(() => database.drop());

const namesLike = async (pattern: string): Promise<unknown[]> =>
  (await neon(database.ownerUrl)`SELECT name FROM articles WHERE name LIKE ${pattern} ORDER BY name`).map(
    (row) => row.name,
  );

describe("queries over WebSocket", () => {
  it("carry the same types as HTTP", async () => {
    await withPool(database.ownerUrl, async (pool) => {
      const [inserted] = await drizzle(pool).insert(articles).values(exampleArticle("websocket")).returning();
      expect(inserted).toMatchObject(exampleArticle("websocket"));
    });
  });

  it("report errors with SQLSTATE and leave the connection usable", async () => {
    await withPool(database.ownerUrl, async (pool) => {
      await pool.query("INSERT INTO articles (name) VALUES ('ws-twice')");
      await expect(pool.query("INSERT INTO articles (name) VALUES ('ws-twice')")).rejects.toMatchObject({
        code: "23505",
        constraint: "articles_name_key",
      });
      expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    });
  });

  it("refuse a wrong password", async () => {
    const wrong = new URL(database.ownerUrl);
    wrong.password = "wrong";
    await expect(withPool(wrong.href, (pool) => pool.query("SELECT 1"))).rejects.toMatchObject({ code: "28P01" });
  });

  it("carry a statement and an answer of several megabytes", async () => {
    const text = "é".repeat(2_000_000);
    const answer = await withPool(database.ownerUrl, (pool) => pool.query("SELECT $1::text AS text", [text]));
    expect(answer.rows[0].text).toBe(text);
  });
});

describe("a client that says goodbye", () => {
  it("is answered: end() does not wait for a time-out", async () => {
    const client = new Client(database.ownerUrl);
    client.on("error", () => undefined);
    await client.connect();
    const closed = new Promise<number>((resolve) => {
      const { ws } = client.neonConfig as unknown as { ws: WebSocket };
      ws.addEventListener("close", (event) => resolve(event.code));
    });
    await client.end();
    expect(await closed).toBe(1000);
  });
});

describe("interactive transactions", () => {
  it("commit", async () => {
    await withPool(database.ownerUrl, (pool) =>
      drizzle(pool).transaction(
        async (tx) => {
          await tx.insert(articles).values({ name: "committed" });
          const [row] = await tx.select({ name: articles.name }).from(articles).where(eq(articles.name, "committed"));
          await tx.insert(articles).values({ name: `${row?.name} too` });
        },
        { isolationLevel: "serializable" },
      ),
    );
    expect(await namesLike("committed%")).toEqual(["committed", "committed too"]);
  });

  it("roll back when the code between the statements throws", async () => {
    const work = withPool(database.ownerUrl, (pool) =>
      drizzle(pool).transaction(async (tx) => {
        await tx.insert(articles).values({ name: "undone" });
        throw new Error("changed my mind");
      }),
    );
    await expect(work).rejects.toThrow("changed my mind");
    expect(await namesLike("undone%")).toEqual([]);
  });

  it("roll back when the client goes away in the middle", async () => {
    await withPool(database.ownerUrl, async (pool) => {
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query("INSERT INTO articles (name) VALUES ('abandoned')");
      client.release(true);
    });
    // The server notices by itself; a second writer of the same name waits for it and then succeeds.
    await neon(database.ownerUrl)`INSERT INTO articles (name) VALUES ('abandoned')`;
    expect(await namesLike("abandoned%")).toEqual(["abandoned"]);
  });

  it("wait for each other's row locks: 20 increments at once lose none", async () => {
    const increment = () =>
      withPool(database.ownerUrl, (pool) =>
        drizzle(pool).transaction(async (tx) => {
          const { rows } = await tx.execute<{ n: number }>(sql`SELECT n FROM counters WHERE id = 1 FOR UPDATE`);
          await scheduler.wait(2);
          await tx.execute(sql`UPDATE counters SET n = ${(rows[0]?.n ?? 0) + 1} WHERE id = 1`);
        }),
      );
    await Promise.all(Array.from({ length: 20 }, increment));
    expect(await neon(database.ownerUrl)`SELECT n FROM counters`).toEqual([{ n: 20 }]);
  });

  it("are served 50 at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        withPool(database.ownerUrl, (pool) =>
          drizzle(pool).transaction(
            async (tx) => (await tx.execute<{ n: number }>(sql`SELECT ${index}::int AS n`)).rows[0]?.n,
          ),
        ),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });
});
