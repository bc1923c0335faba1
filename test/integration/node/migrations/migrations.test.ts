import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import {
  downFile,
  isEmptyScript,
  migrateDown,
  migrateUp,
  MIGRATIONS_FOLDER,
  migrationStatus,
  migrationTags,
} from "../../../../local/migrations.ts";
import { nameKeyOf } from "../../../../src/features/simulation/roles/catalogue/index.ts";
import type {} from "../../../support/node/provided-context.ts";
import { runSql, scratchDatabase } from "../../../support/node/scratch-databases.ts";
import { catalogueOf } from "./catalogue.ts";
import { scratchMigrations } from "./scratch-migrations.ts";

const ONE = { tag: "0000_one", when: 1_000, up: "CREATE TABLE one (id int PRIMARY KEY);", down: "DROP TABLE one;" };
const TWO = { tag: "0001_two", when: 2_000, up: "CREATE TABLE two (id int);", down: "DROP TABLE two;" };

let url: string;

beforeEach(async () => {
  const database = await scratchDatabase(inject("testStack"));
  url = database.ownerUrl;
  return database.drop;
});

function folderOf(...entries: Parameters<typeof scratchMigrations>[0]): string {
  const made = scratchMigrations(entries);
  onTestFinished(made.remove);
  return made.folder;
}

const tables = async () =>
  (await runSql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).map(
    (row) => row["tablename"],
  );

it("the audit can be shortened by its owner, as docs/operations.md says, and not further", async () => {
  const { ownerUrl, superuserUrl, drop } = await scratchDatabase(inject("testStack"), "migrated");
  onTestFinished(drop);
  await runSql(
    superuserUrl,
    `INSERT INTO audit_log (id, company_id, at, action, target_type, outcome, request_id)
     SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', now() - n * interval '1 year', 'auth.login', 'user', 'done', 'r'
     FROM generate_series(0, 5) n`,
  );
  const [, sql = ""] =
    /```sql\n(CREATE POLICY retention.*?)```/s.exec(readFileSync("docs/operations.md", "utf8")) ?? [];
  await runSql(ownerUrl, sql);
  expect(await runSql(superuserUrl, "SELECT count(*)::int AS left FROM audit_log")).toEqual([{ left: 2 }]);
});

describe("the project's own migrations", () => {
  it("each have a way back", () => {
    for (const tag of migrationTags()) {
      expect(isEmptyScript(readFileSync(downFile(MIGRATIONS_FOLDER, tag), "utf8")), tag).toBe(false);
    }
  });

  it("go up, down to nothing, and up again to the same catalogue", async () => {
    const empty = await catalogueOf(url);
    const tags = await migrateUp(url);
    expect(tags).toEqual(migrationTags());
    const migrated = await catalogueOf(url);
    expect(migrated.length).toBeGreaterThan(empty.length);
    expect(await migrateDown(url, tags.length)).toEqual(tags.toReversed());
    expect(await catalogueOf(url)).toEqual(empty);
    expect(await migrateUp(url)).toEqual(tags);
    expect(await catalogueOf(url)).toEqual(migrated);
    expect(await migrateUp(url)).toEqual([]);
  });

  it("come out the same through drizzle's migrator, and share its history", async () => {
    const other = await scratchDatabase(inject("testStack"));
    onTestFinished(other.drop);
    const pool = new pg.Pool({ connectionString: other.ownerUrl, max: 1 });
    await drizzleMigrate(drizzle(pool), { migrationsFolder: MIGRATIONS_FOLDER });
    await pool.end();
    expect(await migrateUp(other.ownerUrl)).toEqual([]);
    await migrateUp(url);
    expect(await catalogueOf(url)).toEqual(await catalogueOf(other.ownerUrl));
    const again = new pg.Pool({ connectionString: url, max: 1 });
    await drizzleMigrate(drizzle(again), { migrationsFolder: MIGRATIONS_FOLDER });
    await again.end();
    expect((await migrationStatus(url)).every((record) => record.state === "applied")).toBe(true);
  });
});

