import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLog, users } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls } from "../../../support/workerd/api.ts";
import { makePerson, sessionOf, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";

const me = "/api/etter/users/me";
const db = superuserDatabase();
let person: Person;
beforeEach(async () => {
  person = await makePerson({ group: "Reviewer" });
});

const patch = (body: unknown) => call(me, { method: "PATCH", body, as: person });
const audited = () =>
  db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.companyId, person.companyId), eq(auditLog.action, "user.profile")));

describe("the own profile", () => {
  it("takes names, picture and theme; null takes away, what is left out stays; audited with old and new", async () => {
    const picture = "https://cdn.example.com/robin.png";
    const theme = { mode: "dark", sizes: [1, 2], deep: { accent: "#00f", ключ: "é" } };
    const first = await patch({ first_name: "Kim", last_name: "Lee", image_url: picture, theme_config: theme });
    expect(first.status, first.text).toBe(200);
    const changed = { first_name: "Kim", last_name: "Lee", image_url: picture, theme_config: theme };
    expect(first.body).toMatchObject(changed);
    expect((await call(me, { as: person })).body).toEqual(first.body);
    const second = await patch({ image_url: null, theme_config: null });
    expect(second.body).toMatchObject({ first_name: "Kim", image_url: null, theme_config: null });
    // A theme may be four kilobytes: the audit tells that it changed, and back to what, by its digest.
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(await audited()).toMatchObject([
      {
        actorUserId: person.userId,
        targetId: person.userId,
        outcome: "done",
        changes: { first_name: { old: "Robin", new: "Kim" }, theme_config: { old: null, new: digest } },
      },
      { changes: { image_url: { old: picture, new: null }, theme_config: { old: digest, new: null } } },
    ]);
  });

  it("stays as it is when nothing is given, without an audit row", async () => {
    expect((await patch({})).status).toBe(200);
    expect(await audited()).toEqual([]);
  });

  it.each([
    "group",
    "is_active",
    "email",
    "company_id",
    "id",
    "password",
    "password_hash",
    "email_verified",
    "username",
  ])("does not take %s", async (field) => {
    const answer = await patch({ first_name: "Kim", [field]: "Super Admin" });
    expect([answer.status, answer.body.errors]).toEqual([422, [{ path: field, message: "is not a known field" }]]);
    const [row] = await db.select().from(users).where(eq(users.id, person.userId));
    expect(row).toMatchObject({ firstName: "Robin", group: "Reviewer", email: person.email });
  });

  it.each([
    ["a name of blanks", { first_name: " \t " }, "first_name"],
    ["no name", { last_name: "" }, "last_name"],
    ["a long name", { last_name: "x".repeat(101) }, "last_name"],
    ["NUL", { first_name: "a\0b" }, "first_name"],
    ["half a pair", { first_name: "a\ud800" }, "first_name"],
    ["a script as picture", { image_url: "javascript:alert(1)" }, "image_url"],
    ["a deep theme", { theme_config: { a: { b: { c: { d: { e: { f: 1 } } } } } } }, "theme_config"],
    ["a large theme", { theme_config: { a: "x".repeat(4_096) } }, "theme_config"],
    ["a theme with NUL", { theme_config: { a: "\0" } }, "theme_config"],
    ["a theme with half a pair", { theme_config: { "\udc00": 1 } }, "theme_config"],
    ["a theme that is a list", { theme_config: [] }, "theme_config"],
  ])("refuses %s", async (_what, body, path) => {
    const answer = await patch(body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it("takes a theme to the last level and byte", async () => {
    const levels = { a: { b: { c: { d: { e: 1 } } } } };
    expect((await patch({ theme_config: levels })).body.theme_config).toEqual(levels);
    const large = { a: "x".repeat(4 * 1024 - '{"a":""}'.length) };
    expect((await patch({ theme_config: large })).body.theme_config).toEqual(large);
  });

  it("changes sixty times a minute, and so does the audit", { timeout: 60_000 }, async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 61; i += 1) statuses.push((await patch({ first_name: `Kim ${i}` })).status);
    // A bucket gives a token back each second that this takes.
    expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 200));
    const parallel = await Promise.all(Array.from({ length: 80 }, () => patch({ first_name: "Kim" })));
    expect(parallel.map(({ status }) => status)).toContain(429);
    expect((await audited()).length).toBeLessThan(141);
  });

  it("needs two round trips: the limiter, and one batch", async () => {
    await patch({});
    await sessionOf(person);
    const requestId = crypto.randomUUID();
    await call(me, {
      method: "PATCH",
      body: { first_name: "Kim" },
      as: person,
      headers: { "X-Request-Id": requestId },
    });
    const { postgres, redis } = await frontCalls(requestId);
    expect([postgres.length, redis.length]).toEqual([1, 1]);
  });
});
