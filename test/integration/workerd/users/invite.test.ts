import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLog, idempotencyKeys, mailedTokens, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls, type Answer, type Call } from "../../../support/workerd/api.ts";
import {
  makeCompany,
  makePerson,
  makeSession,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";
import { mailedTokenTo, mailsTo } from "../../../support/workerd/mailbox.ts";

const base = "/api/etter/users";
const password = "a sentence only you know";
const db = superuserDatabase();
let admin: Person;
let superAdmin: Person;
beforeEach(async () => {
  [admin, superAdmin] = await Promise.all([makePerson({ group: "Admin" }), makePerson({ group: "Super Admin" })]);
});

const someEmail = () => `${crypto.randomUUID()}@example.com`;
const invite = (body: object, as: Person = admin, more: Call = {}): Promise<Answer> =>
  call(base, { body, as, ...more });
const again = (id: string, as: Person = admin, headers: Record<string, string> = {}) =>
  call(`${base}/${id}/invitation`, { method: "POST", as, headers });
const accept = (token: string) =>
  call("/api/etter/auth/invitations/accept", {
    body: { token, password, first_name: "Noor", last_name: "Newcomer" },
  });
const rowOf = async (id: string) => (await db.select().from(users).where(eq(users.id, id)))[0];
const auditOf = (target: string, action: string) =>
  db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, target), eq(auditLog.action, action)));

