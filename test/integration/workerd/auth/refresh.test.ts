import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { formatRefreshToken, type RefreshToken } from "../../../../src/features/auth/refresh-token.ts";
import { digests } from "../../../../src/platform/crypto/digests.ts";
import { auditLog, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId, type SessionId } from "../../../../src/shared/ids.ts";
import { call, frontCalls, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, testPassword, type Person } from "../../../support/workerd/factories.ts";
import { mailsTo } from "../../../support/workerd/mailbox.ts";

const day = 24 * 3600 * 1000;
const db = superuserDatabase();
let person: Person;
beforeEach(async () => {
  person = await makePerson();
});

/** A session as a sign-in leaves it, without the hash, and its refresh token. */
async function signedIn({ age = 0, idle = 0 } = {}): Promise<RefreshToken> {
  const now = Date.now();
  const token: RefreshToken = {
    companyId: person.companyId,
    sessionId: crypto.randomUUID() as SessionId,
    familySecret: crypto.getRandomValues(new Uint8Array(32)),
    rotatingSecret: crypto.getRandomValues(new Uint8Array(32)),
  };
  await db.insert(sessions).values({
    id: token.sessionId,
    companyId: person.companyId,
    userId: person.userId,
    familyDigest: digests.sha256(token.familySecret),
    refreshDigest: digests.sha256(token.rotatingSecret),
    createdAt: new Date(now - age),
    lastUsedAt: new Date(now - idle),
    expiresAt: new Date(now - idle + 7 * day),
  });
  return token;
}

const refresh = (token: RefreshToken | string, headers: Record<string, string> = {}): Promise<Answer> =>
  call("/api/etter/auth/refresh", {
    body: { refresh_token: typeof token === "string" ? token : formatRefreshToken(token) },
    headers,
  });
const me = (accessToken: string) =>
  call("/api/etter/users/me", { headers: { Authorization: `Bearer ${accessToken}` } });
const row = async ({ sessionId }: RefreshToken) =>
  (await db.select().from(sessions).where(eq(sessions.id, sessionId)))[0]!;
/** As if the last rotation had been so long ago. */
const backdate = ({ sessionId }: RefreshToken, milliseconds: number) =>
  db
    .update(sessions)
    .set({ rotatedAt: new Date(Date.now() - milliseconds) })
    .where(eq(sessions.id, sessionId));

describe("refresh", () => {
  it("gives new tokens, of which the access token works and the refresh token is the next", async () => {
    const token = await signedIn();
    const first = await refresh(token);
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({ token_type: "bearer", expires_in: 1800, refresh_expires_in: 604_800 });
    expect(first.body.user).toMatchObject({ id: person.userId, group: "Researcher" });
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect((await me(first.body.access_token)).status).toBe(200);
    const second = await refresh(first.body.refresh_token);
    expect(second.status, second.text).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect(JSON.stringify(await row(token))).not.toContain(String(second.body.refresh_token).split(".").at(-1));
  });

  it("follows a sign-in", async () => {
    const { body } = await call("/api/etter/auth/login", { body: { email: person.email, password: testPassword } });
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  it("takes two sequential round trips", async () => {
    // A Redis that has just started is first told the limiter's script.
    const { body } = await refresh(await signedIn());
    const requestId = crypto.randomUUID();
    const answer = await refresh(body.refresh_token, { "X-Request-Id": requestId });
    expect(answer.headers.get("server-timing")).toMatch(/desc="2 rounds"/);
    const { postgres, redis } = await frontCalls(requestId);
    expect([postgres.length, redis.length]).toEqual([1, 1]);
  });

  it("of a session that is none, or that is no token, is in the platform's audit", async () => {
    const good = await signedIn();
    const unknown = { ...good, sessionId: crypto.randomUUID() as SessionId };
    const origin = crypto.randomUUID();
    expect((await refresh(unknown)).status).toBe(401);
    const rubbish = { body: { refresh_token: "r1.nothing" }, headers: { "X-Request-Id": origin } };
    expect((await call("/api/etter/auth/refresh", rubbish)).status).toBe(401);
    const line = {
      companyId: platformCompanyId,
      action: "auth.refresh",
      outcome: "refused",
      reason: "unknown_session",
    };
    expect(await db.select().from(auditLog).where(eq(auditLog.targetId, unknown.sessionId))).toMatchObject([line]);
    expect(await db.select().from(auditLog).where(eq(auditLog.requestId, origin))).toMatchObject([
      { ...line, targetId: null, actorUserId: null },
    ]);
  });

  it("of twenty at once exactly one wins; the others are told to come back, and the session lives", async () => {
    const token = await signedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)));
    const won = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(({ status }) => status !== 200);
    expect(won).toHaveLength(1);
    for (const answer of lost) {
      expect([answer.status, answer.body.code], answer.text).toEqual([409, "refresh_raced"]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await row(token)).endedAt).toBeNull();
    expect((await me(won[0]!.body.access_token)).status).toBe(200);
    expect((await refresh(won[0]!.body.refresh_token)).status).toBe(200);
  });

  it("a spent token ends its session: nothing of it works, it is audited and the person hears of it once", async () => {
    const token = await signedIn();
    const first = await refresh(token);
    await backdate(token, 11_000);
    const reused = await refresh(token, { "User-Agent": "a thief's" });
    expect([reused.status, reused.body.code]).toEqual([401, "refresh_reused"]);
    expect(reused.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await row(token)).toMatchObject({ endReason: "refresh_reused" });
    expect((await me(first.body.access_token)).status).toBe(401);
    expect((await refresh(first.body.refresh_token)).status).toBe(401);
    expect((await refresh(token)).body.code).toBe("unauthorized");
    const audited = await db.select().from(auditLog).where(eq(auditLog.targetId, token.sessionId));
    for (const { companyId, action, outcome, actorUserId } of audited)
      expect([companyId, action, outcome, actorUserId]).toEqual([person.companyId, "auth.refresh", "refused", null]);
    expect(audited.map(({ reason }) => String(reason)).toSorted()).toEqual([
      "refresh_reused",
      "session_ended",
      "session_ended",
    ]);
    const mails = await mailsTo(person.email);
    expect(mails).toMatchObject([
      { template: "session_reused", userId: person.userId, companyId: person.companyId, data: { device: "a thief's" } },
    ]);
  });

  it("a spent token sent by twenty at once ends its session once", async () => {
    const token = await signedIn();
    await refresh(token);
    await backdate(token, 11_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)));
    const codes = answers.map(({ body }) => body.code as string).toSorted();
    expect(codes).toEqual(["refresh_reused", ...Array.from({ length: 19 }, () => "unauthorized")]);
    expect(await mailsTo(person.email)).toHaveLength(1);
  });

  it("a token is a race for some seconds, and only the one before the present", async () => {
    const token = await signedIn();
    const first = await refresh(token);
    await backdate(token, 6_000);
    expect((await refresh(token)).body.code).toBe("refresh_raced");
    await refresh(first.body.refresh_token);
    expect((await refresh(token)).body.code).toBe("refresh_reused");
  });

  it("other people's sessions live on", async () => {
    const [token, other] = [await signedIn(), await signedIn()];
    await refresh(token);
    await backdate(token, 11_000);
    await refresh(token);
    expect((await refresh(other)).status).toBe(200);
  });
});

