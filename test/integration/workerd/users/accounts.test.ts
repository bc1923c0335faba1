import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccountRepository } from "../../../../src/features/users/account-repository.drizzle.ts";
import { auditLog, mailedTokens, sessions, users } from "../../../../src/platform/db/schema/index.ts";
import { groups } from "../../../../src/shared/access.ts";
import type { AuditEntry } from "../../../../src/shared/audit.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls, type Answer } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makePerson,
  makeSession,
  sessionOf,
  superuserDatabase,
  testPassword,
  type Person,
} from "../../../support/workerd/factories.ts";
import { upstash } from "../../../support/workerd/front-clients.ts";

const base = "/api/etter/users";
const db = superuserDatabase();
const redis = upstash();
let admin: Person;
let colleague: Person;
let superAdmin: Person;
beforeEach(async () => {
  admin = await makePerson({ group: "Admin" });
  [colleague, superAdmin] = await Promise.all([
    makePerson({ companyId: admin.companyId, group: "Researcher" }),
    makePerson({ group: "Super Admin" }),
  ]);
});

const patch = (id: string, body: object, as: Person = admin) => call(`${base}/${id}`, { method: "PATCH", body, as });
const remove = (id: string, as: Person = admin) => call(`${base}/${id}`, { method: "DELETE", as });
const revoke = (id: string, as: Person = admin) => call(`${base}/${id}/sessions/revoke`, { method: "POST", as });
const statusOf = async ({ accessToken }: { accessToken: string }) =>
  (await call("/api/etter/users/me", { headers: { Authorization: `Bearer ${accessToken}` } })).status;
const rowOf = async ({ userId }: Pick<Person, "userId">) =>
  (await db.select().from(users).where(eq(users.id, userId)))[0]!;
const auditOf = (target: string, action: string) =>
  db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, target), eq(auditLog.action, action)));
const login = ({ email }: Person) => call("/api/etter/auth/login", { body: { email, password: testPassword } });

describe("somebody's account", () => {
  it("is shown to an Admin of the company, in any spelling of the id, and to a Super Admin, who leaves a line", async () => {
    for (const id of [colleague.userId, colleague.userId.toUpperCase()]) {
      const answer = await call(`${base}/${id}`, { as: admin });
      expect(answer.body).toMatchObject({ id: colleague.userId, email: colleague.email, group: "Researcher" });
    }
    expect((await call(`${base}/${colleague.userId}`, { as: superAdmin })).status).toBe(200);
    expect(await auditOf(colleague.userId, "across.read")).toMatchObject([
      { companyId: platformCompanyId, actorUserId: superAdmin.userId },
    ]);
  });

  it("of another company, of the platform, deleted and unknown look the same, whatever is tried", async () => {
    const stranger = await makePerson();
    const gone = await makePerson({ companyId: admin.companyId });
    expect((await remove(gone.userId)).status).toBe(204);
    const tries = [
      (id: string) => call(`${base}/${id}`, { as: admin }),
      (id: string) => patch(id, { first_name: "Mine" }),
      (id: string) => patch(id, { is_active: false }),
      (id: string) => patch(id, { group: "Reviewer" }),
      (id: string) => remove(id),
      (id: string) => revoke(id),
      (id: string) => call(`${base}/${id}/invitation`, { method: "POST", as: admin }),
    ];
    const look = ({ status, text, headers }: Answer, id: string) => [
      status,
      text.replaceAll(id, "an id").replace(/"request_id":"[^"]+"/, ""),
      [...headers.keys()],
    ];
    for (const attempt of tries) {
      const unknown = crypto.randomUUID();
      const expected = look(await attempt(unknown), unknown);
      expect(expected[0]).toBe(404);
      for (const { userId } of [stranger, superAdmin, gone])
        expect(look(await attempt(userId), userId)).toEqual(expected);
    }
    expect(await rowOf(stranger)).toMatchObject({ firstName: "Robin", isActive: true, group: "Researcher" });
  });
});

