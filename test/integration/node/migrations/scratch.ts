import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";

/** Creates an empty database owned by etter_owner and returns its owner's address; `drop` removes it again. */
export async function scratchDatabase(superuserUrl: string, ownerUrl: string) {
  const name = `migrations_${randomBytes(6).toString("hex")}`;
  await runSql(superuserUrl, `CREATE DATABASE ${name} OWNER etter_owner TEMPLATE template0`);
  const url = new URL(ownerUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runSql(superuserUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Runs SQL on a connection of its own and returns the rows of the (last) statement. */
export async function runSql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** A folder of migrations made for one test; `up` and `down` are SQL, no `down` means no file. */
export function scratchMigrations(entries: { tag: string; when: number; up: string; down?: string }[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-migrations-"));
  mkdirSync(path.join(folder, "meta"));
  for (const { tag, up, down } of entries) {
    writeFileSync(path.join(folder, `${tag}.sql`), up);
    if (down !== undefined) writeFileSync(path.join(folder, `${tag}.down.sql`), down);
  }
  const journal = entries.map(({ tag, when }, idx) => ({ idx, version: "7", when, tag, breakpoints: true }));
  writeFileSync(
    path.join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries: journal }),
  );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
