import { and, eq, inArray, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccountRepository } from "../../../../src/features/users/account-repository.drizzle.ts";
import { companies, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import type { Actor } from "../../../../src/shared/access.ts";
import type { AuditEntry } from "../../../../src/shared/audit.ts";
import { platformCompanyId, type CompanyId, type SessionId, type UserId } from "../../../../src/shared/ids.ts";
import { queueAtAccount } from "../../../support/workerd/account-queue.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makeCompany,
  makeMailedToken,
  makePerson,
  makeSession,
  sessionOf,
  superuserDatabase,
  testPassword,
  type Person,
} from "../../../support/workerd/factories.ts";
import { createScratchDatabase, type ScratchDatabase } from "../../../support/workerd/scratch-database.ts";

const base = "/api/etter/users";
const password = "another that nobody guesses";
const db = superuserDatabase();
const parallel = 20;
const times = <T>(make: (index: number) => T): T[] => Array.from({ length: parallel }, (_, index) => make(index));

const origin = { requestId: "test-race", ip: undefined, userAgent: undefined };
const auditBy = (actor: Actor, target: { id: UserId; companyId: CompanyId }): AuditEntry => ({
  id: crypto.randomUUID(),
  companyId: target.companyId,
  at: new Date(),
  actorUserId: actor.userId,
  action: "user.update",
  targetType: "user",
  targetId: target.id,
  outcome: "done",
  origin,
});

