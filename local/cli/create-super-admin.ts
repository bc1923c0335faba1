import { randomBytes, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { and, eq, sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { bootstrapLock } from "../../src/features/auth/limits.ts";
import { passwordFault } from "../../src/features/auth/password-rules.ts";
import { createPasswordHasher } from "../../src/platform/crypto/password.ts";
import { auditLog, users } from "../../src/platform/db/schema/index.ts";
import type { Group } from "../../src/shared/access.ts";
import { platformCompanyId } from "../../src/shared/ids.ts";
import { emailAddress, label } from "../../src/shared/text.ts";
import { appUrl, runTool, Sentence } from "../dev/places.ts";
import { readNewPassword } from "./password-prompt.ts";

const USAGE = `npm run create-super-admin -- --email you@example.com --first-name Sam --last-name Owner
It asks for the password; from a script: … < a-file-with-the-password
The database is DATABASE_URL (role etter_app), else that of the running \`npm run dev\`. Where a Super Admin exists it changes nothing.`;

const SUPER_ADMIN: Group = "Super Admin";
const MAX_NAME_LENGTH = 100;
const CONNECT_TIMEOUT_MS = 10_000;
/** What a database without our schema, functions or tables answers. */
const NOT_MIGRATED = new Set(["3F000", "42883", "42P01"]);
const UNIQUE_VIOLATION = "23505";

interface Person {
  email: string;
  firstName: string;
  lastName: string;
}

type Transaction = Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { email: text, "first-name": text, "last-name": text, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(USAGE);
  const person = readPerson(values);
  await withDatabase(async (db) => {
    if (await inPlatform(db, superAdminExists)) return tellExists();
    const password = await readNewPassword();
    const fault = passwordFault(password, { email: person.email });
    if (fault !== undefined) throw new Sentence(`The password ${fault}. Nothing was changed.`);
    const hash = await createPasswordHasher(randomBytes).hash(password);
    const made = await inPlatform(db, (tx) => createFirst(tx, person, hash));
    if (!made) return tellExists();
    console.log(`${person.email} is Super Admin now, and can sign in.`);
  });
}

function readPerson(values: { email?: string; "first-name"?: string; "last-name"?: string }): Person {
  const email = emailAddress().safeParse(values.email);
  const firstName = label(MAX_NAME_LENGTH).safeParse(values["first-name"]);
  const lastName = label(MAX_NAME_LENGTH).safeParse(values["last-name"]);
  const missing = [
    ...(email.success ? [] : ["--email (an address)"]),
    ...(firstName.success ? [] : ["--first-name"]),
    ...(lastName.success ? [] : ["--last-name"]),
  ];
  if (!email.success || !firstName.success || !lastName.success)
    throw new Sentence(`Give ${missing.join(", ")}.\n\n${USAGE}`);
  return { email: email.data, firstName: firstName.data, lastName: lastName.data };
}

function tellExists(): void {
  console.log("There is a Super Admin already: nothing was changed.");
}

async function withDatabase(work: (db: NodePgDatabase) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: appUrl(), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Sentence(`The database does not answer (${why}). Check DATABASE_URL, or start \`npm run dev\`.`);
  });
  try {
    await work(drizzle(client));
  } catch (error) {
    if (error instanceof Sentence) throw error;
    const state = stateOf(error);
    if (NOT_MIGRATED.has(state ?? ""))
      throw new Sentence("This database is not migrated: run `npm run db:migrate` first. Nothing was changed.");
    // Its own words would have the statement's parameters, and one of them is the password's hash.
    throw new Sentence(`The database failed (SQLSTATE ${state ?? "unknown"}). Nothing was changed; its log says more.`);
  } finally {
    await client.end();
  }
}

/** SQLSTATE of what drizzle has wrapped. */
const stateOf = (error: unknown): string | undefined => (error as { cause?: { code?: string } }).cause?.code;

/** Runs `work` in a transaction that sees the platform company's rows, one at a time. */
async function inPlatform<T>(db: NodePgDatabase, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select app.enter_company(${platformCompanyId}::uuid)`);
    await tx.execute(sql`select pg_advisory_xact_lock(${bootstrapLock})`);
    return work(tx);
  });
}

async function superAdminExists(tx: Transaction): Promise<boolean> {
  const found = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.companyId, platformCompanyId), eq(users.group, SUPER_ADMIN)))
    .limit(1);
  return found.length > 0;
}

/** False when somebody else was faster. */
async function createFirst(tx: Transaction, person: Person, passwordHash: string): Promise<boolean> {
  if (await superAdminExists(tx)) return false;
  const now = new Date();
  const id = randomUUID();
  const companyId = platformCompanyId;
  const times = { emailVerifiedAt: now, createdAt: now, updatedAt: now };
  await tx
    .insert(users)
    .values({ id, companyId, ...person, passwordHash, group: SUPER_ADMIN, ...times })
    .catch((error: unknown) => {
      if (stateOf(error) !== UNIQUE_VIOLATION) throw error;
      throw new Sentence(`${person.email} belongs to another account. Use a different address.`);
    });
  await tx.insert(auditLog).values({
    id: randomUUID(),
    companyId,
    at: now,
    action: "auth.bootstrap",
    targetType: "user",
    targetId: id,
    outcome: "done",
    changes: { group: { old: null, new: SUPER_ADMIN } },
    requestId: `cli-${randomUUID()}`,
  });
  return true;
}

await runTool(main);
