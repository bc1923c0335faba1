import { eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { endSessionsFrom } from "../../../../src/platform/db/ended-sessions.ts";
import {
  consumeMailedToken,
  issueMailedTokenFrom,
  voidMailedTokensFrom,
} from "../../../../src/platform/db/mailed-tokens.ts";
import { mailedTokens, sessions } from "../../../../src/platform/db/schema/index.ts";
import { mailedTokenEnd } from "../../../../src/shared/mailed-token.ts";
import {
  appDatabase,
  makePerson,
  makeSession,
  superuserDatabase,
  type Person,
} from "../../../support/workerd/factories.ts";

const database = appDatabase();
let person: Person;
beforeEach(async () => {
  person = await makePerson();
});

const scope = () => ({ kind: "company", companyId: person.companyId }) as const;
const someDigest = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
const token = (digest: Uint8Array, at = new Date(), purpose: "invite" | "reset" = "reset") => {
  const { companyId, userId } = person;
  return { companyId, userId, purpose, digest, at, expiresAt: mailedTokenEnd(purpose, at) };
};
const cause = sql`with cause as (select)`;
const issue = (made: ReturnType<typeof token>) =>
  database.batch(scope(), (db) => [db.execute(sql`${cause} ${issueMailedTokenFrom(sql`cause`, made)}`)]);
/** Whether the token was there to be used. */
async function use(used: ReturnType<typeof token>): Promise<boolean> {
  const [{ rows }] = await database.batch(scope(), (db) => [
    db.execute(sql`with used as (${consumeMailedToken(used)}) select user_id from used`),
  ]);
  return rows.length === 1;
}
const stored = () => superuserDatabase().select().from(mailedTokens).where(eq(mailedTokens.userId, person.userId));

describe("a mailed token", () => {
  it("is used by one of ten who try at once, and by nobody after", async () => {
    const made = token(someDigest());
    await issue(made);
    const tries = await Promise.all(Array.from({ length: 10 }, () => use(made)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await use(made)).toBe(false);
    expect(await stored()).toEqual([]);
  });

  it("is void when another of its purpose is issued, also by ten at once: one is left", async () => {
    const many = Array.from({ length: 10 }, () => token(someDigest()));
    await Promise.all(many.map(issue));
    const used: boolean[] = [];
    for (const made of many) used.push(await use(made));
    expect(used.filter(Boolean)).toHaveLength(1);
  });

  it("of another purpose, digest, person or time is not used", async () => {
    const made = token(someDigest());
    await issue(made);
    const colleague = await makePerson({ companyId: person.companyId });
    const wrong = [
      { ...made, purpose: "invite" as const },
      { ...made, digest: someDigest() },
      { ...made, userId: colleague.userId },
      { ...made, at: made.expiresAt },
    ];
    for (const other of wrong) expect(await use(other)).toBe(false);
    expect(await use({ ...made, at: new Date(made.expiresAt.getTime() - 1) })).toBe(true);
  });

  it("is issued in one statement with its cause, and not without it", async () => {
    const made = token(someDigest(), new Date(), "invite");
    const when = (there: boolean) =>
      database.batch(scope(), (db) => [
        db.execute(sql`with cause as (select 1 where ${there}) ${issueMailedTokenFrom(sql`cause`, made)}`),
      ]);
    await when(false);
    expect(await stored()).toEqual([]);
    await when(true);
    await when(true);
    expect(await stored()).toMatchObject([{ purpose: "invite", expiresAt: made.expiresAt }]);
    expect(await use(made)).toBe(true);
  });

  it("is void with all others of the person when the account changes, and those of colleagues are not", async () => {
    const colleague = await makePerson({ companyId: person.companyId });
    await issue(token(someDigest()));
    await issue(token(someDigest(), new Date(), "invite"));
    await issue({ ...token(someDigest()), userId: colleague.userId });
    await database.batch(scope(), (db) => [db.execute(sql`${cause} ${voidMailedTokensFrom(sql`cause`, person)}`)]);
    expect(await stored()).toEqual([]);
    expect(
      await superuserDatabase().select().from(mailedTokens).where(eq(mailedTokens.userId, colleague.userId)),
    ).toHaveLength(1);
  });
});

describe("ending sessions", () => {
  it("ends the person's live sessions, and nobody else's", async () => {
    const colleague = await makePerson({ companyId: person.companyId });
    const [first, second] = [await makeSession(person), await makeSession(person)];
    await makeSession(colleague);
    const ending = { ...person, reason: "password_changed", at: new Date() } as const;
    const end = async () => {
      const [{ rows }] = await database.batch(scope(), (db) => [
        db.execute<{ id: string }>(sql`${cause} ${endSessionsFrom(sql`cause`, ending)}`),
      ]);
      return rows.map(({ id }) => id).toSorted();
    };
    expect(await end()).toEqual([first.sessionId, second.sessionId].toSorted());
    expect(await end()).toEqual([]);
    const all = await superuserDatabase().select().from(sessions).where(eq(sessions.companyId, person.companyId));
    expect(all.filter(({ endedAt }) => endedAt === null)).toMatchObject([{ userId: colleague.userId }]);
    const reasons = all.filter(({ userId }) => userId === person.userId).map(({ endReason }) => endReason);
    expect(reasons).toEqual(["password_changed", "password_changed"]);
  });
});