describe("a change", () => {
  it("of the names is audited with old and new, and ends no session", async () => {
    const session = await makeSession(colleague);
    const answer = await patch(colleague.userId, { first_name: "Kim", last_name: "Example" });
    expect([answer.status, answer.body.first_name]).toEqual([200, "Kim"]);
    expect(await statusOf(session)).toBe(200);
    // The last name was that already: nothing to tell of it.
    expect(
      (await auditOf(colleague.userId, "user.update")).map(({ changes, actorUserId }) => [changes, actorUserId]),
    ).toEqual([[{ first_name: { old: "Robin", new: "Kim" } }, admin.userId]]);
    await patch(colleague.userId, { first_name: "Kim" });
    expect((await patch(colleague.userId, {})).body.first_name).toBe("Kim");
    expect(await auditOf(colleague.userId, "user.update")).toHaveLength(1);
  });

  it.each([
    ["a new group", { group: "Reviewer" }, "group_changed", { group: { old: "Researcher", new: "Reviewer" } }],
    ["deactivation", { is_active: false }, "deactivated", { is_active: { old: true, new: false } }],
  ])("%s ends all sessions on the very next call, for streams too", async (_what, body, endReason, changes) => {
    const all = [await makeSession(colleague), await makeSession(colleague)];
    expect(await Promise.all(all.map(statusOf))).toEqual([200, 200]);
    for (const { sessionId } of all) await redis.set(`session:${sessionId}`, "live", { ex: 30 });
    const answer = await patch(colleague.userId, body);
    expect(answer.status, answer.text).toBe(200);
    expect(await Promise.all(all.map(statusOf))).toEqual([401, 401]);
    for (const { sessionId } of all) expect(await redis.get(`session:${sessionId}`)).toBe("dead");
    expect(await redis.get(`session-user:${colleague.userId}`)).toBe("ask");
    const rows = await db.select().from(sessions).where(eq(sessions.userId, colleague.userId));
    expect(new Set(rows.map((row) => row.endReason))).toEqual(new Set([endReason]));
    expect(await auditOf(colleague.userId, "user.update")).toMatchObject([{ changes }]);
  });

  it("to the group that is there already ends nothing and tells nothing", async () => {
    const session = await makeSession(colleague);
    expect((await patch(colleague.userId, { group: "Researcher", is_active: true })).status).toBe(200);
    expect(await statusOf(session)).toBe(200);
    expect(await auditOf(colleague.userId, "user.update")).toEqual([]);
  });

  it("deactivation stops signing in and voids what was mailed; activation lets in again, with the same password", async () => {
    await call("/api/etter/auth/password/forgot", { body: { email: colleague.email } });
    expect((await patch(colleague.userId, { is_active: false })).body.is_active).toBe(false);
    expect(await db.select().from(mailedTokens).where(eq(mailedTokens.userId, colleague.userId))).toEqual([]);
    expect((await login(colleague)).status).toBe(401);
    expect((await patch(colleague.userId, { is_active: true })).body.is_active).toBe(true);
    expect((await login(colleague)).status).toBe(200);
  });

  it.each([
    "email",
    "id",
    "password",
    "password_hash",
    "email_verified",
    "image_url",
    "theme_config",
    "deleted_at",
    "company",
  ])("takes no %s", async (field) => {
    const answer = await patch(colleague.userId, { first_name: "Kim", [field]: null });
    expect([answer.status, answer.body.errors]).toEqual([422, [{ path: field, message: "is not a known field" }]]);
    expect((await rowOf(colleague)).firstName).toBe("Robin");
  });

  it("takes one round trip, three where sessions may end, one more for a Super Admin's look beside the first", async () => {
    for (const as of [admin, superAdmin]) await sessionOf(as);
    const more = { [admin.userId]: 0, [superAdmin.userId]: 1 };
    for (const as of [admin, superAdmin])
      for (const [body, postgres, redisCalls] of [
        [{ first_name: crypto.randomUUID() }, 1, 0],
        [{ group: as === admin ? "Reviewer" : "Researcher" }, 1, 1],
      ] as const) {
        const requestId = crypto.randomUUID();
        const answer = await call(`${base}/${colleague.userId}`, {
          method: "PATCH",
          body,
          as,
          headers: { "X-Request-Id": requestId },
        });
        expect(answer.status, answer.text).toBe(200);
        const seen = await frontCalls(requestId);
        expect([seen.postgres.length, seen.redis.length]).toEqual([postgres + more[as.userId]!, redisCalls]);
      }
  });
});

