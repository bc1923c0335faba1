import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/neon-http";
import { neon } from "@neondatabase/serverless";
import { loadConfig } from "../../../src/config/index.ts";
import { createAccessTokens } from "../../../src/platform/crypto/access-tokens.ts";
import { digests } from "../../../src/platform/crypto/digests.ts";
import { createDatabase, type Database } from "../../../src/platform/db/client.ts";
import { createPasswordHasher } from "../../../src/platform/crypto/password.ts";
import * as schema from "../../../src/platform/db/schema/index.ts";
import type { Group } from "../../../src/shared/access.ts";
import { platformCompanyId, type CompanyId, type SessionId, type UserId } from "../../../src/shared/ids.ts";
import { formatMailedToken, mailedTokenEnd, type MailedTokenPurpose } from "../../../src/shared/mailed-token.ts";
import { RequestMeter } from "../../../src/platform/telemetry/meter.ts";

export interface Person {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly email: string;
  readonly group: Group;
}

export const testPassword = "three unlikely words together";
export const config = loadConfig(env);

/** The database as the application sees it, with a meter nobody reads. */
export const appDatabase = (url = config.database.url): Database =>
  createDatabase({
    url,
    localProxy: config.database.localProxy,
    requestId: "test-direct",
    meter: new RequestMeter(Date.now),
  });

/** The database past its row level security: for making what a test starts from, and for looking at what it left. */
export function superuserDatabase(appUrl = config.database.url) {
  const url = new URL(env.TEST_STACK.superuserUrl);
  url.pathname = new URL(appUrl).pathname;
  const { localProxy } = config.database;
  const etter = {
    endpoint: `http://${localProxy}/sql`,
    requestId: "test-superuser",
    meter: new RequestMeter(Date.now),
  };
  return drizzle({ client: neon(url.toString(), { fetchOptions: { etter } }) });
}

let hashed: Promise<string> | undefined;
const testPasswordHash = (): Promise<string> =>
  (hashed ??= createPasswordHasher((length) => crypto.getRandomValues(new Uint8Array(length))).hash(testPassword));

export async function makeCompany(name = "Acme"): Promise<CompanyId> {
  const id = crypto.randomUUID() as CompanyId;
  const now = new Date();
  await superuserDatabase().insert(schema.companies).values({ id, name, createdAt: now, updatedAt: now });
  return id;
}

/** A person who can sign in with `testPassword`, in a company of their own unless one is given. */
export async function makePerson(
  options: { group?: Group; companyId?: CompanyId; isActive?: boolean; verified?: boolean } = {},
): Promise<Person> {
  const { group = "Researcher", isActive = true, verified = true } = options;
  const companyId = options.companyId ?? (group === "Super Admin" ? platformCompanyId : await makeCompany());
  const userId = crypto.randomUUID() as UserId;
  const email = `${userId}@example.com`;
  const now = new Date();
  await superuserDatabase()
    .insert(schema.users)
    .values({
      id: userId,
      companyId,
      email,
      group,
      isActive,
      passwordHash: await testPasswordHash(),
      emailVerifiedAt: verified ? now : null,
      firstName: "Robin",
      lastName: "Example",
      createdAt: now,
      updatedAt: now,
    });
  return { userId, companyId, email, group };
}

export interface TestSession {
  readonly sessionId: SessionId;
  readonly accessToken: string;
}

const known = new Map<UserId, Promise<TestSession>>();

/** A live session of the person, made once. */
export const sessionOf = (person: Person): Promise<TestSession> => {
  const session = known.get(person.userId) ?? makeSession(person);
  known.set(person.userId, session);
  return session;
};

export async function makeSession(person: Person, { at = new Date(), seconds = 3600 } = {}): Promise<TestSession> {
  const sessionId = crypto.randomUUID() as SessionId;
  await superuserDatabase()
    .insert(schema.sessions)
    .values({
      id: sessionId,
      companyId: person.companyId,
      userId: person.userId,
      familyDigest: new Uint8Array(32),
      refreshDigest: new Uint8Array(32),
      createdAt: at,
      lastUsedAt: at,
      expiresAt: new Date(at.getTime() + seconds * 1000),
    });
  const tokens = createAccessTokens(config.tokens, config.publicUrl);
  const { token } = await tokens.issue({ ...person, sessionId }, at, crypto.randomUUID());
  return { sessionId, accessToken: token };
}

/** A mailed token of the person that has not been used, as its mail has it. */
export async function makeMailedToken(
  { companyId, userId }: Person,
  purpose: Exclude<MailedTokenPurpose, "verify">,
): Promise<string> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const at = new Date();
  const digest = digests.sha256(secret);
  await superuserDatabase()
    .insert(schema.mailedTokens)
    .values({ companyId, userId, purpose, digest, createdAt: at, expiresAt: mailedTokenEnd(purpose, at) });
  return formatMailedToken(purpose, { companyId, subjectId: userId, secret });
}
