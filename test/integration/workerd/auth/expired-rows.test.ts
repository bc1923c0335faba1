import { eq, inArray } from "drizzle-orm";
import { expect, it } from "vitest";
import { deleteExpiredRows } from "../../../../src/platform/db/expired-rows.ts";
import { idempotencyKeys, mailedTokens, registrations, sessions } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { appDatabase, makePerson, makeSession, superuserDatabase } from "../../../support/workerd/factories.ts";

const hour = 3_600_000;
const db = superuserDatabase();
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);

it("deletes what nobody can use any more, in every company, and nothing else", async () => {
  const [one, two] = await Promise.all([makePerson(), makePerson()]);
  const digest = new Uint8Array(32);
  const registration = (email: string, expiresAt: Date) => ({
    id: crypto.randomUUID(),
    companyId: platformCompanyId,
    email,
    passwordHash: "",
    firstName: "",
    lastName: "",
    companyName: "Acme",
    tokenDigest: digest,
    createdAt: ago(24 * hour),
    expiresAt,
  });
  const over = registration(`${crypto.randomUUID()}@example.com`, ago(1_000));
  const open = registration(`${crypto.randomUUID()}@example.com`, ago(-hour));
  await db.insert(registrations).values([over, open]);
  for (const { companyId, userId } of [one, two])
    await db.insert(mailedTokens).values([
      { companyId, userId, purpose: "reset", digest, createdAt: ago(hour), expiresAt: ago(1_000) },
      { companyId, userId, purpose: "invite", digest, createdAt: ago(hour), expiresAt: ago(-hour) },
    ]);
  const fresh = await makeSession(one);
  const recent = await makeSession(one, { at: ago(29 * 24 * hour), seconds: 60 });
  const old = await makeSession(two, { at: ago(31 * 24 * hour), seconds: 60 });
  for (const { companyId, userId } of [one, two])
    await db.insert(idempotencyKeys).values(
      [ago(25 * hour), ago(23 * hour)].map((createdAt, i) => ({
        companyId,
        userId,
        route: "test",
        key: `key-${i}`,
        bodyDigest: digest,
        targetId: crypto.randomUUID(),
        createdAt,
      })),
    );

  const deleted = await deleteExpiredRows(appDatabase(), new Date());
  expect(deleted.registrations).toBeGreaterThanOrEqual(1);
  expect(deleted.mailed_tokens).toBeGreaterThanOrEqual(2);
  expect(deleted.sessions).toBeGreaterThanOrEqual(1);
  expect(deleted.idempotency_keys).toBeGreaterThanOrEqual(2);

  const left = await db
    .select()
    .from(registrations)
    .where(inArray(registrations.id, [over.id, open.id]));
  expect(left.map(({ id }) => id)).toEqual([open.id]);
  for (const { userId } of [one, two]) {
    const tokens = await db.select().from(mailedTokens).where(eq(mailedTokens.userId, userId));
    expect(tokens.map(({ purpose }) => purpose)).toEqual(["invite"]);
    const keys = await db.select().from(idempotencyKeys).where(eq(idempotencyKeys.userId, userId));
    expect(keys.map(({ key }) => key)).toEqual(["key-1"]);
  }
  const ids = [fresh, recent, old].map(({ sessionId }) => sessionId);
  const kept = await db.select().from(sessions).where(inArray(sessions.id, ids));
  expect(kept.map(({ id }) => id).toSorted()).toEqual([fresh.sessionId, recent.sessionId].toSorted());
});

it("deletes nothing that the clock's role may not see, whatever the time it is told", async () => {
  const { sessionId } = await makeSession(await makePerson());
  await deleteExpiredRows(appDatabase(), new Date(Date.now() + 100 * 24 * hour));
  expect(await db.select().from(sessions).where(eq(sessions.id, sessionId))).toHaveLength(1);
});
