import { scryptSync } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { createSessionRepository } from "../../../../src/features/auth/session-repository.drizzle.ts";
import { auditLog, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import type { SessionId } from "../../../../src/shared/ids.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makePerson,
  superuserDatabase,
  testPassword,
  type Person,
} from "../../../support/workerd/factories.ts";

const login = (email: string, password: string, headers: Record<string, string> = {}) =>
  call("/api/etter/auth/login", { body: { email, password }, headers });

describe("login", () => {
  it("opens a session whose token works", async () => {
    const person = await makePerson();
    const answer = await login(person.email.toUpperCase(), testPassword);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ token_type: "bearer", expires_in: 1800, refresh_expires_in: 604_800 });
    expect(answer.body.user).toMatchObject({
      id: person.userId,
      group: "Researcher",
      company: { id: person.companyId, name: "Acme" },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const me = await call("/api/etter/users/me", { headers: { Authorization: `Bearer ${answer.body.access_token}` } });
    expect(me.status, me.text).toBe(200);
    expect(me.body.last_login_at).not.toBeNull();
  });

  it("stores digests of the refresh token only, and an audit row", async () => {
    const person = await makePerson();
    const { body } = await login(person.email, testPassword);
    const db = superuserDatabase();
    const stored = await db.select().from(sessions).where(eq(sessions.userId, person.userId));
    expect(stored).toHaveLength(1);
    for (const secret of String(body.refresh_token).split(".").slice(3))
      expect(JSON.stringify(stored)).not.toContain(secret);
    const audited = await db.select().from(auditLog).where(eq(auditLog.actorUserId, person.userId));
    expect(audited).toMatchObject([
      { action: "auth.login", outcome: "done", companyId: person.companyId, targetId: stored[0]!.id },
    ]);
  });

  it("answers byte for byte the same for unknown, wrong, unverified and deactivated", async () => {
    const [known, unverified, inactive] = await Promise.all([
      makePerson(),
      makePerson({ verified: false }),
      makePerson({ isActive: false }),
    ]);
    const answers = [
      await login("nobody@example.com", testPassword),
      await login(known.email, "not the right one"),
      await login(unverified.email, testPassword),
      await login(inactive.email, testPassword),
    ];
    for (const answer of answers) expect(answer.status).toBe(401);
    const comparable = answers.map(({ headers, body }) =>
      JSON.stringify([
        { ...body, request_id: "" },
        [...headers.keys()].filter((name) => name !== "date"),
        headers.get("server-timing")?.match(/"\d+ rounds"/),
      ]),
    );
    expect(new Set(comparable).size).toBe(1);
    expect(answers[0]!.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it(
    "serves twenty people who sign in at once, though each costs a hash that blocks",
    { timeout: 60_000 },
    async () => {
      const people = await Promise.all(Array.from({ length: 20 }, () => makePerson()));
      const answers = await Promise.all(people.map(({ email }) => login(email, testPassword)));
      expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
    },
  );

  it("audits a refusal with its target, and with no actor: nobody has proved who they are", async () => {
    const person = await makePerson();
    await login(person.email, "not the right one");
    const rows = await superuserDatabase().select().from(auditLog).where(eq(auditLog.targetId, person.userId));
    expect(rows).toMatchObject([
      { action: "auth.login", outcome: "refused", reason: "invalid_credentials", actorUserId: null },
    ]);
  });

  it("makes a new hash of a password whose hash has old parameters, and signs in with it as before", async () => {
    const person = await makePerson();
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const key = scryptSync(testPassword, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
    const bare = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
    const account = () => superuserDatabase().select().from(users).where(eq(users.id, person.userId));
    await superuserDatabase()
      .update(users)
      .set({ passwordHash: `$scrypt$ln=14,r=8,p=1$${bare(salt)}$${bare(key)}` })
      .where(eq(users.id, person.userId));
    expect((await login(person.email, "not the right one")).status).toBe(401);
    expect((await account())[0]!.passwordHash).toMatch(/^\$scrypt\$ln=14,/);
    expect((await login(person.email, testPassword)).status).toBe(200);
    const [rehashed] = await account();
    expect(rehashed).toMatchObject({
      passwordHash: expect.stringMatching(/^\$scrypt\$ln=15,r=8,p=3\$/),
      passwordVersion: 1,
    });
    expect((await login(person.email, testPassword)).status).toBe(200);
    expect((await account())[0]!.passwordHash).toBe(rehashed!.passwordHash);
  });

  it("takes three sequential round trips: limiter, account, session", async () => {
    const person = await makePerson();
    const requestId = crypto.randomUUID();
    const answer = await login(person.email, testPassword, { "X-Request-Id": requestId });
    expect(answer.headers.get("server-timing")).toMatch(/total;dur=\d+;desc="3 rounds"/);
    const calls = await frontCalls(requestId);
    expect(calls.redis).toHaveLength(1);
    expect(calls.postgres).toHaveLength(2);
  });

  it("refuses the eleventh try for one account, without a hash, and says when to come back", async () => {
    const person = await makePerson();
    for (let i = 0; i < 10; i += 1) expect((await login(person.email, "not the right one")).status).toBe(401);
    const requestId = crypto.randomUUID();
    const refused = await login(person.email, testPassword, { "X-Request-Id": requestId });
    expect(refused.status).toBe(429);
    expect(refused.body.code).toBe("rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-policy")).toContain('"login-account";q=10;w=900');
    expect((await frontCalls(requestId)).postgres).toHaveLength(0);
  });

  it("keeps at most twenty sessions, ending those used longest ago", async () => {
    const person = await makePerson();
    const db = superuserDatabase();
    const old = Array.from({ length: 20 }, (_, i) => ({
      id: crypto.randomUUID(),
      companyId: person.companyId,
      userId: person.userId,
      familyDigest: new Uint8Array(32),
      refreshDigest: new Uint8Array(32),
      createdAt: new Date(Date.now() - 1_000_000 + i * 1000),
      lastUsedAt: new Date(Date.now() - 1_000_000 + i * 1000),
      expiresAt: new Date(Date.now() + 1_000_000),
    }));
    await db.insert(sessions).values(old);
    expect((await login(person.email, testPassword)).status).toBe(200);
    const ended = (await db.select().from(sessions).where(eq(sessions.userId, person.userId))).filter(
      (s) => s.endedAt !== null,
    );
    expect(ended.map(({ id, endReason }) => ({ id, endReason }))).toEqual([{ id: old[0]!.id, endReason: "too_many" }]);
  });

  /** A session that is stored without the hash that a login costs. */
  const open = ({ userId, companyId }: Person, passwordVersion = 1) => {
    const at = new Date();
    const id = crypto.randomUUID() as SessionId;
    const session = {
      id,
      userId,
      companyId,
      passwordVersion,
      familyDigest: new Uint8Array(32),
      refreshDigest: new Uint8Array(32),
      at,
      createdAt: at,
      expiresAt: new Date(at.getTime() + 60_000),
      audit: {
        id: crypto.randomUUID(),
        companyId,
        at,
        actorUserId: userId,
        action: "auth.login" as const,
        targetType: "session" as const,
        targetId: id,
        outcome: "done" as const,
        origin: { requestId: "test-request", ip: undefined, userAgent: undefined },
      },
    };
    return createSessionRepository(appDatabase()).openSession(session, undefined);
  };

  it("keeps at most twenty also when forty sign in at once", async () => {
    const person = await makePerson();
    await Promise.all(Array.from({ length: 40 }, () => open(person)));
    const stored = await superuserDatabase().select().from(sessions).where(eq(sessions.userId, person.userId));
    expect([stored.length, stored.filter(({ endedAt }) => endedAt === null).length]).toEqual([40, 20]);
  });

  it("makes no session for an account whose password changed after it was checked", async () => {
    const person = await makePerson();
    expect(await open(person, 99)).toBeUndefined();
    const db = superuserDatabase();
    expect(await db.select().from(sessions).where(eq(sessions.userId, person.userId))).toEqual([]);
    expect(await db.select().from(auditLog).where(eq(auditLog.actorUserId, person.userId))).toEqual([]);
  });
});