describe("refresh refuses with the same answer", () => {
  it.each<[string, (good: RefreshToken) => RefreshToken | string | Promise<RefreshToken | string>]>([
    ["an unknown session", (good) => ({ ...good, sessionId: crypto.randomUUID() as SessionId })],
    ["another company", async (good) => ({ ...good, companyId: (await makePerson()).companyId })],
    ["another family secret", (good) => ({ ...good, familySecret: new Uint8Array(32) })],
    ["another version", (good) => formatRefreshToken(good).replace("r1.", "r2.")],
    ["a part too many", (good) => `${formatRefreshToken(good)}.x`],
    ["a mailed token's form", (good) => formatRefreshToken(good).replace("r1.", "p1.")],
    ["an access token", () => `${"e".repeat(36)}.${"e".repeat(200)}.${"e".repeat(43)}`],
    ["garbage", () => "💥"],
  ])("%s", async (_what, change) => {
    const good = await signedIn();
    const answer = await refresh(await change(good));
    expect([answer.status, answer.body.code]).toEqual([401, "unauthorized"]);
    // The session is none the worse for it.
    expect((await refresh(good)).status).toBe(200);
  });

  it.each([
    ["signed out", { endedAt: new Date(), endReason: "logout" }],
    ["idle for too long", { expiresAt: new Date() }],
    ["too old, however lively", { createdAt: new Date(Date.now() - 30 * day) }],
  ])("a session that is %s", async (_what, change) => {
    const token = await signedIn();
    await db.update(sessions).set(change).where(eq(sessions.id, token.sessionId));
    const answer = await refresh(token);
    expect([answer.status, answer.body.code]).toEqual([401, "unauthorized"]);
    expect(await mailsTo(person.email)).toEqual([]);
  });

  it.each([
    ["deactivated", { isActive: false }],
    ["deleted", { deletedAt: new Date() }],
  ])("an account that was %s without its sessions", async (_what, change) => {
    const token = await signedIn();
    await db.update(users).set(change).where(eq(users.id, person.userId));
    expect((await refresh(token)).status).toBe(401);
  });

  it("a spent secret of a family that is not the session's: who knows only half of a token cannot end the session", async () => {
    const token = await signedIn();
    expect((await refresh({ ...token, rotatingSecret: new Uint8Array(32) })).body.code).toBe("refresh_reused");
    const other = await signedIn();
    const forged = { ...other, familySecret: new Uint8Array(32), rotatingSecret: new Uint8Array(32) };
    expect((await refresh(forged)).body.code).toBe("unauthorized");
    expect((await refresh(other)).status).toBe(200);
  });
});

describe("lifetimes", () => {
  it("a refresh puts the idle end off, and never beyond the absolute one", async () => {
    const young = await signedIn({ age: day, idle: day });
    expect((await refresh(young)).body.refresh_expires_in).toBe(604_800);
    const old = await signedIn({ age: 29 * day, idle: day });
    const answer = await refresh(old);
    expect(answer.body.refresh_expires_in).toBeGreaterThan(86_300);
    expect(answer.body.refresh_expires_in).toBeLessThanOrEqual(86_400);
    const { expiresAt, createdAt } = await row(old);
    expect(expiresAt.getTime()).toBe(createdAt.getTime() + 30 * day);
  });
});

describe("limits", () => {
  it("count a session's tries, whoever sends them, before Postgres is asked", async () => {
    const token = await signedIn();
    const wrong = { ...token, familySecret: new Uint8Array(32) };
    const statuses: number[] = [];
    for (let i = 0; i < 62; i += 1) statuses.push((await refresh(wrong)).status);
    expect(new Set(statuses.slice(0, 60))).toEqual(new Set([401]));
    const requestId = crypto.randomUUID();
    const refused = await refresh(token, { "X-Request-Id": requestId });
    expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
    expect(refused.headers.get("ratelimit-policy")).toContain('"refresh-session";q=60;w=300');
    expect((await frontCalls(requestId)).postgres).toHaveLength(0);
  });
});
