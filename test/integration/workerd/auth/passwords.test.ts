import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLog, mailedTokens, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import { queueAtAccount } from "../../../support/workerd/account-queue.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import {
  makePerson,
  makeSession,
  superuserDatabase,
  testPassword,
  type Person,
  type TestSession,
} from "../../../support/workerd/factories.ts";
import { mailedTokenTo, mailsTo } from "../../../support/workerd/mailbox.ts";

const newPassword = "another that nobody guesses";
const db = superuserDatabase();
let person: Person;
beforeEach(async () => {
  person = await makePerson();
});

const bearer = ({ accessToken }: { accessToken: string }) => ({ Authorization: `Bearer ${accessToken}` });
const statusOf = async (session: { accessToken: string }) =>
  (await call("/api/etter/users/me", { headers: bearer(session) })).status;
const signIn = (password: string) => call("/api/etter/auth/login", { body: { email: person.email, password } });
const login = async (password: string) => (await signIn(password)).status;
const account = async () => (await db.select().from(users).where(eq(users.id, person.userId)))[0]!;
const auditOf = async (action: string) =>
  (await db.select().from(auditLog).where(eq(auditLog.companyId, person.companyId))).filter(
    (row) => row.action === action,
  );
const forgot = (email: string): Promise<Answer> => call("/api/etter/auth/password/forgot", { body: { email } });
const liveSessions = async () =>
  (await db.select().from(sessions).where(eq(sessions.userId, person.userId))).filter((s) => s.endedAt === null);
const reset = (token: string, new_password = newPassword) =>
  call("/api/etter/auth/password/reset", { body: { token, new_password } });
async function resetToken(): Promise<string> {
  expect((await forgot(person.email)).status).toBe(202);
  return mailedTokenTo(person.email, "password_reset");
}

