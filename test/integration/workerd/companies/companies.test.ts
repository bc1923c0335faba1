import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditLog, companies } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import {
  makeCompany,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";

const base = "/api/etter/companies";
const logo = "https://cdn.example.com/acme/logo.svg";
const auditOf = (companyId: string, action: string) =>
  superuserDatabase()
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.companyId, companyId), eq(auditLog.action, action)));

let admin: Person;
let researcher: Person;
let superAdmin: Person;
beforeAll(async () => {
  admin = await makePerson({ group: "Admin" });
  researcher = await makePerson({ companyId: admin.companyId });
  superAdmin = await makePerson({ group: "Super Admin" });
});

describe("the own company", () => {
  it("is shown to everybody of it, by `current` and by its id", async () => {
    for (const path of [`${base}/current`, `${base}/${admin.companyId}`, `${base}/${admin.companyId.toUpperCase()}`]) {
      const { status, body, text } = await call(path, { as: researcher });
      expect(status, text).toBe(200);
      expect(body).toMatchObject({ id: admin.companyId, name: "Acme", is_platform: false, logo_url: null });
    }
  });

  it("takes an Admin's changes, null takes away, what is left out stays, and each is audited with old and new", async () => {
    const changed = await call(`${base}/current`, {
      method: "PATCH",
      body: { name: "Acme Two", logo_url: logo },
      as: admin,
    });
    expect(changed.body).toMatchObject({ name: "Acme Two", logo_url: logo });
    const emptied = await call(`${base}/${admin.companyId}`, { method: "PATCH", body: { logo_url: null }, as: admin });
    expect(emptied.body).toMatchObject({ name: "Acme Two", logo_url: null });
    const pictures = { light_theme_image_url: `${logo}?light`, dark_theme_image_url: `${logo}?dark` };
    const painted = await call(`${base}/current`, { method: "PATCH", body: pictures, as: admin });
    expect(painted.body).toMatchObject({ name: "Acme Two", logo_url: null, ...pictures });
    expect(await auditOf(admin.companyId, "company.update")).toMatchObject([
      {
        actorUserId: admin.userId,
        targetId: admin.companyId,
        changes: { name: { old: "Acme", new: "Acme Two" }, logo_url: { old: null, new: logo } },
      },
      { changes: { logo_url: { old: logo, new: null } } },
      {
        changes: {
          light_theme_image_url: { old: null, new: `${logo}?light` },
          dark_theme_image_url: { old: null, new: `${logo}?dark` },
        },
      },
    ]);
  });

  it("stays as it is when nothing is given, without an audit row", async () => {
    const before = await auditOf(admin.companyId, "company.update");
    const answer = await call(`${base}/current`, { method: "PATCH", body: {}, as: admin });
    expect(answer.status).toBe(200);
    expect(await auditOf(admin.companyId, "company.update")).toHaveLength(before.length);
  });

  it.each([
    ["http", "http://cdn.example.com/logo.svg"],
    ["a script", "javascript:alert(1)"],
    ["a page of data", "data:image/svg+xml,<svg/>"],
    ["a name and password", "https://user:secret@cdn.example.com/"],
    ["blanks", "https://cdn.example.com/a b"],
    ["a backslash", "https:\\\\cdn.example.com"],
    ["no host", "https://"],
    ["too long", `https://cdn.example.com/${"a".repeat(2_048)}`],
  ])("refuses an address with %s", async (_what, address) => {
    const { status, body } = await call(`${base}/current`, { method: "PATCH", body: { logo_url: address }, as: admin });
    expect([status, body.code, body.errors?.[0]?.path]).toEqual([422, "validation_failed", "logo_url"]);
  });

  it.each(["id", "is_platform", "created_at", "company_id"])("does not take %s", async (field) => {
    const answer = await call(`${base}/current`, { method: "PATCH", body: { name: "x", [field]: true }, as: admin });
    expect([answer.status, answer.body.errors]).toEqual([422, [{ path: field, message: "is not a known field" }]]);
  });

  it("is not another's: the same 404 as for none, and nothing changes", async () => {
    const stranger = await makePerson({ group: "Admin" });
    for (const id of [admin.companyId, platformCompanyId, crypto.randomUUID()])
      for (const attempt of [{}, { method: "PATCH", body: { name: "Mine" } }]) {
        const answer = await call(`${base}/${id}`, { ...attempt, as: stranger });
        expect([answer.status, answer.body.detail]).toEqual([404, "You have no company with this id."]);
      }
    const [row] = await superuserDatabase().select().from(companies).where(eq(companies.id, admin.companyId));
    expect(row!.name).not.toBe("Mine");
  });
});

