import { randomBytes } from "node:crypto";
import { inArray, sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { createPasswordHasher } from "../src/platform/crypto/password.ts";
import { companies, users } from "../src/platform/db/schema/index.ts";
import type { Group } from "../src/shared/access.ts";
import { platformCompanyId } from "../src/shared/ids.ts";

interface DemoCompany {
  id: string;
  name: string;
}

export interface DemoUser {
  id: string;
  companyId: string;
  company: string;
  email: string;
  firstName: string;
  lastName: string;
  group: Group;
}

const ACME: DemoCompany = { id: "00000000-0000-4000-8000-0000000000a1", name: "Acme" };
const GLOBEX: DemoCompany = { id: "00000000-0000-4000-8000-0000000000b1", name: "Globex" };
const PLATFORM: DemoCompany = { id: platformCompanyId, name: "the platform" };

/** Who can sign in on a development machine. Ids are fixed, so that links and notes survive `--fresh`. */
export const DEMO_USERS: readonly DemoUser[] = [
  person("a2", ACME, "admin@demo.example", "Avery", "Admin"),
  person("a3", ACME, "researcher@demo.example", "Robin", "Researcher"),
  person("a4", ACME, "reviewer@demo.example", "Remy", "Reviewer"),
  person("b2", GLOBEX, "admin@globex.example", "Gale", "Admin"),
  person("c2", PLATFORM, "super@demo.example", "Sasha", "Super Admin"),
];

function person(id: string, company: DemoCompany, email: string, firstName: string, group: Group): DemoUser {
  const place = { companyId: company.id, company: company.name };
  return { id: `00000000-0000-4000-8000-0000000000${id}`, ...place, email, firstName, lastName: "Demo", group };
}

/** One for all of them: ETTER_DEMO_PASSWORD, or what the README says. */
export function demoPassword(): string {
  return process.env["ETTER_DEMO_PASSWORD"] || "demo only sign in 7071";
}

/**
 * Makes the demo companies and accounts that are missing, in a migrated database, and gives the accounts the demo password
 * again if it has changed. Needs the superuser: the tables' row security binds everyone else to one company.
 */
export async function ensureDemoData(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await fill(drizzle(client));
  } finally {
    await client.end();
  }
}

async function fill(db: NodePgDatabase): Promise<void> {
  const emails = DEMO_USERS.map((user) => user.email);
  const present = await db
    .select({ email: users.email, passwordHash: users.passwordHash })
    .from(users)
    .where(inArray(users.email, emails));
  const missing = DEMO_USERS.filter((user) => !present.some((row) => row.email === user.email));
  const hasher = createPasswordHasher(randomBytes);
  const password = demoPassword();
  // They have one password, hence one hash: made once, and one look is enough. (Each costs as much as a sign-in.)
  const [hash = null, ...others] = new Set(present.map((row) => row.passwordHash));
  const changed = others.length > 0 || (hash !== null && !(await hasher.verify(password, hash)).matches);
  if (!changed && missing.length === 0) return;
  const passwordHash = changed || hash === null ? await hasher.hash(password) : hash;
  if (changed) await resetPasswords(db, emails, passwordHash);
  if (missing.length > 0) await insertMissing(db, missing, passwordHash);
}

async function resetPasswords(db: NodePgDatabase, emails: string[], passwordHash: string): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash, passwordVersion: sql`${users.passwordVersion} + 1`, updatedAt: new Date() })
    .where(inArray(users.email, emails));
}

async function insertMissing(db: NodePgDatabase, missing: readonly DemoUser[], passwordHash: string): Promise<void> {
  const now = new Date();
  const times = { createdAt: now, updatedAt: now };
  await db.transaction(async (tx) => {
    await tx
      .insert(companies)
      .values([ACME, GLOBEX].map((company) => ({ ...company, ...times })))
      .onConflictDoNothing();
    await tx
      .insert(users)
      .values(
        missing.map(({ id, companyId, email, firstName, lastName, group }) => ({
          ...{ id, companyId, email, firstName, lastName, group, passwordHash },
          ...{ emailVerifiedAt: now, ...times },
        })),
      )
      .onConflictDoNothing();
  });
}