describe("the keys of roles' names", () => {
  it("are told apart by signs and marks, and become one again on the way back", async () => {
    const database = await scratchDatabase(inject("testStack"));
    onTestFinished(database.drop);
    const tags = await migrateUp(database.ownerUrl);
    const back = tags.length - tags.indexOf("0014_role_name_keys");
    await migrateDown(database.ownerUrl, back);
    const [company, user] = [crypto.randomUUID(), crypto.randomUUID()];
    // Each with the key that it had before, and when it was written.
    const before: [key: string, role: string, at: number][] = [
      ["engineer", "Engineer", 1],
      ["c developer", "C# Developer", 1],
      ["คร", "ครู", 1],
      ["cafe owner", "Cafe\u0301 Owner", 2],
      ["café owner", "Café Owner", 1],
      ["research development", "Research + Development", 1],
      ["sales marketing", "Sales+Marketing (EMEA)", 1],
    ];
    const rows = before.map(
      ([key, role, at]) => `('${company}', '${key}', '${role}', '[]', '${user}', to_timestamp(${at}))`,
    );
    await runSql(
      database.superuserUrl,
      `INSERT INTO companies (id, name, created_at, updated_at) VALUES ('${company}', 'Acme', now(), now());
       INSERT INTO users (id, company_id, email, "group", first_name, last_name, created_at, updated_at)
         VALUES ('${user}', '${company}', 'robin@example.com', 'Admin', 'Robin', 'Example', now(), now());
       INSERT INTO company_roles (company_id, name_key, role, workloads, updated_by, updated_at) VALUES ${rows.join(", ")};`,
    );
    const keys = async () => {
      const found = await runSql(
        database.superuserUrl,
        'SELECT name_key, role FROM company_roles ORDER BY role COLLATE "C"',
      );
      return found.map((row) => [row["name_key"], row["role"]]);
    };
    await migrateUp(database.ownerUrl);
    const after = await keys();
    expect(after).toEqual(after.map(([, role]) => [nameKeyOf(role as string), role]));
    // Of the two that are one name now, the newer.
    expect(after.map(([, role]) => role)).not.toContain("Café Owner");
    expect(after).toHaveLength(6);
    const another = `('${company}', 'c++ developer', 'C++ Developer', '[]', '${user}', to_timestamp(9))`;
    await runSql(
      database.superuserUrl,
      `INSERT INTO company_roles (company_id, name_key, role, workloads, updated_by, updated_at) VALUES ${another}`,
    );
    await migrateDown(database.ownerUrl, back);
    expect((await keys()).filter(([key]) => key === "c developer")).toEqual([["c developer", "C++ Developer"]]);
  });
});

describe("the count of a company's stored bytes", () => {
  it("begins with what is there, is kept from then on, and begins anew after a way back", async () => {
    const database = await scratchDatabase(inject("testStack"));
    onTestFinished(database.drop);
    const tags = await migrateUp(database.ownerUrl);
    const back = tags.length - tags.indexOf("0015_company_storage");
    await migrateDown(database.ownerUrl, back);
    const [company, user] = [crypto.randomUUID(), crypto.randomUUID()];
    const insert = (status: string, bytes: number) =>
      runSql(
        database.superuserUrl,
        `INSERT INTO documents (id, company_id, created_by, status, original_filename, content_type, size_bytes, custom_metadata, created_at, changed_at)
         VALUES (gen_random_uuid(), '${company}', '${user}', '${status}', 'a.pdf', 'application/pdf', ${bytes}, '{}', now(), now());`,
      );
    const counted = async () =>
      (await runSql(database.superuserUrl, "SELECT stored_bytes::int AS bytes FROM company_storage")).map(
        ({ bytes }) => bytes,
      );
    await runSql(
      database.superuserUrl,
      `INSERT INTO companies (id, name, created_at, updated_at) VALUES ('${company}', 'Acme', now(), now());
       INSERT INTO users (id, company_id, email, "group", first_name, last_name, created_at, updated_at)
         VALUES ('${user}', '${company}', 'robin@example.com', 'Admin', 'Robin', 'Example', now(), now());`,
    );
    for (const [status, bytes] of [
      ["ready", 1],
      ["uploading", 10],
      ["deleting", 100],
      ["deleted", 1_000],
      ["expired", 10_000],
    ] as const)
      await insert(status, bytes);
    await migrateUp(database.ownerUrl);
    expect(await counted()).toEqual([111]);
    await insert("ready", 1_000);
    expect(await counted()).toEqual([1_111]);
    await migrateDown(database.ownerUrl, back);
    await insert("ready", 10_000);
    await migrateUp(database.ownerUrl);
    expect(await counted()).toEqual([11_111]);
  });
});

