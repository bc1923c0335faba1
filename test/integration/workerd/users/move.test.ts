import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import {
  auditLog,
  documents,
  mailedTokens,
  sessions,
  simulations,
  users,
} from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId, type CompanyId } from "../../../../src/shared/ids.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makeCompany,
  makePerson,
  makeSession,
  superuserDatabase,
  testPassword,
  type Person,
} from "../../../support/workerd/factories.ts";
import { mailedTokenTo } from "../../../support/workerd/mailbox.ts";
import { smallSimulation } from "../../../support/workerd/simulations.ts";
import { upload } from "../../../support/workerd/uploads.ts";

const base = "/api/etter/users";
const db = superuserDatabase();
let admin: Person;
let mover: Person;
let superAdmin: Person;
let there: Person;
beforeEach(async () => {
  admin = await makePerson({ group: "Admin" });
  [mover, superAdmin, there] = await Promise.all([
    makePerson({ companyId: admin.companyId }),
    makePerson({ group: "Super Admin" }),
    makePerson({ group: "Admin" }),
  ]);
});

const move = (id: string, company_id: CompanyId, more: object = {}) =>
  call(`${base}/${id}`, { method: "PATCH", body: { company_id, ...more }, as: superAdmin });
const rowsOf = (id: string) => db.select().from(users).where(eq(users.id, id));
const liveRow = async (id: string) => (await rowsOf(id)).find(({ deletedAt }) => deletedAt === null)!;
const auditOf = (action: string) =>
  db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, mover.userId), eq(auditLog.action, action)));
const login = ({ email }: Person, password = testPassword) =>
  call("/api/etter/auth/login", { body: { email, password } });