describe("password change", () => {
  let mine: TestSession;
  let other: TestSession;
  beforeEach(async () => {
    [mine, other] = [await makeSession(person), await makeSession(person)];
  });
  const change = (body: object, session: { accessToken: string } = mine) =>
    call("/api/etter/auth/password/change", { body, headers: bearer(session) });
  const good = { current_password: testPassword, new_password: newPassword };

  it("gives this client new tokens, ends all that was before, voids mailed tokens, audits and mails", async () => {
    const token = await resetToken();
    const answer = await change(good);
    expect(answer.status, answer.text).toBe(200);
    const signedIn = { accessToken: answer.body.access_token as string };
    expect(await Promise.all([mine, other, signedIn].map(statusOf))).toEqual([401, 401, 200]);
    expect((await call("/api/etter/auth/refresh", { body: { refresh_token: answer.body.refresh_token } })).status).toBe(
      200,
    );
    expect([await login(testPassword), await login(newPassword)]).toEqual([401, 200]);
    expect((await reset(token)).status).toBe(422);
    expect((await account()).passwordVersion).toBe(2);
    expect(await auditOf("auth.password_change")).toMatchObject([{ outcome: "done", actorUserId: person.userId }]);
    expect(await mailsTo(person.email)).toEqual(
      expect.arrayContaining([expect.objectContaining({ template: "password_changed", userId: person.userId })]),
    );
  });

  it("keeps the time of the sign-in: changing it does not make a session younger", async () => {
    const day = 24 * 3600 * 1000;
    await db
      .update(sessions)
      .set({ createdAt: new Date(Date.now() - 29 * day) })
      .where(eq(sessions.id, mine.sessionId));
    expect((await change(good)).body.refresh_expires_in).toBeLessThanOrEqual(86_400);
  });

  it("with a wrong present password is a 422 that names the field, is audited, and ends nothing", async () => {
    const answer = await change({ ...good, current_password: "not the right one" });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ path: "current_password", message: "is not your present password" }]);
    expect(await Promise.all([mine, other].map(statusOf))).toEqual([200, 200]);
    expect(await auditOf("auth.password_change")).toMatchObject([{ outcome: "refused", reason: "wrong_password" }]);
  });

  it("with a weak new one is a 422 that names the field and not the value", async () => {
    const answer = await change({ ...good, new_password: "passwordpassword" });
    expect(answer.body.errors).toMatchObject([{ path: "new_password" }]);
    expect(answer.text).not.toContain("passwordpassword");
    expect((await account()).passwordVersion).toBe(1);
  });

  it("with the present one again is a 422, for who knows it, and ends nothing", async () => {
    const changed = await change(good);
    const session = { accessToken: changed.body.access_token as string };
    const again = await change({ current_password: newPassword, new_password: newPassword }, session);
    const message = "is your present password: choose another one";
    expect([again.status, again.body.errors]).toEqual([422, [{ path: "new_password", message }]]);
    const guess = await change(
      { current_password: "a guess, but no good", new_password: "a guess, but no good" },
      session,
    );
    expect(guess.body.errors).toMatchObject([{ path: "current_password" }]);
    expect([await statusOf(session), (await account()).passwordVersion]).toEqual([200, 2]);
  });

  it("five at once: one is made, and its session is the only one", { timeout: 60_000 }, async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => change(good)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.every(({ status }) => [200, 401, 422].includes(status))).toBe(true);
    expect((await account()).passwordVersion).toBe(2);
    expect(await liveSessions()).toHaveLength(1);
  });

  it("ends the session of a sign-in that was under way", { timeout: 30_000 }, async () => {
    const [signedIn, changed] = await queueAtAccount(person, [() => signIn(testPassword), () => change(good)]);
    expect([signedIn!.status, changed!.status]).toEqual([200, 200]);
    expect(await statusOf({ accessToken: signedIn!.body.access_token })).toBe(401);
    expect(await liveSessions()).toHaveLength(1);
  });

  it(
    "after an Admin has ended all sessions makes no new one, and says that its own is over",
    { timeout: 30_000 },
    async () => {
      const admin = await makePerson({ group: "Admin", companyId: person.companyId });
      const revoke = () => call(`/api/etter/users/${person.userId}/sessions/revoke`, { method: "POST", as: admin });
      const [revoked, changed] = await queueAtAccount(person, [revoke, () => change(good)]);
      expect([revoked!.status, changed!.status]).toEqual([204, 401]);
      expect(await liveSessions()).toEqual([]);
      expect((await account()).passwordVersion).toBe(1);
    },
  );

  it("before a sign-out everywhere leaves no session that this does not end", { timeout: 30_000 }, async () => {
    const other = await makeSession(person);
    const logoutAll = () => call("/api/etter/auth/logout", { body: { scope: "all" }, headers: bearer(other) });
    const [changed, out] = await queueAtAccount(person, [() => change(good), logoutAll]);
    expect([changed!.status, out!.status]).toEqual([200, 204]);
    expect(await liveSessions()).toEqual([]);
  });

  it("is tried ten times at most within a quarter of an hour, by whoever holds the access token", async () => {
    for (let i = 0; i < 10; i += 1) await change({ ...good, new_password: "short" });
    // Bodies that are no good are not counted; a weak password is looked at after counting.
    for (let i = 0; i < 10; i += 1) await change({ ...good, new_password: "passwordpassword" });
    expect((await change(good)).status).toBe(429);
    // A token of an ended session is not counted: it would lock the person out.
    const ended = await makeSession(person);
    await db.update(sessions).set({ endedAt: new Date(), endReason: "logout" }).where(eq(sessions.id, ended.sessionId));
    const refused = await change(good, ended);
    expect([refused.status, refused.headers.get("ratelimit")]).toEqual([401, null]);
  });
});