describe("twenty at once", { timeout: 60_000 }, () => {
  it("do not remove the last Admin of a company, whichever way each goes", async () => {
    const superAdmin = await makePerson({ group: "Super Admin" });
    const companyId = await makeCompany();
    const elsewhere = await makeCompany();
    const admins = await Promise.all(times(() => makePerson({ group: "Admin", companyId })));
    const ways: ((person: Person) => Parameters<typeof call>)[] = [
      ({ userId }) => [`${base}/${userId}`, { method: "DELETE", as: superAdmin }],
      ({ userId }) => [`${base}/${userId}`, { method: "PATCH", body: { is_active: false }, as: superAdmin }],
      ({ userId }) => [`${base}/${userId}`, { method: "PATCH", body: { group: "Reviewer" }, as: superAdmin }],
      ({ userId }) => [`${base}/${userId}`, { method: "PATCH", body: { company_id: elsewhere }, as: superAdmin }],
    ];
    const answers = await Promise.all(admins.map((admin, i) => call(...ways[i % ways.length]!(admin))));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200 || status === 204)).toHaveLength(parallel - 1);
    expect(answers.filter(({ body }) => body?.code === "last_admin")).toHaveLength(1);
    const left = await db
      .select()
      .from(users)
      .where(and(eq(users.companyId, companyId), eq(users.group, "Admin"), eq(users.isActive, true)));
    expect(left).toHaveLength(1);
  });

  it("do not remove each other: of two Admins, each against the other, one is left", async () => {
    const companyId = await makeCompany();
    const [one, two] = await Promise.all([
      makePerson({ group: "Admin", companyId }),
      makePerson({ group: "Admin", companyId }),
    ]);
    for (const person of [one, two]) await makeSession(person);
    const answers = await Promise.all(
      times((i) =>
        call(`${base}/${(i % 2 === 0 ? one : two).userId}`, { method: "DELETE", as: i % 2 === 0 ? two : one }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const left = await db
      .select()
      .from(users)
      .where(and(eq(users.companyId, companyId), isNull(users.deletedAt)));
    expect(left).toHaveLength(1);
  });

  it("delete, demote, rename and deactivate one account: gone once, and nothing of it lives", async () => {
    const admin = await makePerson({ group: "Admin" });
    for (let round = 0; round < 3; round += 1) {
      const person = await makePerson({ companyId: admin.companyId });
      await makeSession(person);
      const path = `${base}/${person.userId}`;
      const answers = await Promise.all(
        times((i) =>
          i % 4 === 0
            ? call(path, { method: "DELETE", as: admin })
            : call(path, {
                method: "PATCH",
                body: [
                  { group: i % 8 < 4 ? "Reviewer" : "Researcher" },
                  { first_name: `Kim ${i}` },
                  { is_active: i % 8 < 4 },
                ][(i % 4) - 1],
                as: admin,
              }),
        ),
      );
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      expect(answers.filter(({ status }) => ![200, 204, 404].includes(status))).toEqual([]);
      const [row] = await db.select().from(users).where(eq(users.id, person.userId));
      expect(row).toMatchObject({ isActive: false, passwordHash: null });
      expect(row!.deletedAt).not.toBeNull();
      const live = await db
        .select()
        .from(sessions)
        .where(and(eq(sessions.userId, person.userId), isNull(sessions.endedAt)));
      expect(live).toEqual([]);
    }
  });

  it("sign in while the account is deactivated: no session is left", async () => {
    const admin = await makePerson({ group: "Admin" });
    const person = await makePerson({ companyId: admin.companyId });
    const logins = times(() =>
      call("/api/etter/auth/login", { body: { email: person.email, password: testPassword } }),
    );
    await Promise.race(logins);
    const answer = await call(`${base}/${person.userId}`, { method: "PATCH", body: { is_active: false }, as: admin });
    expect(answer.status, answer.text).toBe(200);
    await Promise.all(logins);
    const live = await db
      .select()
      .from(sessions)
      .where(and(eq(sessions.userId, person.userId), isNull(sessions.endedAt)));
    expect(live).toEqual([]);
  });
});

describe("queued at one account", { timeout: 30_000 }, () => {
  let admin: Person;
  const deactivate = ({ userId }: Person) =>
    call(`${base}/${userId}`, { method: "PATCH", body: { is_active: false }, as: admin });
  beforeAll(async () => {
    admin = await makePerson({ group: "Admin" });
    await sessionOf(admin);
  });

  it("a sign-in, then its deactivation: no session is left", async () => {
    const person = await makePerson({ companyId: admin.companyId });
    const [signedIn, deactivated] = await queueAtAccount(person, [
      () => call("/api/etter/auth/login", { body: { email: person.email, password: testPassword } }),
      () => deactivate(person),
    ]);
    expect([signedIn!.status, deactivated!.status]).toEqual([200, 200]);
    const made = await db.select().from(sessions).where(eq(sessions.userId, person.userId));
    expect(made.map(({ endReason }) => endReason)).toEqual(["deactivated"]);
  });

  it.each([
    [
      "acceptance of its invitation",
      "invite",
      "invitations/accept",
      { password, first_name: "Kim", last_name: "Late" },
    ],
    ["reset of its password", "reset", "password/reset", { new_password: password }],
  ] as const)(
    "its deactivation, then the %s: no deadlock, and the token is void",
    async (_what, purpose, path, body) => {
      const person = await makePerson({ companyId: admin.companyId, verified: purpose === "reset" });
      const token = await makeMailedToken(person, purpose);
      const [deactivated, used] = await queueAtAccount(person, [
        () => deactivate(person),
        () => call(`/api/etter/auth/${path}`, { body: { ...body, token } }),
      ]);
      expect(deactivated!.status, deactivated!.text).toBe(200);
      expect([used!.status, used!.body.code]).toEqual([422, "token_invalid"]);
    },
  );
});

describe("the last Super Admin", () => {
  let scratch: ScratchDatabase;
  beforeAll(async () => {
    scratch = await createScratchDatabase("migrated");
  });
  afterAll(() => scratch.drop());

  it("is not removed by twenty at once, in a deployment of their own", { timeout: 60_000 }, async () => {
    const own = superuserDatabase(scratch.appUrl);
    const at = new Date();
    const actors: Actor[] = times(() => ({
      userId: crypto.randomUUID() as UserId,
      companyId: platformCompanyId,
      sessionId: crypto.randomUUID() as SessionId,
      group: "Super Admin",
    }));
    const tenant = { id: crypto.randomUUID() as CompanyId, name: "Acme", createdAt: at, updatedAt: at };
    await own.insert(companies).values(tenant);
    await own.insert(users).values(
      actors.map(({ userId: id, companyId, group }) => ({
        ...{ id, companyId, group, email: `${id}@example.com` },
        ...{ emailVerifiedAt: at, createdAt: at, updatedAt: at },
      })),
    );
    await own.insert(sessions).values(
      actors.map(({ userId, companyId, sessionId: id }) => ({
        ...{ id, companyId, userId, familyDigest: new Uint8Array(32), refreshDigest: new Uint8Array(32) },
        ...{ createdAt: at, lastUsedAt: at, expiresAt: new Date(at.getTime() + 60_000) },
      })),
    );
    const accounts = createAccountRepository(appDatabase(scratch.appUrl));
    // Each against themselves, so that nobody loses the session they act by before they act.
    const outcomes = await Promise.all(
      actors.map(async (actor, i) => {
        const target = { id: actor.userId, companyId: actor.companyId };
        const audit = auditBy(actor, target);
        if (i % 3 === 0) return accounts.remove(actor, target, audit);
        if (i % 3 === 1) return accounts.change(actor, target, { isActive: false }, audit);
        const audits = { out: audit, in: { ...auditBy(actor, target), companyId: tenant.id } };
        return accounts.move(actor, target, tenant.id, { group: "Admin" }, audits);
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "last_keeper")).toHaveLength(1);
    expect(outcomes.filter((outcome) => typeof outcome !== "string")).toHaveLength(parallel - 1);
    const left = await own
      .select()
      .from(users)
      .where(and(eq(users.companyId, platformCompanyId), inArray(users.isActive, [true])));
    expect(left).toHaveLength(1);
  });
});
