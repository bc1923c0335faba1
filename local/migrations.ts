import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";

/** Where drizzle-kit writes migrations; tests pass a folder of their own. */
export const MIGRATIONS_FOLDER = path.resolve(import.meta.dirname, "../drizzle");

/** Any fixed number will do; every migrator of this project must use the same one. */
const ADVISORY_LOCK_KEY = 7071_2026;
/** How long a migrator waits for another one before it gives up. */
const MIGRATOR_WAIT_SECONDS = 60;
/** The same for a migration and a table in use: whoever comes to that table meanwhile waits behind it, and statements have 4 s. */
const TABLE_WAIT_SECONDS = 3;
const CONNECT_TIMEOUT_MS = 10_000;
/** SQLSTATE. */
const LOCK_NOT_AVAILABLE = "55P03";

/** A refusal that a person can act on; its message says how. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

export interface MigrationOptions {
  /** Folder with `NNNN_name.sql`, `NNNN_name.down.sql` and `meta/_journal.json`. */
  folder?: string;
}

export interface MigrationRecord {
  tag: string;
  state: "applied" | "pending";
  /** When it was applied; null when pending, or when drizzle's own migrator applied it. */
  appliedAt: Date | null;
}

interface MigrationFile {
  tag: string;
  /** The journal's `when`: what drizzle stores as `created_at`, and so the key of an applied migration. */
  when: number;
  sql: string;
  hash: string;
}

interface AppliedRow {
  id: number;
  hash: string;
  when: number;
  appliedAt: Date | null;
}

/**
 * Applies every pending migration in journal order, each in one transaction, and returns their tags.
 * Any number of migrators may run at once: each step takes an advisory lock and looks again.
 * Throws MigrationError, having applied nothing of the migration it names.
 */
export async function migrateUp(ownerUrl: string, options: MigrationOptions = {}): Promise<string[]> {
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const files = readMigrations(folder);
  return withClient(ownerUrl, async (client) => {
    const done: string[] = [];
    // One more turn than there are files: the last one finds nothing left to do.
    for (let turn = 0; turn <= files.length; turn += 1) {
      const tag = await lockedTransaction(client, () => applyNext(client, files));
      if (tag === null) break;
      done.push(tag);
    }
    return done;
  });
}

/**
 * Undoes the newest `steps` migrations, newest first, each in one transaction, and returns their tags.
 * Checks that every `.down.sql` needed is there before it undoes anything.
 */
export async function migrateDown(ownerUrl: string, steps: number, options: MigrationOptions = {}): Promise<string[]> {
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new MigrationError("Say how many migrations to undo: 1 or more.");
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const files = readMigrations(folder);
  return withClient(ownerUrl, async (client) => {
    const applied = appliedFiles(files, await readApplied(client));
    const targets = applied.slice(-steps).reverse();
    const downs = targets.map((file) => ({ file, sql: readDown(folder, file.tag) }));
    for (const down of downs) await lockedTransaction(client, () => undo(client, files, down.file, down.sql));
    return targets.map((file) => file.tag);
  });
}

/** Every migration of the folder, in order, with what this database knows of it. Writes nothing. */
export async function migrationStatus(ownerUrl: string, options: MigrationOptions = {}): Promise<MigrationRecord[]> {
  const files = readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  return withClient(ownerUrl, async (client) => {
    const rows = await readApplied(client);
    appliedFiles(files, rows);
    return files.map(({ tag }, index) => {
      const row = rows[index];
      return { tag, state: row ? "applied" : "pending", appliedAt: row?.appliedAt ?? null };
    });
  });
}

/** The `.down.sql` beside a migration. */
export function downFile(folder: string, tag: string): string {
  return path.join(folder, `${tag}.down.sql`);
}

/** Tags in journal order. */
export function migrationTags(folder: string = MIGRATIONS_FOLDER): string[] {
  return readMigrations(folder).map((file) => file.tag);
}