describe("an invitation", () => {
  it("makes an account that cannot sign in, mails a token, and is accepted into its group and company", async () => {
    const email = someEmail();
    const made = await invite({ email: email.toUpperCase(), group: "Reviewer", first_name: "Noor" });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({
      email,
      username: email,
      group: "Reviewer",
      first_name: "Noor",
      last_name: "",
      is_active: true,
      email_verified: false,
      company: { id: admin.companyId, name: "Acme" },
      last_login_at: null,
    });
    expect(made.headers.get("location")).toBe(`${base}/${made.body.id}`);
    expect((await call(made.headers.get("location")!, { as: admin })).body).toEqual(made.body);
    const [mail] = await mailsTo(email);
    expect(mail).toMatchObject({
      template: "invitation",
      companyId: admin.companyId,
      userId: made.body.id,
      data: { inviter_name: "Robin Example", company_name: "Acme", group: "Reviewer" },
    });
    expect(await auditOf(made.body.id, "user.invite")).toMatchObject([
      {
        actorUserId: admin.userId,
        companyId: admin.companyId,
        outcome: "done",
        changes: { email: { old: null, new: email }, group: { old: null, new: "Reviewer" } },
      },
    ]);
    expect(await rowOf(made.body.id)).toMatchObject({ passwordHash: null });
    expect((await accept(await mailedTokenTo(email, "invitation"))).status).toBe(204);
    const login = await call("/api/etter/auth/login", { body: { email, password } });
    expect(login.body.user).toMatchObject({ id: made.body.id, group: "Reviewer", company: { id: admin.companyId } });
  });

  it("of one address, twenty at once, is made once", { timeout: 60_000 }, async () => {
    const email = someEmail();
    const answers = await Promise.all(Array.from({ length: 20 }, () => invite({ email, group: "Reviewer" })));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    // Five are let through to the database, where one is first.
    expect(statuses).toEqual([201, ...Array.from({ length: 4 }, () => 409), ...Array.from({ length: 15 }, () => 429)]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("email_taken");
    expect(await mailsTo(email)).toHaveLength(1);
    expect(await db.select().from(users).where(eq(users.email, email))).toHaveLength(1);
  });

  it("to somebody deleted makes another account", async () => {
    const email = someEmail();
    const { body } = await invite({ email, group: "Reviewer" });
    expect((await call(`${base}/${body.id}`, { method: "DELETE", as: admin })).status).toBe(204);
    const second = await invite({ email, group: "Reviewer" });
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(body.id);
  });

  it.each([
    ["password", "a sentence only you know"],
    ["password_hash", "x"],
    ["is_active", true],
    ["email_verified", true],
    ["id", crypto.randomUUID()],
    ["company", {}],
    ["created_at", "2026-01-01T00:00:00Z"],
  ])("takes no %s", async (field, value) => {
    const answer = await invite({ email: someEmail(), group: "Reviewer", [field]: value });
    expect([answer.status, answer.body.errors]).toEqual([422, [{ path: field, message: "is not a known field" }]]);
  });

  it.each([
    [{ group: "Reviewer" }, "email"],
    [{ email: "nobody", group: "Reviewer" }, "email"],
    [{ email: "a@example.com" }, "group"],
    [{ email: "a@example.com", group: "Owner" }, "group"],
    [{ email: "a@example.com", group: "Reviewer", first_name: " " }, "first_name"],
    [{ email: "a@example.com", group: "Reviewer", company_id: "mine" }, "company_id"],
  ])("refuses %j", async (body, path) => {
    const answer = await invite(body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it("above the own group is refused and written down; at the own group it is not", async () => {
    const answer = await invite({ email: someEmail(), group: "Super Admin" });
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    const refused = (await db.select().from(auditLog).where(eq(auditLog.companyId, admin.companyId))).filter(
      ({ outcome }) => outcome === "refused",
    );
    expect(refused).toMatchObject([{ action: "user.invite", reason: "group_above_own", actorUserId: admin.userId }]);
    expect((await invite({ email: someEmail(), group: "Admin" })).status).toBe(201);
  });

  it("into another company is a Super Admin's, whether that company exists or not", async () => {
    for (const company_id of [await makeCompany(), platformCompanyId, crypto.randomUUID()]) {
      const answer = await invite({ email: someEmail(), group: "Reviewer", company_id });
      expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    }
    const own = await invite({ email: someEmail(), group: "Reviewer", company_id: admin.companyId });
    expect(own.status, own.text).toBe(201);
  });

  it("by a Super Admin goes into the company that is named, with its name and theirs in the mail", async () => {
    const companyId = await makeCompany("Globex");
    const email = someEmail();
    const made = await invite({ email, group: "Admin", company_id: companyId }, superAdmin);
    expect(made.status, made.text).toBe(201);
    expect(made.body.company).toMatchObject({ id: companyId, name: "Globex" });
    expect((await mailsTo(email))[0]).toMatchObject({
      companyId,
      data: { inviter_name: "Robin Example", company_name: "Globex", group: "Admin" },
    });
    expect(await auditOf(made.body.id, "user.invite")).toMatchObject([{ companyId, actorUserId: superAdmin.userId }]);
    expect((await accept(await mailedTokenTo(email, "invitation"))).status).toBe(204);
  });

  it("keeps the platform company to Super Admins, and them to it", async () => {
    const companyId = await makeCompany();
    for (const body of [
      { group: "Super Admin", company_id: companyId },
      { group: "Admin" },
      { group: "Admin", company_id: platformCompanyId },
    ]) {
      const answer = await invite({ email: someEmail(), ...body }, superAdmin);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "group"]);
    }
    const colleague = await invite({ email: someEmail(), group: "Super Admin" }, superAdmin);
    expect([colleague.status, colleague.body.company?.id]).toEqual([201, platformCompanyId]);
    const nowhere = await invite({ email: someEmail(), group: "Admin", company_id: crypto.randomUUID() }, superAdmin);
    expect([nowhere.status, nowhere.body.errors]).toEqual([422, [{ path: "company_id", message: "is no company" }]]);
  });
});

/** What an inviter can see of an answer, but ids and times. */
const seen = ({ status, headers, text }: Answer) => ({
  status,
  headers: Object.fromEntries(
    [...headers]
      .filter(([name]) => !["date", "x-request-id", "server-timing", "location"].includes(name))
      // How long until the limit's next token hangs on how long the calls took.
      .map(([name, value]) => [name, value.replace(/;t=\d+/, ";t=some seconds")]),
  ),
  text: text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "an id")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time")
    // Each call of these tests comes from a network of its own.
    .replaceAll(/"ip":"[\d.]+"/g, '"ip":"a network"'),
});

describe("an address with an account in another company", () => {
  it("is invited like any other: the same bytes, rows, calls and audit; only the mail says so", async () => {
    const elsewhere = await makePerson({ group: "Researcher" });
    const looks: unknown[] = [];
    for (const email of [elsewhere.email, someEmail()]) {
      const as = await makePerson({ group: "Admin" });
      await sessionOf(as);
      const requestId = crypto.randomUUID();
      const made = await invite({ email, group: "Reviewer" }, as, { headers: { "X-Request-Id": requestId } });
      expect(made.status, made.text).toBe(201);
      const { postgres, redis } = await frontCalls(requestId);
      const listed = await call(`${base}?email=${email}`, { as });
      const resent = await again(made.body.id, as);
      const audit = await call("/api/etter/audit?limit=2", { as });
      const tokens = await db.select().from(mailedTokens).where(eq(mailedTokens.userId, made.body.id));
      looks.push({
        answers: [made, listed, resent].map(seen),
        audit: seen(audit).text.replaceAll(as.email, "inviter"),
        calls: [postgres, redis].map((calls) => calls.map(({ kind, statements }) => [kind, statements])),
        tokens: tokens.length,
      });
    }
    expect(looks[0]).toEqual(looks[1]);
    const mails = await mailsTo(elsewhere.email);
    expect(mails.map(({ template, sealedToken }) => [template, sealedToken])).toEqual([
      ["invitation_address_taken", null],
      ["invitation_address_taken", null],
    ]);
    expect(mails[0]!.data).toMatchObject({ inviter_name: "Robin Example", company_name: "Acme" });
  });

  it("cannot be accepted, even with a good token; once that account has gone, sent again it can", async () => {
    const email = someEmail();
    const made = await invite({ email, group: "Reviewer" });
    const token = await mailedTokenTo(email, "invitation");
    const elsewhere = await makePerson();
    await db.update(users).set({ email }).where(eq(users.id, elsewhere.userId));
    expect((await accept(token)).body.code).toBe("email_taken");
    expect((await again(made.body.id)).status).toBe(204);
    expect((await mailsTo(email))[0]!.template).toBe("invitation_address_taken");
    await db.update(users).set({ deletedAt: new Date() }).where(eq(users.id, elsewhere.userId));
    expect((await again(made.body.id)).status).toBe(204);
    expect((await accept(await mailedTokenTo(email, "invitation"))).status).toBe(204);
  });
});

describe("an invitation sent again", () => {
  it("voids the token before, and is audited", async () => {
    const email = someEmail();
    const { body } = await invite({ email, group: "Reviewer" });
    const first = await mailedTokenTo(email, "invitation");
    const answer = await again(body.id);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect((await accept(first)).body.code).toBe("token_invalid");
    expect((await accept(await mailedTokenTo(email, "invitation"))).status).toBe(204);
    expect(await auditOf(body.id, "user.reinvite")).toMatchObject([{ actorUserId: admin.userId, outcome: "done" }]);
  });

  it("is refused for who has accepted, is deactivated, deleted, unknown or another company's", async () => {
    const { companyId } = admin;
    const accepted = await makePerson({ companyId });
    const inactive = await makePerson({ companyId, verified: false, isActive: false });
    for (const { userId } of [accepted, inactive]) {
      const answer = await again(userId);
      expect([answer.status, answer.body.code]).toEqual([409, "invitation_not_pending"]);
    }
    const stranger = await makePerson({ verified: false });
    for (const id of [crypto.randomUUID(), stranger.userId]) expect((await again(id)).status).toBe(404);
    expect((await again(stranger.userId, superAdmin)).status).toBe(204);
    expect((await again(crypto.randomUUID(), superAdmin)).status).toBe(404);
  });

  it("is counted by address: five mails an hour", async () => {
    const { userId } = await makePerson({ companyId: admin.companyId, verified: false });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await again(userId)).status);
    expect(statuses).toEqual([204, 204, 204, 204, 204, 429]);
  });

  it("or made anew after its account was deleted is the same to who gets the mails: five an hour", async () => {
    const email = someEmail();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const made = await invite({ email, group: "Reviewer" });
      statuses.push(made.status);
      if (made.status === 201) await call(`${base}/${made.body.id}`, { method: "DELETE", as: admin });
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    expect(await mailsTo(email)).toHaveLength(5);
    // Another company has not mailed them yet.
    expect((await invite({ email, group: "Reviewer" }, await makePerson({ group: "Admin" }))).status).toBe(201);
  });

  it("is not counted when the caller's session has ended", async () => {
    const { accessToken, sessionId } = await makeSession(admin);
    await db.update(sessions).set({ endedAt: new Date(), endReason: "logout" }).where(eq(sessions.id, sessionId));
    const headers = { Authorization: `Bearer ${accessToken}` };
    const { userId } = await makePerson({ companyId: admin.companyId, verified: false });
    for (const [path, body] of [
      [base, { email: someEmail(), group: "Reviewer" }],
      [`${base}/${userId}/invitation`, undefined],
    ] as const) {
      const answer = await call(path, { method: "POST", headers, ...(body === undefined ? {} : { body }) });
      expect([answer.status, answer.headers.get("ratelimit")]).toEqual([401, null]);
    }
  });
});

