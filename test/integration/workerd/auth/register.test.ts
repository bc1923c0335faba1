import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLog, companies, registrations, users } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { mailedTokenTo, mailsTo } from "../../../support/workerd/mailbox.ts";

const password = "a sentence only you know";
const db = superuserDatabase();
const someone = (email = `${crypto.randomUUID()}@example.com`) => ({
  email,
  password,
  first_name: "Sam",
  last_name: "Founder",
  company_name: "Acme",
});
type Someone = ReturnType<typeof someone>;

const register = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  call("/api/etter/auth/register", { body, headers });
const verify = (token: string) => call("/api/etter/auth/verify-email", { body: { token } });
const login = ({ email }: Someone) => call("/api/etter/auth/login", { body: { email, password } });
const peopleOf = (email: string) => db.select().from(users).where(eq(users.email, email));
const pending = (email: string) => db.select().from(registrations).where(eq(registrations.email, email));
const refusalsOf = (targetId: string) =>
  db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, targetId), eq(auditLog.outcome, "refused")));
/** What a client can tell one answer from another by. */
const comparable = ({ status, headers, body }: Answer) => ({
  status,
  body: JSON.stringify({ ...body, request_id: "" }),
  headers: [...headers.keys()].filter((name) => name !== "date"),
  rounds: /"(\d+) rounds"/.exec(headers.get("server-timing") ?? "")?.[1],
});

describe("register", () => {
  it("keeps a registration and mails a token; nobody exists until it is confirmed", async () => {
    const person = someone();
    const answer = await register({ ...person, email: person.email.toUpperCase() });
    expect(answer.status, answer.text).toBe(202);
    const [kept] = await pending(person.email);
    expect(kept).toMatchObject({ companyId: platformCompanyId, companyName: "Acme", firstName: "Sam" });
    expect(kept!.passwordHash).toMatch(/^\$scrypt\$/);
    expect(kept!.expiresAt.getTime() - kept!.createdAt.getTime()).toBe(24 * 3600 * 1000);
    expect(await peopleOf(person.email)).toEqual([]);
    expect((await login(person)).body.code).toBe("invalid_credentials");
    expect(await mailsTo(person.email)).toMatchObject([{ template: "verify_email", companyId: platformCompanyId }]);
    const audited = await db.select().from(auditLog).where(eq(auditLog.targetId, kept!.id));
    expect(audited).toMatchObject([{ action: "auth.register", outcome: "done", actorUserId: null }]);
  });

  it("answers a taken address to the letter as a new one, in as many round trips, and tells its owner by mail", async () => {
    const taken = await makePerson();
    const inactive = await makePerson({ isActive: false });
    const answers: Answer[] = [];
    for (const person of [someone(), someone(taken.email), someone(inactive.email), someone()])
      answers.push(await register(person));
    expect(new Set(answers.map((answer) => JSON.stringify(comparable(answer)))).size).toBe(1);
    expect(answers[0]!.status).toBe(202);
    for (const { email } of [taken, inactive]) {
      expect(await mailsTo(email)).toMatchObject([{ template: "address_taken" }]);
      expect(await pending(email)).toEqual([]);
      expect(await peopleOf(email)).toHaveLength(1);
    }
  });

  it("takes an address that was invited elsewhere and never proved", async () => {
    const invited = await makePerson({ verified: false });
    expect((await register(someone(invited.email))).status).toBe(202);
    expect(await mailsTo(invited.email)).toMatchObject([{ template: "verify_email" }]);
  });

  it("takes two round trips: the limiter, and one statement for both cases", async () => {
    const requestId = crypto.randomUUID();
    await register(someone());
    const answer = await register(someone(), { "X-Request-Id": requestId });
    expect(answer.headers.get("server-timing")).toMatch(/desc="2 rounds"/);
    const { postgres, redis } = await frontCalls(requestId);
    expect([postgres.length, redis.length]).toEqual([1, 1]);
  });

  it.each([
    ["a short password", { password: "too short" }],
    ["a common one", { password: "passwordpassword" }],
    ["the company's name as one", { password: "acme-industries-1", company_name: "Acme Industries" }],
    ["no company", { company_name: undefined }],
    ["a group", { group: "Super Admin" }],
    ["a company's id", { company_id: platformCompanyId }],
    ["an address that is none", { email: "somebody" }],
    ["a NUL", { first_name: "a\0b" }],
  ])("refuses %s before it makes a hash, for taken addresses as for new ones", async (_what, change) => {
    const taken = await makePerson();
    const [fresh, known] = [
      await register({ ...someone(), ...change }),
      await register({ ...someone(taken.email), ...change }),
    ];
    expect(fresh.status).toBe(422);
    expect({ ...fresh.body, request_id: "" }).toEqual({ ...known.body, request_id: "" });
    expect(await mailsTo(taken.email)).toEqual([]);
  });

  it("refuses the sixth try for an address within the hour, known or not, without a hash", async () => {
    for (const person of [someone(), someone((await makePerson()).email)]) {
      for (let i = 0; i < 5; i += 1) await register({ ...person, password: "short but counted" });
      const requestId = crypto.randomUUID();
      const refused = await register({ ...person }, { "X-Request-Id": requestId });
      expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
      expect((await frontCalls(requestId)).postgres).toHaveLength(0);
    }
  });

  it("takes bodies of at most 64 kB", async () => {
    expect((await register({ ...someone(), first_name: "x".repeat(70_000) })).status).toBe(413);
  });
});