describe("the ceiling", () => {
  it("nobody grants a group above their own, and the refusal is written down", async () => {
    const answer = await patch(colleague.userId, { group: "Super Admin" });
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    expect((await rowOf(colleague)).group).toBe("Researcher");
    expect(await auditOf(colleague.userId, "user.update")).toMatchObject([
      { outcome: "refused", reason: "group_above_own", actorUserId: admin.userId },
    ]);
    expect((await patch(colleague.userId, { group: "Admin" })).status).toBe(200);
  });

  it("nobody changes their own group, up or down; saying the present one is no change", async () => {
    await makePerson({ group: "Admin", companyId: admin.companyId });
    for (const group of groups.filter((other) => other !== "Admin"))
      expect((await patch(admin.userId, { group })).status).toBe(403);
    expect((await patch(admin.userId, { group: "Admin", first_name: "Kim" })).body.first_name).toBe("Kim");
    for (const body of [{ group: "Admin", company_id: admin.companyId }, { group: "Admin" }])
      expect((await patch(superAdmin.userId, body, superAdmin)).status).toBe(403);
    expect(await auditOf(admin.userId, "user.update")).toHaveLength(5);
  });

  it("holds by any path: Postgres looks at whom it is about as well", async () => {
    const accounts = createAccountRepository(appDatabase());
    const reviewer = { ...colleague, group: "Reviewer" as const, sessionId: (await makeSession(colleague)).sessionId };
    const target = { id: admin.userId, companyId: admin.companyId };
    const audit: AuditEntry = {
      id: crypto.randomUUID(),
      companyId: admin.companyId,
      at: new Date(),
      actorUserId: colleague.userId,
      action: "user.update",
      targetType: "user",
      targetId: admin.userId,
      outcome: "done",
      origin: { requestId: "test", ip: undefined, userAgent: undefined },
    };
    expect(await accounts.change(reviewer, target, { firstName: "Mallory" }, audit)).toBe("group_above_own");
    expect(await accounts.remove(reviewer, target, audit)).toBe("group_above_own");
    expect(await accounts.endSessions(reviewer, target, audit)).toBe("group_above_own");
    expect(await rowOf(admin)).toMatchObject({ firstName: "Robin", deletedAt: null });
    expect(await auditOf(admin.userId, "user.update")).toEqual([]);
  });

  it("a Super Admin's wish must fit the company: none in a tenant, nobody else on the platform", async () => {
    const other = await makePerson({ group: "Super Admin" });
    for (const [id, body] of [
      [colleague.userId, { group: "Super Admin" }],
      [colleague.userId, { company_id: platformCompanyId }],
      [other.userId, { group: "Admin" }],
      [other.userId, { company_id: admin.companyId }],
    ] as const) {
      const answer = await patch(id, body, superAdmin);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "group"]);
    }
  });

  it("moving people is a Super Admin's, whether the company exists or not", async () => {
    for (const company_id of [platformCompanyId, crypto.randomUUID()]) {
      const answer = await patch(colleague.userId, { company_id });
      expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    }
    expect((await patch(colleague.userId, { company_id: admin.companyId, first_name: "Kim" })).body.first_name).toBe(
      "Kim",
    );
  });
});