describe("forgot", () => {
  it("answers an address without an account to the letter as one with, in as many round trips", async () => {
    const [unverified, inactive] = [await makePerson({ verified: false }), await makePerson({ isActive: false })];
    const answers: Answer[] = [];
    for (const email of [person.email, "nobody@example.com", unverified.email, inactive.email])
      answers.push(await forgot(email));
    const comparable = answers.map(({ status, headers, body }) =>
      JSON.stringify([
        status,
        body,
        [...headers.keys()].filter((name) => name !== "date"),
        headers.get("server-timing")?.match(/"\d+ rounds"/),
      ]),
    );
    expect(new Set(comparable).size).toBe(1);
    expect(answers[0]!.status).toBe(202);
    expect(await mailsTo(person.email)).toMatchObject([{ template: "password_reset", userId: person.userId }]);
    for (const { email } of [unverified, inactive]) expect(await mailsTo(email)).toEqual([]);
  });

  it("mails one address five times an hour at most, known or not", async () => {
    for (const email of [person.email, `${crypto.randomUUID()}@example.com`]) {
      const statuses: number[] = [];
      for (let i = 0; i < 6; i += 1) statuses.push((await forgot(email)).status);
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    }
    expect(await mailsTo(person.email)).toHaveLength(5);
  });
});

describe("reset", () => {
  it("sets the password, ends every session, audits and mails", async () => {
    const session = await makeSession(person);
    const token = await resetToken();
    const answer = await reset(token);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect([await login(testPassword), await login(newPassword)]).toEqual([401, 200]);
    expect(await statusOf(session)).toBe(401);
    expect(await auditOf("auth.password_reset")).toMatchObject([{ outcome: "done", actorUserId: person.userId }]);
    expect((await mailsTo(person.email)).map(({ template }) => template).toSorted()).toEqual([
      "password_changed",
      "password_reset",
    ]);
  });

  it("ends the session of a sign-in that was under way", { timeout: 30_000 }, async () => {
    const token = await resetToken();
    const [signedIn, answer] = await queueAtAccount(person, [() => signIn(testPassword), () => reset(token)]);
    expect([signedIn!.status, answer!.status]).toEqual([200, 204]);
    expect(await liveSessions()).toEqual([]);
  });

  it("of ten at once one wins", { timeout: 60_000 }, async () => {
    const token = await resetToken();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => reset(token, `${newPassword} ${i}`)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ body }) => body?.code === "token_invalid")).toHaveLength(9);
    expect((await account()).passwordVersion).toBe(2);
  });

  it("a newer token voids the older; half an hour ends it; a weak password does not use it up", async () => {
    const old = await resetToken();
    const token = await resetToken();
    expect((await reset(old)).body.code).toBe("token_invalid");
    const refused = await db.select().from(auditLog).where(eq(auditLog.targetId, person.userId));
    expect(refused.filter(({ outcome }) => outcome === "refused")).toMatchObject([
      { action: "auth.password_reset", reason: "token_invalid", actorUserId: null },
    ]);
    expect((await reset(token, "passwordpassword")).body.errors).toMatchObject([{ path: "new_password" }]);
    const [kept] = await db.select().from(mailedTokens).where(eq(mailedTokens.userId, person.userId));
    expect(kept!.expiresAt.getTime() - kept!.createdAt.getTime()).toBe(30 * 60 * 1000);
    await db.update(mailedTokens).set({ expiresAt: new Date() }).where(eq(mailedTokens.userId, person.userId));
    expect((await reset(token)).body.code).toBe("token_invalid");
    expect(await login(testPassword)).toBe(200);
  });

  it.each([
    ["deactivated", { isActive: false }],
    ["deleted", { deletedAt: new Date() }],
  ])("of an account that was %s meanwhile is refused", async (_what, change) => {
    const token = await resetToken();
    await db.update(users).set(change).where(eq(users.id, person.userId));
    expect((await reset(token)).body.code).toBe("token_invalid");
    expect((await account()).passwordVersion).toBe(1);
  });

  it("takes no token of another person, and none of an invitation", async () => {
    const token = await resetToken();
    const hex = (id: string) => id.replaceAll("-", "");
    const colleague = await makePerson({ companyId: person.companyId });
    for (const wrong of [token.replace(hex(person.userId), hex(colleague.userId)), token.replace("p1.", "i1.")])
      expect((await reset(wrong)).body.code).toBe("token_invalid");
    expect((await reset(token)).status).toBe(204);
  });
});