describe("migrateUp", () => {
  it("lets many migrators run at once: each migration is applied once", async () => {
    const folder = folderOf(
      { ...ONE, up: `SELECT pg_sleep(0.05); ${ONE.up}` },
      { ...TWO, up: `SELECT pg_sleep(0.05); ${TWO.up}` },
    );
    const done = await Promise.all(Array.from({ length: 6 }, () => migrateUp(url, { folder })));
    expect(done.flat().sort()).toEqual(["0000_one", "0001_two"]);
    expect(await runSql(url, "SELECT hash FROM drizzle.__drizzle_migrations")).toHaveLength(2);
  });

  it("leaves nothing of a migration that fails, keeps those before it, and names the line", async () => {
    const broken = { ...TWO, up: "CREATE TABLE two (id int);\n\n-- ünï 🙂\nALTER TABLE missing ADD COLUMN x int;" };
    const folder = folderOf(ONE, broken);
    await expect(migrateUp(url, { folder })).rejects.toThrow(
      /0001_two\.sql.*failed and was undone.*"missing" does not exist/,
    );
    expect(await tables()).toEqual(["one"]);
    expect((await migrationStatus(url, { folder })).map((record) => record.state)).toEqual(["applied", "pending"]);
    writeFileSync(path.join(folder, "0001_two.sql"), "-- 🙂\nCREATE TABLE two (\n  id int,\n  id2 nonsense\n);");
    await expect(migrateUp(url, { folder })).rejects.toThrow(/\(line 4\).*type "nonsense" does not exist/);
    writeFileSync(path.join(folder, "0001_two.sql"), TWO.up);
    expect(await migrateUp(url, { folder })).toEqual(["0001_two"]);
  });

  it("gives up on a table in use after three seconds, and applies the next time", async () => {
    await migrateUp(url, { folder: folderOf(ONE) });
    const folder = folderOf(ONE, { ...TWO, up: "ALTER TABLE one ADD COLUMN more int;" });
    const reader = new pg.Client({ connectionString: url });
    await reader.connect();
    await reader.query("BEGIN; SELECT * FROM one;");
    await expect(migrateUp(url, { folder })).rejects.toThrow(
      /0001_two\.sql failed and was undone: a table that it changes was in use for 3 s\. Run it again/,
    );
    await reader.end();
    expect(await migrateUp(url, { folder })).toEqual(["0001_two"]);
  });

  it("refuses when an applied migration was edited, and so do down and status", async () => {
    const folder = folderOf(ONE, TWO);
    await migrateUp(url, { folder });
    writeFileSync(path.join(folder, "0000_one.sql"), `${ONE.up} -- edited`);
    for (const call of [migrateUp, migrationStatus, (to: string, at: { folder: string }) => migrateDown(to, 1, at)]) {
      await expect(call(url, { folder })).rejects.toThrow(/0000_one\.sql was edited after it was applied/);
    }
    expect(await tables()).toEqual(["one", "two"]);
  });

  it("refuses a migration that comes before one already applied", async () => {
    await migrateUp(url, { folder: folderOf(TWO) });
    await expect(migrateUp(url, { folder: folderOf(ONE, TWO) })).rejects.toThrow(
      /0000_one is not applied, but 0001_two/,
    );
    expect(await tables()).toEqual(["two"]);
  });

  it("refuses a database that newer code has migrated", async () => {
    await migrateUp(url, { folder: folderOf(ONE, TWO) });
    await expect(migrateUp(url, { folder: folderOf(ONE) })).rejects.toThrow(/does not know/);
  });

  it("refuses a migration that ends its own transaction", async () => {
    const folder = folderOf({ ...ONE, up: `${ONE.up} COMMIT;` });
    await expect(migrateUp(url, { folder })).rejects.toThrow(/ends its own transaction/);
  });

  it("says which server does not answer, and never the password", async () => {
    const closed = new URL(url);
    closed.port = "1";
    closed.password = "not-to-be-told";
    const failure = await migrateUp(closed.href).catch((error: unknown) => String(error));
    expect(failure).toMatch(/Cannot connect to 127\.0\.0\.1:1\//);
    expect(failure).not.toContain("not-to-be-told");
  });
});

describe("migrateDown", () => {
  it("undoes the newest ones, newest first, and stops at the beginning", async () => {
    const folder = folderOf(ONE, TWO);
    await migrateUp(url, { folder });
    expect(await migrateDown(url, 1, { folder })).toEqual(["0001_two"]);
    expect(await tables()).toEqual(["one"]);
    expect(await migrateUp(url, { folder })).toEqual(["0001_two"]);
    expect(await migrateDown(url, 5, { folder })).toEqual(["0001_two", "0000_one"]);
    expect(await tables()).toEqual([]);
    expect(await migrateDown(url, 1, { folder })).toEqual([]);
  });

  it.each([
    ["is missing", undefined],
    ["has no statement yet", "-- to be written\n/* soon */\n"],
  ])("undoes nothing at all when a way back %s", async (problem, down) => {
    const { down: _, ...one } = ONE;
    const folder = folderOf(down === undefined ? one : { ...one, down }, TWO);
    await migrateUp(url, { folder });
    await expect(migrateDown(url, 2, { folder })).rejects.toThrow(`0000_one.down.sql ${problem}`);
    expect(await tables()).toEqual(["one", "two"]);
  });

  it("leaves everything as it was when a way back fails", async () => {
    const folder = folderOf({ ...ONE, down: "DROP TABLE one; DROP TABLE missing;" });
    await migrateUp(url, { folder });
    await expect(migrateDown(url, 1, { folder })).rejects.toThrow(/0000_one\.down\.sql .*failed and was undone/);
    expect(await tables()).toEqual(["one"]);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %s steps", async (steps) => {
    await expect(migrateDown(url, steps)).rejects.toThrow("1 or more");
  });
});

it("status tells what is applied, since when, and writes nothing", async () => {
  const folder = folderOf(ONE, TWO);
  expect((await migrationStatus(url, { folder })).map((record) => record.state)).toEqual(["pending", "pending"]);
  expect(await runSql(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'drizzle'")).toEqual([]);
  await migrateUp(url, { folder });
  for (const record of await migrationStatus(url, { folder })) {
    expect(record).toMatchObject({ state: "applied", appliedAt: expect.any(Date) });
  }
});