describe("the last Admin", () => {
  it("cannot be demoted, deactivated, moved or deleted, by themselves or a Super Admin; refusals are written down", async () => {
    const elsewhere = await makePerson({ group: "Admin" });
    // Not yet accepted, or not active: they let nobody in.
    await makePerson({ companyId: admin.companyId, group: "Admin", verified: false });
    await makePerson({ companyId: admin.companyId, group: "Admin", isActive: false });
    const session = await makeSession(admin);
    const tries = [
      () => patch(admin.userId, { is_active: false }),
      () => remove(admin.userId),
      () => patch(admin.userId, { group: "Reviewer" }, superAdmin),
      () => patch(admin.userId, { is_active: false }, superAdmin),
      () => patch(admin.userId, { company_id: elsewhere.companyId }, superAdmin),
      () => remove(admin.userId, superAdmin),
    ];
    for (const attempt of tries) {
      const answer = await attempt();
      expect([answer.status, answer.body.code], answer.text).toEqual([409, "last_admin"]);
    }
    expect(await statusOf(session)).toBe(200);
    expect(await rowOf(admin)).toMatchObject({ group: "Admin", isActive: true, deletedAt: null });
    const refused = [
      ...(await auditOf(admin.userId, "user.update")),
      ...(await auditOf(admin.userId, "user.delete")),
      ...(await auditOf(admin.userId, "user.move_out")),
    ];
    expect(refused.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(
      tries.map(() => "refused last_keeper"),
    );
  });

  it("may go once there is another; whoever is left may not", async () => {
    const second = await makePerson({ companyId: admin.companyId, group: "Admin" });
    expect((await remove(admin.userId)).status).toBe(204);
    expect((await remove(second.userId, second)).body.code).toBe("last_admin");
  });

  it("may have their sessions ended, and changes their own names", async () => {
    expect((await patch(admin.userId, { first_name: "Kim" })).status).toBe(200);
    expect((await revoke(admin.userId)).status).toBe(204);
  });
});

describe("deleting", () => {
  it("hides, ends sessions, voids what was mailed, forgets the password, and frees the address", async () => {
    const session = await makeSession(colleague);
    await call("/api/etter/auth/password/forgot", { body: { email: colleague.email } });
    const answer = await remove(colleague.userId);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await statusOf(session)).toBe(401);
    expect((await call(`${base}/${colleague.userId}`, { as: admin })).status).toBe(404);
    expect((await remove(colleague.userId)).status).toBe(404);
    const list = await call(`${base}?email=${colleague.email}`, { as: admin });
    expect(list.body.items).toEqual([]);
    expect((await login(colleague)).status).toBe(401);
    expect(await db.select().from(mailedTokens).where(eq(mailedTokens.userId, colleague.userId))).toEqual([]);
    expect(await rowOf(colleague)).toMatchObject({ isActive: false, passwordHash: null });
    expect((await rowOf(colleague)).deletedAt).not.toBeNull();
    expect(await auditOf(colleague.userId, "user.delete")).toMatchObject([
      {
        actorUserId: admin.userId,
        changes: { email: { old: colleague.email, new: null }, group: { old: "Researcher", new: null } },
      },
    ]);
    expect((await call(base, { body: { email: colleague.email, group: "Reviewer" }, as: admin })).status).toBe(201);
  });
});

describe("ending sessions", () => {
  it("ends all of them, tells how many, and lets sign in again", async () => {
    const all = [await makeSession(colleague), await makeSession(colleague)];
    const answer = await revoke(colleague.userId);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await Promise.all(all.map(statusOf))).toEqual([401, 401]);
    expect(await auditOf(colleague.userId, "user.sessions_revoke")).toMatchObject([{ changes: { sessions: 2 } }]);
    expect((await login(colleague)).status).toBe(200);
    expect((await revoke(colleague.userId, superAdmin)).status).toBe(204);
  });
});

it("whoever may not touch people is refused everything but the own profile", async () => {
  for (const group of ["Researcher", "Reviewer", "Etter Generator"] as const) {
    const as = await makePerson({ group, companyId: admin.companyId });
    const tries = [
      call(base, { as }),
      call(base, { body: { email: "a@example.com", group: "Reviewer" }, as }),
      call(`${base}/${as.userId}`, { as }),
      patch(as.userId, { group: "Admin" }, as),
      remove(admin.userId, as),
    ];
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await call(`${base}/me`, { as })).status).toBe(200);
  }
});
