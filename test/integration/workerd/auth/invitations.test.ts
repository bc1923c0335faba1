import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLog, mailedTokens, users } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { formatMailedToken } from "../../../../src/shared/mailed-token.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  makeMailedToken,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";

const password = "a sentence only you know";
const db = superuserDatabase();
let person: Person;
let token: string;

/** An account as an invitation leaves it, and the token in its mail. */
async function invite(companyId?: Person["companyId"]): Promise<{ person: Person; token: string }> {
  const invited = await makePerson({ verified: false, group: "Reviewer", ...(companyId ? { companyId } : {}) });
  await db.update(users).set({ passwordHash: null, firstName: "", lastName: "" }).where(eq(users.id, invited.userId));
  return { person: invited, token: await makeMailedToken(invited, "invite") };
}

beforeEach(async () => {
  ({ person, token } = await invite());
});

const accept = (change: object = {}) =>
  call("/api/etter/auth/invitations/accept", {
    body: { token, password, first_name: "Robin", last_name: "Invited", ...change },
  });
const auditOf = ({ userId }: Person) => db.select().from(auditLog).where(eq(auditLog.targetId, userId));
const login = () => call("/api/etter/auth/login", { body: { email: person.email, password } });

describe("accepting an invitation", () => {
  it("makes an account that signs in, in the group and company of the invitation", async () => {
    expect((await login()).status).toBe(401);
    const answer = await accept();
    expect([answer.status, answer.text]).toEqual([204, ""]);
    const { status, body } = await login();
    expect([status, body.user]).toMatchObject([
      200,
      {
        id: person.userId,
        group: "Reviewer",
        first_name: "Robin",
        email_verified: true,
        company: { id: person.companyId },
      },
    ]);
    expect(await auditOf(person)).toMatchObject([
      { action: "auth.accept_invitation", outcome: "done", actorUserId: person.userId },
    ]);
  });

  it("of ten at once one wins", { timeout: 60_000 }, async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept()));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      204,
      ...Array.from({ length: 9 }, () => 422),
    ]);
    expect((await accept()).body.code).toBe("token_invalid");
    const refused = (await auditOf(person)).filter(({ outcome }) => outcome === "refused");
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({ action: "auth.accept_invitation", reason: "token_invalid", actorUserId: null });
  });

  it.each([
    { group: "Admin" },
    { company_id: crypto.randomUUID() },
    { email: "me@example.com" },
    { is_active: true },
    { company: {} },
  ])("takes no %j", async (change) => {
    expect((await accept(change)).status).toBe(422);
    expect((await accept()).status).toBe(204);
  });

  it.each([
    ["a weak password", { password: "passwordpassword" }],
    ["the company's name as a password", { password: "acmeacmeacme-1" }],
    ["a short one", { password: "short" }],
  ])("refuses %s and does not use the token up", async (_what, change) => {
    expect((await accept(change)).body.errors).toMatchObject([{ path: "password" }]);
    expect((await accept()).status).toBe(204);
  });

  it("is refused when the address has an account elsewhere, and leaves both as they were", async () => {
    const elsewhere = await makePerson();
    await db.update(users).set({ email: person.email }).where(eq(users.id, elsewhere.userId));
    const answer = await accept();
    expect([answer.status, answer.body.code]).toEqual([409, "email_taken"]);
    expect(await auditOf(person)).toMatchObject([{ companyId: platformCompanyId, reason: "email_taken" }]);
    const [unchanged] = await db.select().from(users).where(eq(users.id, person.userId));
    expect(unchanged).toMatchObject({ passwordHash: null, emailVerifiedAt: null, passwordVersion: 1 });
    // The other account gone, the same invitation is good.
    await db.update(users).set({ deletedAt: new Date() }).where(eq(users.id, elsewhere.userId));
    expect((await accept()).status).toBe(204);
  });

  it("refused for that reason looks to the inviting Admin like one refused for its token, or like none", async () => {
    const tries: ((invitation: Awaited<ReturnType<typeof invite>>) => Promise<unknown>)[] = [
      async (invitation) => {
        const elsewhere = await makePerson();
        await db.update(users).set({ email: invitation.person.email }).where(eq(users.id, elsewhere.userId));
        expect((await accept({ token: invitation.token })).body.code).toBe("email_taken");
      },
      async ({ person: { companyId, userId: subjectId } }) => {
        const wrong = formatMailedToken("invite", { companyId, subjectId, secret: new Uint8Array(32) });
        expect((await accept({ token: wrong })).body.code).toBe("token_invalid");
      },
      async () => undefined,
    ];
    const looks: unknown[] = [];
    for (const attempt of tries) {
      const as = await makePerson({ group: "Admin" });
      await sessionOf(as);
      const invitation = await invite(as.companyId);
      await attempt(invitation);
      const account = await call(`/api/etter/users/${invitation.person.userId}`, { as });
      const own = { id: "", email: "", username: "", company: {}, created_at: "" };
      looks.push([(await call("/api/etter/audit", { as })).body, account.status, { ...account.body, ...own }]);
    }
    expect(looks).toEqual([looks[2], looks[2], looks[2]]);
  });

  it("two companies invite one address: the first to be accepted has it", async () => {
    const second = await invite();
    await db.update(users).set({ email: person.email }).where(eq(users.id, second.person.userId));
    const answers = await Promise.all([accept(), accept({ token: second.token })]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409]);
    expect((await login()).status).toBe(200);
  });

  it.each([
    ["deactivated", { isActive: false }],
    ["deleted", { deletedAt: new Date() }],
  ])("is refused once the person was %s", async (_what, change) => {
    await db.update(users).set(change).where(eq(users.id, person.userId));
    expect((await accept()).body.code).toBe("token_invalid");
  });

  it("is refused after 72 hours", async () => {
    await db.update(mailedTokens).set({ expiresAt: new Date() }).where(eq(mailedTokens.userId, person.userId));
    expect((await accept()).body.code).toBe("token_invalid");
  });

  it("is counted by invitation and by network", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 21; i += 1) statuses.push((await accept({ password: "passwordpassword" })).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 422), 429]);
  });
});
