import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLog, sessions } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  makePerson,
  makeSession,
  superuserDatabase,
  type Person,
  type TestSession,
} from "../../../support/workerd/factories.ts";
import { upstash } from "../../../support/workerd/front-clients.ts";

let person: Person;
let mine: TestSession;
let others: TestSession[];
beforeEach(async () => {
  person = await makePerson();
  mine = await makeSession(person);
  others = [await makeSession(person), await makeSession(person)];
});

const as = ({ accessToken }: TestSession) => ({ Authorization: `Bearer ${accessToken}` });
const logout = (body: object) => call("/api/etter/auth/logout", { body, headers: as(mine) });
const statusOf = async (session: TestSession) => (await call("/api/etter/users/me", { headers: as(session) })).status;
const statuses = () => Promise.all([mine, ...others].map(statusOf));
const list = async (session = mine, query = "") => {
  const { status, body, text } = await call(`/api/etter/auth/sessions${query}`, { headers: as(session) });
  expect(status, text).toBe(200);
  return body as { items: { id: string; current: boolean }[]; next_cursor: string | null };
};

describe("logout", () => {
  it.each([
    [{}, [401, 200, 200]],
    [{ scope: "current" }, [401, 200, 200]],
    [{ scope: "others" }, [200, 401, 401]],
    [{ scope: "all" }, [401, 401, 401]],
  ])("%j ends these, on the very next call", async (body, expected) => {
    const answer = await logout(body);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await statuses()).toEqual(expected);
  });

  it("leaves colleagues alone, and is audited once, with its scope", async () => {
    const colleague = await makeSession(await makePerson({ companyId: person.companyId }));
    await logout({ scope: "all" });
    expect(await statusOf(colleague)).toBe(200);
    const audited = await superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, person.userId));
    expect(audited).toMatchObject([{ action: "auth.logout", targetId: mine.sessionId, changes: { scope: "all" } }]);
  });

  it("of what has ended is refused like any other call", async () => {
    await logout({});
    expect((await logout({})).status).toBe(401);
  });

  it.each([{ scope: "everything" }, { scope: null }, { scope: "all", user_id: "x" }, [], "all"])(
    "with %j is a 422",
    async (body) => {
      expect((await call("/api/etter/auth/logout", { body, headers: as(mine) })).status).toBe(422);
    },
  );

  it("without a body ends this session", async () => {
    const answer = await call("/api/etter/auth/logout", { method: "POST", headers: as(mine) });
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await statuses()).toEqual([401, 200, 200]);
  });

  it("twenty at once: all are answered, and none as a fault of ours", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => logout({ scope: "all" })));
    expect(answers.filter(({ status }) => status === 204).length).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => status === 204 || status === 401)).toBe(true);
  });
});

describe("sessions", () => {
  it("are listed to their owner, newest first, the current one marked, a page at a time", async () => {
    const { items, next_cursor } = await list();
    expect(items.map(({ id }) => id).toSorted()).toEqual([mine, ...others].map((s) => s.sessionId).toSorted());
    expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([mine.sessionId]);
    expect(next_cursor).toBeNull();
    expect(Object.keys(items[0]!).toSorted()).toEqual(
      ["created_at", "current", "device", "expires_at", "id", "ip", "last_used_at"].toSorted(),
    );
    const first = await list(mine, "?limit=2");
    const second = await list(mine, `?limit=2&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect(second.next_cursor).toBeNull();
  });

  it("say which device they are of", async () => {
    await superuserDatabase()
      .update(sessions)
      .set({ userAgent: "Test/1.0", ip: "203.0.113.7" })
      .where(eq(sessions.id, mine.sessionId));
    expect((await list()).items.find(({ current }) => current)).toMatchObject({
      device: "Test/1.0",
      ip: "203.0.113.7",
    });
  });

  it("that have ended are not listed", async () => {
    await logout({ scope: "others" });
    expect((await list()).items.map(({ id }) => id)).toEqual([mine.sessionId]);
  });

  it("are ended by an id in capitals as well, for streams too", async () => {
    const [{ sessionId }] = others as [TestSession, TestSession];
    const path = `/api/etter/auth/sessions/${sessionId.toUpperCase()}`;
    expect((await call(path, { method: "DELETE", headers: as(mine) })).status).toBe(204);
    expect(await upstash().get(`session:${sessionId}`)).toBe("dead");
  });

  it("are ended one by one, by their owner only", async () => {
    const remove = (id: string, session = mine) =>
      call(`/api/etter/auth/sessions/${id}`, { method: "DELETE", headers: as(session) });
    const [one] = others as [TestSession, TestSession];
    const colleague = await makeSession(await makePerson({ companyId: person.companyId, group: "Admin" }));
    const refused = [await remove(one.sessionId, colleague), await remove(crypto.randomUUID(), colleague)];
    for (const answer of refused) expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    expect(await statusOf(one)).toBe(200);
    expect((await remove(one.sessionId)).status).toBe(204);
    expect(await statuses()).toEqual([200, 401, 200]);
    expect((await remove(one.sessionId)).status).toBe(404);
    expect((await remove(mine.sessionId)).status).toBe(204);
    expect(await statusOf(mine)).toBe(401);
    const audited = await superuserDatabase().select().from(auditLog).where(eq(auditLog.actorUserId, person.userId));
    expect(audited.map(({ action, targetId }) => [action, targetId])).toEqual([
      ["auth.session_end", one.sessionId],
      ["auth.session_end", mine.sessionId],
    ]);
  });
});