/** True when a script has nothing but comments and white space: nobody has written it yet. */
export function isEmptyScript(sql: string): boolean {
  return (
    sql
      .replace(/\/\*[\s\S]*?\*\//g, "")
      .replace(/--[^\n]*/g, "")
      .trim() === ""
  );
}

async function applyNext(client: pg.Client, files: MigrationFile[]): Promise<string | null> {
  await createHistory(client);
  const next = files[appliedFiles(files, await readApplied(client)).length];
  if (!next) return null;
  await runScript(client, `${next.tag}.sql`, next.sql);
  await client.query("INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)", [
    next.hash,
    next.when,
  ]);
  return next.tag;
}

async function undo(client: pg.Client, files: MigrationFile[], file: MigrationFile, sql: string): Promise<void> {
  const newest = appliedFiles(files, await readApplied(client)).at(-1);
  if (newest?.tag !== file.tag)
    throw new MigrationError("Someone else migrated this database meanwhile. Look at db:status.");
  await runScript(client, `${file.tag}.down.sql`, sql);
  await client.query("DELETE FROM drizzle.__drizzle_migrations WHERE created_at = $1", [file.when]);
}

// drizzle's own table and names, so that its migrator would find the same history; the last column is ours.
async function createHistory(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>(
    `SELECT count(*) = 1 AS present FROM pg_attribute
      WHERE attrelid = to_regclass('drizzle.__drizzle_migrations') AND attname = 'applied_at'`,
  );
  if (rows[0]?.present) return;
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS drizzle;
    CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
    ALTER TABLE drizzle.__drizzle_migrations ADD COLUMN IF NOT EXISTS applied_at timestamptz;
    ALTER TABLE drizzle.__drizzle_migrations ALTER COLUMN applied_at SET DEFAULT now();`);
}

async function readApplied(client: pg.Client): Promise<AppliedRow[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS there",
  );
  if (!found[0]?.there) return [];
  // Through jsonb, because the column is missing where drizzle's migrator made the table.
  const { rows } = await client.query<{ id: number; hash: string; when: string; applied_at: Date | null }>(
    `SELECT id, hash, created_at::text AS "when", (to_jsonb(m) ->> 'applied_at')::timestamptz AS applied_at
       FROM drizzle.__drizzle_migrations m ORDER BY created_at, id`,
  );
  return rows.map((row) => ({ id: row.id, hash: row.hash, when: Number(row.when), appliedAt: row.applied_at }));
}

/** The files that are applied: a prefix of the journal, unchanged since. Anything else is refused. */
function appliedFiles(files: MigrationFile[], rows: AppliedRow[]): MigrationFile[] {
  for (const [index, row] of rows.entries()) {
    const file = files[index];
    if (file?.when !== row.when) {
      const known = files.find((candidate) => candidate.when === row.when);
      throw new MigrationError(known && file ? outOfOrder(file.tag, known.tag) : unknownMigration(row));
    }
    if (file.hash !== row.hash) throw new MigrationError(edited(file.tag));
  }
  return files.slice(0, rows.length);
}

function outOfOrder(skipped: string, applied: string): string {
  return `${skipped} is not applied, but ${applied}, which comes after it, is. Delete ${skipped} and generate it again, so that it comes last.`;
}

function unknownMigration(row: AppliedRow): string {
  const made = new Date(row.when).toISOString();
  return `This database has a migration (made ${made}) that this checkout does not know. Check out the code that brought it, or start over with an empty database (here: npm run dev -- --fresh).`;
}

function edited(tag: string): string {
  return `${tag}.sql was edited after it was applied here. Put the old text back and add a new migration; or, if nobody else has it yet, put it back, roll back, and edit then. (Local data that may go: npm run dev -- --fresh)`;
}

async function runScript(client: pg.Client, name: string, sql: string): Promise<void> {
  // A local setting dies with its transaction: if it is gone, the script has ended ours.
  await client.query("SELECT set_config('etter.migration', $1, true)", [name]);
  try {
    await client.query(sql);
  } catch (error) {
    throw new MigrationError(`${name}${lineOf(sql, error)} failed and was undone: ${reason(error)}`, { cause: error });
  }
  const { rows } = await client.query<{ name: string | null }>(
    "SELECT current_setting('etter.migration', true) AS name",
  );
  if (rows[0]?.name !== name)
    throw new MigrationError(`${name} ends its own transaction: take COMMIT or ROLLBACK out of it.`);
}

function lineOf(sql: string, error: unknown): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  if (!Number.isSafeInteger(position)) return "";
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  const before = [...sql].slice(0, position - 1);
  return ` (line ${before.filter((character) => character === "\n").length + 1})`;
}

function reason(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  if (error.code === LOCK_NOT_AVAILABLE)
    return `a table that it changes was in use for ${TABLE_WAIT_SECONDS} s. Run it again, when long queries and open transactions have ended [${error.code}]`;
  const extra = [error.detail, error.hint].filter((text) => text !== undefined);
  return [`${error.message} [${error.code ?? "no code"}]`, ...extra].join(" · ");
}

async function lockedTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    await takeLock(client);
    await client.query(`SET LOCAL lock_timeout = '${TABLE_WAIT_SECONDS}s'`);
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A lost connection has rolled back by itself; the first error is the one to tell.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '${MIGRATOR_WAIT_SECONDS}s'`);
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCK_KEY]);
  } catch (error) {
    throw new MigrationError(`Another migrator has held this database for ${MIGRATOR_WAIT_SECONDS} s.`, {
      cause: error,
    });
  }
}

async function withClient<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: "etter-migrations",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Without a listener a connection that drops between two queries would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new MigrationError(`Cannot connect to ${placeOf(ownerUrl)} as its owner: ${connectReason(error)}`, {
      cause: error,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function connectReason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join(", ");
  return reason(error);
}

/** Host, port and database of an address, without its user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url))
    throw new MigrationError("The database address is not a URL (postgres://user:password@host:port/name).");
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function readDown(folder: string, tag: string): string {
  const file = downFile(folder, tag);
  const name = path.basename(file);
  if (!existsSync(file))
    throw new MigrationError(`${name} is missing, so ${tag} cannot be undone. Nothing was changed.`);
  const sql = readFileSync(file, "utf8");
  if (isEmptyScript(sql))
    throw new MigrationError(`${name} has no statement yet, so ${tag} cannot be undone. Nothing was changed.`);
  return sql;
}

function readMigrations(folder: string): MigrationFile[] {
  const journalFile = path.join(folder, "meta/_journal.json");
  if (!existsSync(journalFile))
    throw new MigrationError(`No migrations here: ${path.relative(".", journalFile)} is missing.`);
  const { entries } = JSON.parse(readFileSync(journalFile, "utf8")) as { entries: { tag: string; when: number }[] };
  return entries.map(({ tag, when }, index) => {
    const before = entries[index - 1];
    if (before && before.when >= when)
      throw new MigrationError(`The journal has ${tag} later than ${before.tag}, but dated earlier.`);
    const file = path.join(folder, `${tag}.sql`);
    if (!existsSync(file)) throw new MigrationError(`The journal names ${tag}, but ${tag}.sql is missing.`);
    const sql = readFileSync(file, "utf8");
    return { tag, when, sql, hash: createHash("sha256").update(sql).digest("hex") };
  });
}
