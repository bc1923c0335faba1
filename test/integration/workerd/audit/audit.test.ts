import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { refusalsWritten } from "../../../../src/platform/db/audit.ts";
import { auditLog } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import {
  appDatabase,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";

const base = "/api/etter/audit";
const hour = 3_600_000;
const start = new Date("2026-01-01T00:00:00.000Z").getTime();
type Line = Record<string, unknown>;

let admin: Person;
let other: Person;
let superAdmin: Person;
const target = crypto.randomUUID();

/** Sixty lines, an hour apart, but for the last ten, which are of one moment. */
beforeAll(async () => {
  [admin, other, superAdmin] = await Promise.all([
    makePerson({ group: "Admin" }),
    makePerson({ group: "Admin" }),
    makePerson({ group: "Super Admin" }),
  ]);
  await superuserDatabase()
    .insert(auditLog)
    .values(
      Array.from({ length: 60 }, (_, index) => ({
        id: crypto.randomUUID(),
        companyId: admin.companyId,
        at: new Date(start + Math.min(index, 50) * hour),
        actorUserId: index % 3 === 0 ? superAdmin.userId : admin.userId,
        action: index % 2 === 0 ? "simulation.create" : "user.update",
        targetType: index % 2 === 0 ? "simulation" : "user",
        targetId: index === 4 ? target : crypto.randomUUID(),
        outcome: "done",
        changes: { name: { old: "a", new: "b" } },
        requestId: `request-${index}`,
        ip: "203.0.113.7",
        userAgent: "test",
      })),
    );
});

async function all(query: string, as: Person, limit = 7): Promise<Line[]> {
  const lines: Line[] = [];
  let cursor = "";
  do {
    const { status, body, text } = await call(`${base}?limit=${limit}${query}${cursor}`, { as });
    expect(status, text).toBe(200);
    lines.push(...(body.items as Line[]));
    cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor !== "");
  return lines;
}

describe("an Admin", () => {
  it("reads the own company's lines, newest first, each once, whatever the page", async () => {
    const lines = await all("", admin);
    expect(lines).toHaveLength(60);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(60);
    const times = lines.map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(lines.at(-5)).toMatchObject({
      company: { id: admin.companyId, name: "Acme" },
      actor: { id: admin.userId, email: admin.email },
      action: "simulation.create",
      target: { type: "simulation", id: `sim-${target}` },
      outcome: "done",
      reason: null,
      changes: { name: { old: "a", new: "b" } },
      request_id: "request-4",
      ip: "203.0.113.7",
      user_agent: "test",
    });
  });

  it("sees the id of a Super Admin who acted in the company, not the address", async () => {
    const [line] = await all(`&actor=${superAdmin.userId}`, admin);
    expect(line).toMatchObject({ actor: { id: superAdmin.userId, email: null } });
  });

  it.each([
    ["actor", () => `&actor=${superAdmin.userId}`, 20],
    ["action", () => "&action=user.update", 30],
    ["target", () => `&target=sim-${target}`, 1],
    ["target in capitals", () => `&target=sim-${target.toUpperCase()}`, 1],
    ["target by its bare id in capitals", () => `&target=${target.toUpperCase()}`, 1],
    ["from", () => `&from=${new Date(start + 50 * hour).toISOString()}`, 10],
    ["to", () => `&to=${new Date(start + 50 * hour).toISOString()}`, 50],
    ["from and to, with another offset", () => "&from=2026-01-01T02:00:00%2B02:00&to=2026-01-01T01:00:00Z", 1],
    [
      "everything",
      () => `&actor=${admin.userId}&action=simulation.create&target=${target}&from=2026-01-01T00:00:00Z`,
      1,
    ],
  ])("filters by %s", async (_what, query, count) => {
    expect(await all(query(), admin)).toHaveLength(count);
  });

  it.each([
    "action=nothing",
    "from=yesterday",
    "from=0000-01-01T00:00:00Z",
    "to=9999-12-31T23:59:59-01:00",
    "actor=me",
    "target=%00",
    "outcome=done",
    "cursor=x",
    `cursor=${btoa(`253402300800000.${crypto.randomUUID()}`)}`,
  ])("refuses %s", async (query) => {
    expect((await call(`${base}?${query}`, { as: admin })).status).toBe(422);
  });

  it("does not see another company's, with its id or without", async () => {
    expect(await all("", other)).toEqual([]);
    for (const companyId of [admin.companyId, crypto.randomUUID()]) {
      const { status, body } = await call(`${base}?company_id=${companyId}`, { as: other });
      expect([status, body.code]).toEqual([403, "forbidden"]);
    }
    // The tries are written down, in the own company's audit, and nothing else is in it.
    const own = await all(`&company_id=${other.companyId}`, other);
    expect(own).toHaveLength(2);
    for (const line of own)
      expect(line).toMatchObject({
        action: "access.refused",
        target: { type: "audit" },
        outcome: "refused",
        reason: "forbidden",
      });
  });

  it(
    "writes down sixty refusals of somebody within a minute; the next are refused as well",
    { timeout: 60_000 },
    async () => {
      const somebody = await makePerson();
      const answers: number[] = [];
      for (let i = 0; i < refusalsWritten.limit + 5; i += 1) answers.push((await call(base, { as: somebody })).status);
      expect(new Set(answers)).toEqual(new Set([403]));
      const lines = () => superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, somebody.userId));
      expect(await lines()).toHaveLength(refusalsWritten.limit);
      // A minute later the next one is.
      await superuserDatabase()
        .update(auditLog)
        .set({ at: new Date(Date.now() - refusalsWritten.windowSeconds * 1000) })
        .where(eq(auditLog.actorUserId, somebody.userId));
      await call(base, { as: somebody });
      expect(await lines()).toHaveLength(refusalsWritten.limit + 1);
    },
  );

  it.each([
    ["of a company", sql`company_id = ${platformCompanyId}::uuid and`],
    ["of all", sql``],
  ])(
    "%s by action is a range of one index, which nothing has to be sorted or thrown away for",
    async (_whose, company) => {
      // Many such lines, all of one other company: neither the newest lines nor those of the action lead to one's own.
      await superuserDatabase().execute(sql`
      insert into audit_log (id, company_id, at, action, target_type, outcome, request_id)
      select gen_random_uuid(), ${other.companyId}::uuid, ${new Date(start).toISOString()}::timestamptz - n * interval '1 minute',
        case when n % 3 = 0 then 'role.delete' else 'role.put' end, 'role', 'done', 'many' from generate_series(1, 3000) n`);
      await superuserDatabase().execute(sql`analyze audit_log`);
      const plan = await appDatabase().unitOfWork({ kind: "company", companyId: platformCompanyId }, async (tx) => {
        // As etter_system, whose policy shows all: as a company's own the policy would be a filter of the plan.
        await tx.execute(sql`select set_config('role', 'etter_system', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`);
        const { rows } = await tx.execute<{ "QUERY PLAN": string }>(sql`
        explain select id from audit_log where ${company} action = 'role.delete' order by at desc, id desc limit 51`);
        return rows.map((row) => row["QUERY PLAN"]).join("\n");
      });
      expect(plan).toMatch(/audit_log_(company_)?action/);
      expect(plan).not.toMatch(/Filter|Sort/);
    },
  );

  it("needs one round trip a page", async () => {
    await sessionOf(admin);
    const requestId = crypto.randomUUID();
    await call(base, { as: admin, headers: { "X-Request-Id": requestId } });
    const { postgres, redis } = await frontCalls(requestId);
    expect([postgres.length, redis.length]).toEqual([1, 0]);
  });
});

describe("a Super Admin", () => {
  it("reads every company's, one company's, and addresses with them", async () => {
    const lines = await all(`&company_id=${admin.companyId}`, superAdmin, 50);
    expect(lines).toHaveLength(60);
    expect(lines.find(({ request_id: id }) => id === "request-3")).toMatchObject({
      actor: { id: superAdmin.userId, email: superAdmin.email },
    });
    const { body } = await call(`${base}?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=100`, {
      as: superAdmin,
    });
    expect(body.items).toHaveLength(24);
  });

  it("leaves a line in the platform's audit by looking", async () => {
    const requestId = crypto.randomUUID();
    const as = superAdmin;
    await call(`${base}?company_id=${admin.companyId}&limit=1`, { as, headers: { "X-Request-Id": requestId } });
    const { body } = await call(`${base}?company_id=${platformCompanyId}&action=across.read&actor=${as.userId}`, {
      as,
    });
    expect((body.items as Line[]).find((line) => line["request_id"] === requestId)).toMatchObject({
      target: { type: "audit", id: admin.companyId },
      outcome: "done",
    });
    expect((await call(`${base}?company_id=${platformCompanyId}`, { as: admin })).status).toBe(403);
  });
});
