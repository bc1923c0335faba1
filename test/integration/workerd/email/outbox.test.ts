import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { createMailSealer } from "../../../../src/platform/crypto/mail-sealer.ts";
import { sqlState } from "../../../../src/platform/db/client.ts";
import { insertMailFrom } from "../../../../src/platform/db/outbox.ts";
import { mailOutbox } from "../../../../src/platform/db/schema/index.ts";
import { systemRandom } from "../../../../src/platform/system.ts";
import type { QueuedMail } from "../../../../src/shared/mail.ts";
import { appDatabase, config, makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { queueMail } from "../../../support/workerd/mailbox.ts";

const insufficientPrivilege = "42501";
const database = appDatabase();
let person: Person;

beforeAll(async () => {
  person = await makePerson();
});

const scope = () => ({ kind: "company", companyId: person.companyId }) as const;
const mailTo = (to: string, sealedToken: Uint8Array | null = null): QueuedMail => ({
  id: crypto.randomUUID(),
  companyId: person.companyId,
  userId: person.userId,
  to,
  template: "password_reset",
  data: {},
  sealedToken,
  at: new Date(),
});
const stored = async ({ id }: QueuedMail) =>
  (await superuserDatabase().select().from(mailOutbox).where(eq(mailOutbox.id, id)))[0];
const stateOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => sqlState(error),
  );

describe("queueing a mail", () => {
  it("makes it due at once, with its token sealed", async () => {
    const sealed = await createMailSealer(config.tokens, systemRandom).seal("token", "mail");
    const one = mailTo(person.email, sealed);
    await database.batch(scope(), (db) => [queueMail(db, one)]);
    const row = { recipient: person.email, status: "queued", attempts: 0, settledAt: null, data: {} };
    expect(await stored(one)).toMatchObject({ ...row, createdAt: one.at, dueAt: one.at });
    const { rows } = await superuserDatabase().execute(
      sql`select encode(sealed_token, 'hex') as token from mail_outbox where id = ${one.id}`,
    );
    expect(rows).toEqual([{ token: Array.from(sealed, (b) => b.toString(16).padStart(2, "0")).join("") }]);
  });

  it("from a CTE queues when it has a row, to the address that the row has, and once", async () => {
    const [none, some] = [mailTo("unused@example.com"), mailTo("unused@example.com")];
    const queue = (mail: QueuedMail, condition: string) =>
      database.batch(scope(), (db) => [
        db.execute<{ id: string }>(sql`
          with found as (select id, email from users, generate_series(1, 3) where id = ${person.userId} and email = ${condition})
          ${insertMailFrom(sql`found`, mail, { to: sql`email`, userId: sql`found.id` })}`),
      ]);
    expect((await queue(none, "nobody@example.com"))[0].rows).toEqual([]);
    expect((await queue(some, person.email))[0].rows).toEqual([{ id: some.id }]);
    expect([await stored(none), (await stored(some))?.recipient]).toEqual([undefined, person.email]);
  });

  it("is undone with the rest of its transaction", async () => {
    const mail = mailTo(person.email);
    const failed = database.batch(scope(), (db) => [queueMail(db, mail), db.execute(sql`select 1 / 0`)]);
    expect(await stateOf(failed)).toBe("22012");
    expect(await stored(mail)).toBeUndefined();
  });

  it.each(["a\r\nBcc: b@example.com", "a b@example.com", "a\u0000b", "", `${"a".repeat(251)}@b.c`])(
    "to %j is refused by the table",
    async (to) => expect(await stateOf(database.batch(scope(), (db) => [queueMail(db, mailTo(to))]))).toMatch(/^2/),
  );

  it("is all that the application's role may do, for its own company", async () => {
    const other = await makePerson();
    const foreign = { ...mailTo(person.email), companyId: other.companyId };
    expect(await stateOf(database.batch(scope(), (db) => [queueMail(db, foreign)]))).toBe(insufficientPrivilege);
    for (const statement of [
      sql`select recipient from mail_outbox`,
      sql`select sealed_token from mail_outbox`,
      sql`update mail_outbox set status = 'sent'`,
      sql`delete from mail_outbox`,
    ])
      expect(await stateOf(database.batch(scope(), (db) => [db.execute(statement)]))).toBe(insufficientPrivilege);
  });

  it("cannot be rewritten by the role that delivers: neither address nor words", async () => {
    for (const column of ["recipient", "data", "template", "company_id", "id"]) {
      const change = sql`update mail_outbox set ${sql.raw(`${column} = ${column}`)}`;
      expect([column, await stateOf(database.batch({ kind: "system" }, (db) => [db.execute(change)]))]).toEqual([
        column,
        insufficientPrivilege,
      ]);
    }
  });
});