describe("an Idempotency-Key", () => {
  const key = () => ({ "Idempotency-Key": crypto.randomUUID() });
  const companiesOf = async () => [
    { as: admin, more: {} },
    { as: superAdmin, more: { company_id: await makeCompany() } },
  ];

  it("gives the first answer again, whoever's company it is, also of five at once", { timeout: 60_000 }, async () => {
    for (const { as, more } of await companiesOf()) {
      const email = someEmail();
      const headers = key();
      const body = { email, group: "Reviewer", ...more };
      const answers = await Promise.all(Array.from({ length: 5 }, () => invite(body, as, { headers })));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 201));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(new Set(answers.map((answer) => answer.headers.get("location"))).size).toBe(1);
      expect(await mailsTo(email)).toHaveLength(1);
    }
  });

  it("with another body is refused, another company included, and does nothing", async () => {
    for (const { as, more } of await companiesOf()) {
      const headers = key();
      const body = { email: someEmail(), group: "Reviewer", ...more };
      expect((await invite(body, as, { headers })).status).toBe(201);
      const others = [
        { ...body, email: someEmail() },
        { ...body, first_name: "Kim" },
      ];
      if (as === superAdmin) others.push({ ...body, company_id: await makeCompany() });
      for (const other of others) {
        const answer = await invite(other, as, { headers });
        expect([answer.status, answer.body.code]).toEqual([422, "idempotency_key_reused"]);
      }
      expect(await mailsTo(others[0]!.email)).toEqual([]);
    }
  });

  it("is not used up by what was refused", async () => {
    const headers = key();
    const { email } = await makePerson({ companyId: admin.companyId });
    expect((await invite({ email, group: "Reviewer" }, admin, { headers })).status).toBe(409);
    expect((await invite({ email: someEmail(), group: "Reviewer" }, admin, { headers })).status).toBe(201);
    const nowhere = key();
    const body = { email: someEmail(), group: "Admin", company_id: crypto.randomUUID() };
    expect((await invite(body, superAdmin, { headers: nowhere })).status).toBe(422);
    const companyId = await makeCompany();
    expect((await invite({ ...body, company_id: companyId }, superAdmin, { headers: nowhere })).status).toBe(201);
  });

  it("sends an invitation again once, and counts for a day", async () => {
    const email = someEmail();
    for (const as of [admin, superAdmin]) {
      const { userId } = await makePerson({ companyId: admin.companyId, verified: false });
      await db
        .update(users)
        .set({ email: `${as.userId}.${email}` })
        .where(eq(users.id, userId));
      const headers = key();
      for (let i = 0; i < 3; i += 1) expect((await again(userId, as, headers)).status).toBe(204);
      expect(await mailsTo(`${as.userId}.${email}`)).toHaveLength(1);
      const other = await makePerson({ companyId: admin.companyId, verified: false });
      expect((await again(other.userId, as, headers)).body.code).toBe("idempotency_key_reused");
      await db
        .update(idempotencyKeys)
        .set({ createdAt: new Date(Date.now() - 25 * 3600 * 1000) })
        .where(eq(idempotencyKeys.userId, as.userId));
      expect((await again(userId, as, headers)).status).toBe(204);
      expect(await mailsTo(`${as.userId}.${email}`)).toHaveLength(2);
    }
  });

  it("that came with a refused sending again is as good as new", async () => {
    const headers = key();
    const { userId } = await makePerson({ companyId: admin.companyId });
    for (let i = 0; i < 2; i += 1)
      expect((await again(userId, admin, headers)).body.code).toBe("invitation_not_pending");
    expect(await db.select().from(idempotencyKeys).where(eq(idempotencyKeys.userId, admin.userId))).toEqual([]);
  });
});

it("an invitation takes three sequential round trips, in whichever company", async () => {
  const companyId = await makeCompany();
  // A Redis that has just started is first told the limiter's script: a round trip more, once.
  await invite({ email: someEmail(), group: "Reviewer" });
  for (const [as, more] of [
    [admin, {}],
    [superAdmin, { company_id: companyId }],
  ] as const) {
    await sessionOf(as);
    const requestId = crypto.randomUUID();
    const headers = { "X-Request-Id": requestId, "Idempotency-Key": requestId };
    const made = await invite({ email: someEmail(), group: "Reviewer", ...more }, as, { headers });
    expect(made.status, made.text).toBe(201);
    const { postgres, redis } = await frontCalls(requestId);
    // Whether the session lives, the limiter with both rules in one pipeline, one batch.
    expect([postgres.length, redis.length]).toEqual([2, 1]);
  }
});
