import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditLog, users } from "../../../../src/platform/db/schema/index.ts";
import type { Group } from "../../../../src/shared/access.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import {
  makeCompany,
  makePerson,
  sessionOf,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";

const base = "/api/etter/users";
const db = superuserDatabase();
const word = crypto.randomUUID().slice(0, 8);
let admin: Person;
let other: Person;
let superAdmin: Person;

interface Made {
  readonly companyId: Person["companyId"];
  readonly email: string;
  readonly at: number;
  readonly group?: Group;
  readonly isActive?: boolean;
  readonly deleted?: boolean;
}

const person = ({ companyId, email, at, group = "Researcher", isActive = true, deleted = false }: Made) => ({
  id: crypto.randomUUID(),
  companyId,
  email,
  group,
  isActive,
  deletedAt: deleted ? new Date() : null,
  createdAt: new Date(at),
  updatedAt: new Date(at),
});

/** Enough that the newest two thousand are not all; all in the past, before the Admins. */
const count = 2_600;
const start = Date.parse("2026-01-01T00:00:00Z");
beforeAll(async () => {
  [admin, other, superAdmin] = await Promise.all([
    makePerson({ group: "Admin" }),
    makePerson({ group: "Admin" }),
    makePerson({ group: "Super Admin" }),
  ]);
  const { companyId } = admin;
  const rows = Array.from({ length: count }, (_, i) =>
    person({
      companyId,
      // The oldest has what no other has; every hundredth is an Admin, every two hundredth inactive; ten of each moment.
      email: i === 0 ? `rare.${word}@example.com` : `p${i}.${word}@example.com`,
      at: start + Math.floor(i / 10) * 1_000,
      group: i % 100 === 0 ? "Admin" : "Researcher",
      isActive: i % 200 !== 0,
    }),
  );
  rows.push(person({ companyId, email: `gone.${word}@example.com`, at: start, deleted: true }));
  rows.push(person({ companyId, email: `100%_\\.${word}@example.com`, at: start }));
  rows.push(person({ companyId: other.companyId, email: `p1.${word}@example.net`, at: start }));
  for (let from = 0; from < rows.length; from += 500) await db.insert(users).values(rows.slice(from, from + 500));
}, 60_000);

type Item = Record<string, unknown> & { id: string; email: string; company: { id: string } };

async function all(query: string, as: Person = admin, limit = 100): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = "";
  do {
    const { status, body, text } = await call(`${base}?limit=${limit}${query}${cursor}`, { as });
    expect(status, text).toBe(200);
    items.push(...(body.items as Item[]));
    cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor !== "");
  return items;
}

describe("an Admin", () => {
  it(
    "lists the own company's people, newest first, each once, without who was deleted",
    { timeout: 60_000 },
    async () => {
      const items = await all("");
      expect(items).toHaveLength(count + 2);
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      expect(new Set(items.map(({ company }) => company.id))).toEqual(new Set([admin.companyId]));
      const times = items.map(({ created_at }) => String(created_at));
      expect(times).toEqual(times.toSorted().toReversed());
      expect(items[0]).toMatchObject({ id: admin.userId, group: "Admin", company: { name: "Acme" } });
      expect(items.some(({ email }) => email.startsWith("gone."))).toBe(false);
    },
  );

  it.each([
    ["group", "&group=Admin", count / 100 + 1],
    ["is_active", "&is_active=false", count / 200],
    ["group and is_active", "&group=Admin&is_active=true", count / 200 + 1],
    ["what many addresses have", `&email=${word}`, count + 1],
    ["that and a group", `&email=${word}&group=Admin`, count / 100],
    ["what one old address has", "&email=RARE.", 1],
    ["what some old ones have", "&email=p19", 111],
    ["a whole address", `&email=p77.${word}%40example.com`, 1],
    ["two characters of one", "&email=%25_", 1],
    ["what only a deleted one has", "&email=gone.", 0],
    ["what only another company's has", "&email=example.net", 0],
    ["the characters of patterns", "&email=100%25_%5C.", 1],
    ["one that would match everything as a pattern", "&email=%25%25", 0],
    ["the own company_id", () => `&group=Admin&company_id=${admin.companyId}`, count / 100 + 1],
  ])("filters by %s", { timeout: 60_000 }, async (_what, query, expected) => {
    expect(await all(typeof query === "string" ? query : query())).toHaveLength(expected);
  });

  it.each(["", "&email=p", "&group=Researcher", "&is_active=true"])(
    "gets pages that stay as they are while people are added (%s)",
    async (query) => {
      const first = await call(`${base}?limit=30${query}`, { as: admin });
      const added = person({
        companyId: admin.companyId,
        email: `p.${crypto.randomUUID()}@example.com`,
        at: Date.now(),
      });
      await db.insert(users).values(added);
      const second = await call(`${base}?limit=30${query}&cursor=${first.body.next_cursor}`, { as: admin });
      await db.delete(users).where(eq(users.id, added.id));
      const expected = await call(`${base}?limit=60${query}`, { as: admin });
      expect([...first.body.items, ...second.body.items]).toEqual(expected.body.items);
      expect(second.body.next_cursor).toBe(expected.body.next_cursor);
    },
  );

  it.each([
    "group=Owner",
    "is_active=1",
    "is_active=",
    "email=",
    "email=%00",
    `email=${"x".repeat(255)}`,
    "company_id=x",
  ])("is told that %s will not do", async (query) => {
    const { status, body } = await call(`${base}?${query}`, { as: admin });
    expect([status, body.code]).toEqual([422, "validation_failed"]);
  });

  it("does not list another company, and cannot tell whether it exists", async () => {
    for (const id of [other.companyId, platformCompanyId, crypto.randomUUID()]) {
      const { status, body } = await call(`${base}?company_id=${id}`, { as: admin });
      expect([status, body.code]).toEqual([403, "forbidden"]);
    }
  });

  it("needs one round trip, with each filter", async () => {
    await sessionOf(admin);
    for (const query of ["", "?email=rare", "?group=Admin&is_active=true"]) {
      const requestId = crypto.randomUUID();
      await call(base + query, { as: admin, headers: { "X-Request-Id": requestId } });
      const { postgres, redis } = await frontCalls(requestId);
      expect([query, postgres.length, redis.length]).toEqual([query, 1, 0]);
    }
  });
});

describe("a Super Admin", () => {
  it("lists everybody, one company, by a part of an address, and only Super Admins of the platform", async () => {
    const found = await all(`&email=p1.${word}`, superAdmin);
    expect(found.map(({ company }) => company.id).toSorted()).toEqual([admin.companyId, other.companyId].toSorted());
    expect(await all(`&email=p1.${word}&company_id=${other.companyId}`, superAdmin)).toHaveLength(1);
    expect(await all(`&company_id=${await makeCompany()}`, superAdmin)).toEqual([]);
    const { body } = await call(`${base}?group=Super+Admin&limit=5`, { as: superAdmin });
    expect(body.items.length).toBeGreaterThan(0);
    for (const { company, group } of body.items)
      expect([company.id, group]).toEqual([platformCompanyId, "Super Admin"]);
  });

  it("leaves a line in the platform's audit by looking", async () => {
    const requestId = crypto.randomUUID();
    await call(`${base}?email=rare.${word}`, { as: superAdmin, headers: { "X-Request-Id": requestId } });
    const seen = await db.select().from(auditLog).where(eq(auditLog.requestId, requestId));
    expect(seen).toMatchObject([{ action: "across.read", companyId: platformCompanyId, targetType: "user" }]);
  });
});