describe("a move to another company", () => {
  it("keeps id, address, password, names and times, and takes the other fields of the request along", async () => {
    const before = await liveRow(mover.userId);
    const answer = await move(mover.userId, there.companyId, { group: "Reviewer", first_name: "Kim" });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({
      id: mover.userId,
      email: mover.email,
      group: "Reviewer",
      first_name: "Kim",
      last_name: "Example",
      is_active: true,
      email_verified: true,
      company: { id: there.companyId },
      created_at: before.createdAt.toISOString(),
    });
    const { body } = await login(mover);
    expect(body.user).toMatchObject({ id: mover.userId, group: "Reviewer", company: { id: there.companyId } });
    expect((await call(`${base}/${mover.userId}`, { as: there })).status).toBe(200);
    expect((await call(`${base}/${mover.userId}`, { as: admin })).status).toBe(404);
  });

  it("ends all sessions, tokens of both kinds included, and voids what was mailed", async () => {
    const signedIn = await login(mover);
    const bearer = { Authorization: `Bearer ${signedIn.body.access_token}` };
    await call("/api/etter/auth/password/forgot", { body: { email: mover.email } });
    const reset = await mailedTokenTo(mover.email, "password_reset");
    await move(mover.userId, there.companyId);
    expect((await call(`${base}/me`, { headers: bearer })).status).toBe(401);
    const refresh = { refresh_token: signedIn.body.refresh_token };
    expect((await call("/api/etter/auth/refresh", { body: refresh })).status).toBe(401);
    const rows = await db.select().from(sessions).where(eq(sessions.userId, mover.userId));
    expect(rows.map(({ endReason }) => endReason)).toEqual(["company_moved"]);
    expect(await db.select().from(mailedTokens).where(eq(mailedTokens.userId, mover.userId))).toEqual([]);
    const late = { token: reset, new_password: "another that nobody guesses" };
    expect((await call("/api/etter/auth/password/reset", { body: late })).body.code).toBe("token_invalid");
  });

  it("leaves what was made with the old company: readable there, with a creator that can be shown, and nowhere else", async () => {
    const run = await call("/api/etter/simulation/v1", {
      body: smallSimulation,
      as: mover,
      headers: { Prefer: "wait=20", "Idempotency-Key": crypto.randomUUID() },
    });
    const runPath = `/api/etter/simulation/v1/${run.body.id}`;
    const role = `Keeper of ${crypto.randomUUID()}`;
    await call(`/api/etter/simulation/v1/roles/${role}`, {
      method: "PUT",
      body: { workloads: [{ Name: "Keep", Type: "Auto", Skill: 0.5, Time: 1 }] },
      as: mover,
    });
    const document = await upload(mover);
    expect((await move(mover.userId, there.companyId)).status).toBe(200);

    const seen = await call(runPath, { as: admin });
    expect([seen.status, seen.body.created_by, seen.body.results.length]).toEqual([200, mover.userId, 13]);
    expect((await call(`/api/etter/simulation/v1/roles/${role}`, { as: admin })).body.source).toBe("company");
    const kept = await call(`/api/etter/s3/documents/${document.id}`, { as: admin });
    expect([kept.status, kept.body.created_by]).toEqual([200, mover.userId]);
    const { body: audit } = await call(`/api/etter/audit?action=simulation.create&target=${run.body.id}`, {
      as: admin,
    });
    expect(audit.items).toMatchObject([{ actor: { id: mover.userId, email: mover.email } }]);

    // Both locks: the creator's row is there in the old company's own context.
    const [[creator]] = await appDatabase().batch({ kind: "company", companyId: admin.companyId }, (context) => [
      context
        .select({ email: users.email, firstName: users.firstName })
        .from(simulations)
        .innerJoin(users, and(eq(users.companyId, simulations.companyId), eq(users.id, simulations.createdBy)))
        .where(eq(simulations.id, (run.body.id as string).slice(4))),
    ]);
    expect(creator).toEqual({ email: mover.email, firstName: "Robin" });
    const [row] = await db.select().from(documents).where(eq(documents.id, document.id));
    expect(row).toMatchObject({ companyId: admin.companyId, createdBy: mover.userId });

    const { body } = await login(mover);
    const headers = { Authorization: `Bearer ${body.access_token}` };
    for (const path of [runPath, `/api/etter/s3/documents/${document.id}`])
      expect((await call(path, { headers })).status).toBe(404);
    expect((await call("/api/etter/simulation/v1", { headers })).body.items).toEqual([]);
  });

  it("is told to both companies, to neither about the other", async () => {
    await move(mover.userId, there.companyId, { group: "Reviewer", first_name: "Kim", is_active: false });
    const [out] = await auditOf("user.move_out");
    const [into] = await auditOf("user.move_in");
    expect([out, into]).toMatchObject([
      { companyId: admin.companyId, actorUserId: superAdmin.userId, outcome: "done" },
      { companyId: there.companyId, actorUserId: superAdmin.userId, outcome: "done" },
    ]);
    expect(out!.changes).toEqual({
      email: { old: mover.email, new: null },
      group: { old: "Researcher", new: null },
    });
    expect(into!.changes).toEqual({
      email: { old: null, new: mover.email },
      group: { old: null, new: "Reviewer" },
      first_name: { old: null, new: "Kim" },
      last_name: { old: null, new: "Example" },
      is_active: { old: null, new: false },
    });
  });

  it("and back opens the old account again: one live row, two in all", async () => {
    await move(mover.userId, there.companyId, { first_name: "Kim" });
    const back = await move(mover.userId, admin.companyId);
    expect([back.status, back.body.first_name, back.body.company?.id]).toEqual([200, "Kim", admin.companyId]);
    const rows = await rowsOf(mover.userId);
    expect(
      rows.map(({ companyId, deletedAt, passwordHash }) => [companyId, deletedAt === null, passwordHash === null]),
    ).toEqual(
      expect.arrayContaining([
        [admin.companyId, true, false],
        [there.companyId, false, true],
      ]),
    );
    expect(rows).toHaveLength(2);
    expect((await login(mover)).status).toBe(200);
    expect((await move(mover.userId, there.companyId)).status).toBe(200);
    expect(await rowsOf(mover.userId)).toHaveLength(2);
  });

  it("frees the address in the old company; there it is invited like any other that is taken elsewhere", async () => {
    await move(mover.userId, there.companyId);
    const invited = await call(base, { body: { email: mover.email, group: "Reviewer" }, as: admin });
    expect([invited.status, invited.body.id === mover.userId]).toEqual([201, false]);
    // And so nobody can be moved to where the address is taken.
    const answer = await move(mover.userId, admin.companyId);
    expect([answer.status, answer.body.code]).toEqual([409, "email_taken"]);
    expect((await liveRow(mover.userId)).companyId).toBe(there.companyId);
    expect((await login(mover)).status).toBe(200);
  });

  it("to no company changes nothing", async () => {
    const session = await makeSession(mover);
    const answer = await move(mover.userId, crypto.randomUUID() as CompanyId);
    expect([answer.status, answer.body.errors]).toEqual([422, [{ path: "company_id", message: "is no company" }]]);
    const headers = { Authorization: `Bearer ${session.accessToken}` };
    expect((await call(`${base}/me`, { headers })).status).toBe(200);
    expect(await rowsOf(mover.userId)).toHaveLength(1);
  });

  it("voids an invitation, which can be sent again in the new company", async () => {
    const pending = await call(base, {
      body: { email: `${crypto.randomUUID()}@example.com`, group: "Reviewer" },
      as: admin,
    });
    const token = await mailedTokenTo(pending.body.email, "invitation");
    expect((await move(pending.body.id, there.companyId)).body.email_verified).toBe(false);
    const accept = (sent: string) =>
      call("/api/etter/auth/invitations/accept", {
        body: { token: sent, password: "a sentence only you know", first_name: "Noor", last_name: "Newcomer" },
      });
    expect((await accept(token)).body.code).toBe("token_invalid");
    expect((await call(`${base}/${pending.body.id}/invitation`, { method: "POST", as: there })).status).toBe(204);
    expect((await accept(await mailedTokenTo(pending.body.email, "invitation"))).status).toBe(204);
  });

  it("makes a Super Admin of somebody, and a tenant's Admin of a Super Admin, only together with the group", async () => {
    const up = await move(mover.userId, platformCompanyId, { group: "Super Admin" });
    expect([up.status, up.body.group, up.body.company?.id]).toEqual([200, "Super Admin", platformCompanyId]);
    expect((await auditOf("user.move_in"))[0]!.changes).toMatchObject({ group: { new: "Super Admin" } });
    const down = await move(mover.userId, there.companyId, { group: "Admin" });
    expect([down.status, down.body.group]).toEqual([200, "Admin"]);
  });

  it(
    "twenty at once, to two companies and away, leave one live account and end every session",
    { timeout: 60_000 },
    async () => {
      const third = await makeCompany();
      await makeSession(mover);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => move(mover.userId, [there.companyId, third, admin.companyId][i % 3]!)),
      );
      // Who looked for the account where it no longer was is told so; nothing else goes wrong.
      expect(answers.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
      const live = (await rowsOf(mover.userId)).filter(({ deletedAt }) => deletedAt === null);
      expect(live).toHaveLength(1);
      expect(live[0]!.passwordHash).not.toBeNull();
      expect((await login(mover)).body.user.company.id).toBe(live[0]!.companyId);
      const [outs, ins] = [await auditOf("user.move_out"), await auditOf("user.move_in")];
      expect(outs.length).toBe(ins.length);
    },
  );
});