describe("a Super Admin", () => {
  it("makes companies, and finds them by a part of the name, newest first, page by page", async () => {
    const word = crypto.randomUUID().slice(0, 8);
    const made: string[] = [];
    for (const name of [`${word} One`, `${word} two`, `${word.toUpperCase()} 100%`]) {
      const { status, body, headers, text } = await call(base, { body: { name, logo_url: logo }, as: superAdmin });
      expect(status, text).toBe(201);
      expect(headers.get("location")).toBe(`${base}/${body.id}`);
      made.unshift(body.id);
    }
    const first = await call(`${base}?q=${word}&limit=2`, { as: superAdmin });
    expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    // Made in between: the pages stay as they were.
    await call(base, { body: { name: `${word} late` }, as: superAdmin });
    const rest = await call(`${base}?q=${word}&limit=2&cursor=${first.body.next_cursor}`, { as: superAdmin });
    expect([rest.body.items.map(({ id }: { id: string }) => id), rest.body.next_cursor]).toEqual([made.slice(2), null]);
    expect((await call(`${base}?q=${word}%20100%25`, { as: superAdmin })).body.items).toHaveLength(1);
    expect(await auditOf(made[0]!, "company.create")).toMatchObject([
      { actorUserId: superAdmin.userId, outcome: "done" },
    ]);
  });

  it("reads and changes any company; both leave their row in the audit", async () => {
    const companyId = await makeCompany("Globex");
    const requestId = crypto.randomUUID();
    const read = await call(`${base}/${companyId}`, { as: superAdmin, headers: { "X-Request-Id": requestId } });
    expect(read.body).toMatchObject({ id: companyId, name: "Globex" });
    const seen = await superuserDatabase().select().from(auditLog).where(eq(auditLog.requestId, requestId));
    expect(seen).toMatchObject([
      {
        action: "across.read",
        companyId: platformCompanyId,
        actorUserId: superAdmin.userId,
        targetType: "company",
        targetId: companyId,
      },
    ]);
    const changed = await call(`${base}/${companyId}`, {
      method: "PATCH",
      body: { name: "Globex Two" },
      as: superAdmin,
    });
    expect(changed.body.name).toBe("Globex Two");
    expect(await auditOf(companyId, "company.update")).toMatchObject([{ actorUserId: superAdmin.userId }]);
    expect(
      (await call(`${base}/${crypto.randomUUID()}`, { method: "PATCH", body: { name: "x" }, as: superAdmin })).status,
    ).toBe(404);
  });

  it("is one by their row, not by what a token says", async () => {
    const demoted = await makePerson({ group: "Super Admin" });
    await sessionOf(demoted);
    await superuserDatabase().execute(`update users set is_active = false where id = '${demoted.userId}'`);
    for (const path of [base, `${base}/${admin.companyId}`])
      expect((await call(path, { as: demoted })).status).toBe(401);
    expect(
      (await call(`${base}/${admin.companyId}`, { method: "PATCH", body: { name: "x" }, as: demoted })).status,
    ).toBe(401);
  });

  it("needs one round trip for each", async () => {
    await sessionOf(superAdmin);
    const tries = [{ path: base }, { path: base, body: { name: "Trip" } }, { path: `${base}/${admin.companyId}` }];
    for (const { path, ...rest } of [
      ...tries,
      { path: `${base}/${admin.companyId}`, method: "PATCH", body: { logo_url: null } },
    ]) {
      const requestId = crypto.randomUUID();
      await call(path, { ...rest, as: superAdmin, headers: { "X-Request-Id": requestId } });
      const { postgres, redis } = await frontCalls(requestId);
      expect([path, postgres.length, redis.length]).toEqual([path, 1, 0]);
    }
  });
});