describe("verify-email", () => {
  const registered = async (person = someone()): Promise<{ person: Someone; token: string }> => {
    expect((await register(person)).status).toBe(202);
    return { person, token: await mailedTokenTo(person.email, "verify_email") };
  };

  it("makes the company and its Admin, who signs in", async () => {
    const { person, token } = await registered();
    const answer = await verify(token);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    const signedIn = await login(person);
    expect(signedIn.status, signedIn.text).toBe(200);
    expect(signedIn.body.user).toMatchObject({
      group: "Admin",
      email_verified: true,
      first_name: "Sam",
      company: { name: "Acme" },
    });
    const { id, company } = signedIn.body.user;
    expect(company.id).not.toBe(platformCompanyId);
    const audited = await db.select().from(auditLog).where(eq(auditLog.companyId, company.id));
    expect(audited).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: "company.create", targetId: company.id, actorUserId: id }),
        expect.objectContaining({ action: "auth.verify_email", targetId: id, actorUserId: id }),
      ]),
    );
    expect(await pending(person.email)).toEqual([]);
  });

  it("of ten at once one wins; one company, one person", async () => {
    const { person, token } = await registered();
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      204,
      ...Array.from({ length: 9 }, () => 422),
    ]);
    const [made, ...more] = await peopleOf(person.email);
    expect(more).toEqual([]);
    expect(await db.select().from(companies).where(eq(companies.id, made!.companyId))).toHaveLength(1);
    expect((await verify(token)).body).toMatchObject({ code: "token_invalid", errors: [{ path: "token" }] });
  });

  it("a second registration voids the first one's token and counts instead of it", async () => {
    const { person, token } = await registered();
    const again = await registered({ ...person, company_name: "Globex" });
    expect((await verify(token)).status).toBe(422);
    expect((await verify(again.token)).status).toBe(204);
    expect((await login(person)).body.user.company.name).toBe("Globex");
  });

  it("is refused when the address has got an account meanwhile, and makes nothing", async () => {
    const { person, token } = await registered();
    await makePerson({ verified: false });
    const other = await makePerson();
    await db.update(users).set({ email: person.email }).where(eq(users.id, other.userId));
    const [{ id: targetId } = { id: "" }] = await pending(person.email);
    const answer = await verify(token);
    expect([answer.status, answer.body.code]).toEqual([409, "email_taken"]);
    expect(await refusalsOf(targetId)).toMatchObject([{ action: "auth.verify_email", reason: "email_taken" }]);
    expect(
      await db
        .select()
        .from(users)
        .where(and(eq(users.email, person.email), eq(users.group, "Admin"))),
    ).toEqual([]);
  });

  it("is over after 24 hours", async () => {
    const { person, token } = await registered();
    await db.update(registrations).set({ expiresAt: new Date() }).where(eq(registrations.email, person.email));
    expect((await verify(token)).status).toBe(422);
  });

  it.each([
    ["a flipped letter", (token: string) => token.replace(/.$/, (last) => (last === "A" ? "B" : "A"))],
    ["another purpose", (token: string) => token.replace("v1.", "i1.")],
    ["nothing", () => " "],
    ["garbage", () => "💥".repeat(50)],
  ])("refuses %s, and the token stays good", async (_what, change) => {
    const { token } = await registered();
    const answer = await verify(change(token));
    expect([answer.status, answer.body.code]).toEqual([422, "token_invalid"]);
    expect((await verify(token)).status).toBe(204);
  });

  it("writes a token that is not good down, in the platform's audit", async () => {
    const { person, token } = await registered();
    const [{ id: targetId } = { id: "" }] = await pending(person.email);
    await verify(token);
    await verify(token);
    expect(await refusalsOf(targetId)).toMatchObject([
      { companyId: platformCompanyId, action: "auth.verify_email", reason: "token_invalid", actorUserId: null },
    ]);
  });

  it("a GET uses nothing up", async () => {
    const { token } = await registered();
    const looked = await call(`/api/etter/auth/verify-email?token=${token}`);
    expect([looked.status, looked.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await verify(token)).status).toBe(204);
  });
});
