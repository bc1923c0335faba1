import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createMailComposer } from "../../../../src/features/email/composer.ts";
import { createMailDelivery } from "../../../../src/features/email/delivery.ts";
import * as limits from "../../../../src/features/email/limits.ts";
import { createOutbox } from "../../../../src/features/email/outbox.drizzle.ts";
import type { MailTransport, OutgoingMail } from "../../../../src/features/email/ports.ts";
import { createMailSealer } from "../../../../src/platform/crypto/mail-sealer.ts";
import { auditLog, companies, mailOutbox } from "../../../../src/platform/db/schema/index.ts";
import { createHttpTransport } from "../../../../src/platform/email/http-transport.ts";
import { systemRandom } from "../../../../src/platform/system.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import type { CompanyId } from "../../../../src/shared/ids.ts";
import type { MailDraft } from "../../../../src/shared/mail.ts";
import type { TakenMail } from "../../../support/node/mail-service.ts";
import { appDatabase, config, superuserDatabase } from "../../../support/workerd/factories.ts";
import { queueMail } from "../../../support/workerd/mailbox.ts";
import { createScratchDatabase, type ScratchDatabase } from "../../../support/workerd/scratch-database.ts";

// A database of its own: a claim takes what is due, whoever queued it.
let scratch: ScratchDatabase;
let acme: CompanyId;

beforeAll(async () => {
  scratch = await createScratchDatabase("migrated");
  acme = await company();
});
afterAll(() => scratch.drop());
afterEach(() => raw().delete(mailOutbox));

const raw = () => superuserDatabase(scratch.appUrl);
const secret = "a-token-that-only-its-reader-may-see";
const start = new Date("2026-11-22T10:00:00.000Z");

async function company(): Promise<CompanyId> {
  const id = crypto.randomUUID() as CompanyId;
  await raw().insert(companies).values({ id, name: "Acme", createdAt: start, updatedAt: start });
  return id;
}

/** A clock that is set by hand. */
function handClock() {
  const clock = { at: start, now: () => clock.at, forward: (seconds: number) => (clock.at = after(clock.at, seconds)) };
  return clock;
}
const after = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000);

const service = (manner: string): MailTransport =>
  createHttpTransport({
    url: `${env.TEST_STACK.mailServiceUrl}/${manner}/messages`,
    token: env.TEST_STACK.mailServiceToken,
    sender: "no-reply@example.com",
    requestId: "test-delivery",
    meter: new RequestMeter(Date.now),
    timeoutMs: 2_000,
  });
/** Hands mails on and remembers them. */
function watched(transport: MailTransport) {
  const mails: OutgoingMail[] = [];
  return {
    mails,
    send: (mail: OutgoingMail) => {
      mails.push(mail);
      return transport.send(mail);
    },
  };
}
const sealer = createMailSealer(config.tokens, systemRandom);

function sender(clock: ReturnType<typeof handClock>, transport: MailTransport, opener = sealer) {
  const outbox = createOutbox(appDatabase(scratch.appUrl), { random: systemRandom, requestId: "test-delivery" });
  const onFault = vi.fn<(mail: string, error: unknown) => void>();
  const wait = async () => undefined;
  const appUrl = "https://app.example.com";
  const delivery = createMailDelivery({
    outbox,
    transport,
    sealer: opener,
    appUrl,
    clock,
    random: systemRandom,
    wait,
    onFault,
  });
  return { ...delivery, outbox, onFault };
}

async function queue(fields: Partial<MailDraft> = {}, token?: string): Promise<string> {
  const draft = { companyId: acme, userId: null, to: "person@example.com", at: start } as const;
  const composer = createMailComposer({ sealer, random: systemRandom }, () => undefined);
  const mail = await composer.compose({ ...draft, template: "address_taken", data: {}, ...fields } as MailDraft, token);
  const scope = { kind: "company", companyId: mail.companyId } as const;
  await appDatabase(scratch.appUrl).batch(scope, (db) => [queueMail(db, mail)]);
  return mail.id;
}

const row = async (id: string) => (await raw().select().from(mailOutbox).where(eq(mailOutbox.id, id)))[0]!;
const takenOf = async (id: string): Promise<TakenMail[]> => {
  const all: TakenMail[] = await (await fetch(`${env.TEST_STACK.mailServiceUrl}/_taken`)).json();
  return all.filter(({ key }) => key === id);
};
const none = { sent: 0, later: 0, dead: 0, unsettled: 0 };

describe("a mail that is due", () => {
  it("is sent with its link, marked with the service's id, and its token is wiped", async () => {
    const id = await queue({ template: "verify_email", data: {} }, secret);
    const transport = watched(service("well"));
    expect(await sender(handClock(), transport).deliverDue()).toEqual({ ...none, sent: 1 });
    expect(transport.mails).toHaveLength(1);
    expect(transport.mails[0]).toMatchObject({ id, to: "person@example.com" });
    expect(transport.mails[0]?.text).toContain(`https://app.example.com/verify-email#token=${secret}`);
    const [{ messageId } = { messageId: "" }] = await takenOf(id);
    expect(await row(id)).toMatchObject({
      status: "sent",
      attempts: 1,
      providerMessageId: messageId,
      settledAt: start,
    });
    expect((await row(id)).sealedToken).toBeNull();
  });

  it("goes at once for the request that queued it, and what others queued is left to the clock", async () => {
    const [mine, other] = [await queue(), await queue()];
    expect(await sender(handClock(), service("well")).deliverNow([mine])).toEqual({ ...none, sent: 1 });
    expect([(await row(mine)).status, (await row(other)).status]).toEqual(["sent", "queued"]);
  });

  it("is sent once by twenty senders at once", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => queue()));
    const transport = watched(service("well"));
    const reports = await Promise.all(Array.from({ length: 20 }, () => sender(handClock(), transport).deliverDue()));
    expect(reports.reduce((sum, { sent }) => sum + sent, 0)).toBe(5);
    expect(transport.mails.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  it("comes before the hundredth of a company that queued a hundred", async () => {
    for (let index = 0; index < 100; index += 1) await queue({ at: after(start, -60) });
    const id = await queue({ companyId: await company() });
    const { outbox } = sender(handClock(), service("well"));
    const claimed = await outbox.claim({ at: start, leaseUntil: after(start, 1), limit: limits.mailsPerClaim });
    expect(claimed).toHaveLength(limits.mailsPerClaim);
    expect(claimed.map((mail) => mail.id)).toContain(id);
  });

  it("is among the many that one tick sends, up to its bound", async () => {
    const rows = Array.from({ length: limits.mailsPerTick + 5 }, () => crypto.randomUUID());
    await raw().execute(sql`insert into mail_outbox (id, company_id, recipient, template, data, due_at, created_at)
      select id::uuid, ${acme}::uuid, 'person@example.com', 'address_taken', '{}', ${start.toISOString()}, ${start.toISOString()}
      from json_array_elements_text(${JSON.stringify(rows)}::json) id`);
    const { deliverDue } = sender(handClock(), service("well"));
    expect(await deliverDue()).toEqual({ ...none, sent: limits.mailsPerTick });
    expect(await deliverDue()).toEqual({ ...none, sent: 5 });
  });
});

describe("a service that is slow", () => {
  const slow = (clock: ReturnType<typeof handClock>, seconds: number): MailTransport => ({
    send: async (mail) => {
      const delivery = await service("well").send(mail);
      clock.forward(seconds);
      return delivery;
    },
  });
  const queueMany = () => Promise.all(Array.from({ length: limits.mailsPerClaim + 5 }, () => queue()));

  it("does not make a tick run into the next one: it claims no more when its time is over", async () => {
    const clock = handClock();
    await queueMany();
    expect(await sender(clock, slow(clock, 4)).deliverDue()).toEqual({ ...none, sent: limits.mailsPerClaim });
  });

  it("is not called for a mail whose claim may run out meanwhile: the next sender has it", async () => {
    const clock = handClock();
    const ids = await queueMany();
    const { sent, unsettled } = await sender(clock, slow(clock, 10)).deliverDue();
    expect(sent).toBeLessThan(limits.mailsPerClaim);
    expect(sent + unsettled).toBe(limits.mailsPerClaim);
    const called = (await Promise.all(ids.map(takenOf))).filter(({ length }) => length > 0);
    expect(called).toHaveLength(sent);
  });
});

describe("a mail that the service does not take", () => {
  it("is tried again after longer and longer pauses, and given up at the ceiling, which the audit tells", async () => {
    const id = await queue(
      { template: "invitation", data: { inviter_name: "A", company_name: "B", group: "Reviewer" } },
      secret,
    );
    const clock = handClock();
    const { deliverDue } = sender(clock, service("broken"));
    const pauses: number[] = [];
    for (let attempt = 1; attempt < limits.maxAttempts; attempt += 1) {
      expect(await deliverDue()).toEqual({ ...none, later: 1 });
      const { dueAt, lastError, status } = await row(id);
      expect([status, lastError]).toEqual(["queued", "busy"]);
      pauses.push((dueAt.getTime() - clock.at.getTime()) / 1000);
      // Not a moment too early.
      clock.at = new Date(dueAt.getTime() - 1);
      expect(await deliverDue()).toEqual(none);
      clock.at = dueAt;
    }
    expect(Math.max(...pauses)).toBeLessThanOrEqual(limits.longestPauseSeconds);
    expect(pauses[0]).toBeGreaterThanOrEqual(limits.firstPauseSeconds / 2);
    expect(await deliverDue()).toEqual({ ...none, dead: 1 });
    expect(await row(id)).toMatchObject({ status: "dead", lastError: "busy", sealedToken: null, settledAt: clock.at });
    const told = await raw().select().from(auditLog).where(eq(auditLog.targetId, id));
    expect(told).toMatchObject([
      { companyId: acme, action: "mail.dead", targetType: "mail", reason: "busy", requestId: "test-delivery" },
    ]);
    expect(JSON.stringify(told)).not.toContain("example.com");
    clock.forward(24 * 3600);
    expect(await deliverDue()).toEqual(none);
  });

  it("waits as long as the service asks", async () => {
    const id = await queue();
    await sender(handClock(), service("busy")).deliverDue();
    expect((await row(id)).dueAt.getTime() - start.getTime()).toBe(120_000);
  });

  it("for good is given up at once, while the others of its claim go out", async () => {
    const [bad, good] = [await queue({ to: "bad@example.com" }), await queue()];
    const [well, refusing] = [service("well"), service("bad-mail")];
    const transport = { send: (mail: OutgoingMail) => (mail.id === bad ? refusing : well).send(mail) };
    expect(await sender(handClock(), transport).deliverDue()).toEqual({ ...none, sent: 1, dead: 1 });
    expect([(await row(bad)).lastError, (await row(good)).status]).toEqual(["rejected", "sent"]);
  });

  it("before its token has expired is not sent any more", async () => {
    const id = await queue({ template: "password_reset", data: {} }, secret);
    const clock = handClock();
    clock.forward(30 * 60);
    const transport = watched(service("well"));
    expect(await sender(clock, transport).deliverDue()).toEqual({ ...none, dead: 1 });
    expect(transport.mails).toEqual([]);
    expect((await row(id)).lastError).toBe("expired");
  });

  it("stops the tick, so that a service that is down is asked a few times and not a hundred", async () => {
    for (let index = 0; index < limits.mailsPerClaim + 1; index += 1) await queue();
    const transport = watched(service("broken"));
    expect(await sender(handClock(), transport).deliverDue()).toEqual({ ...none, later: limits.mailsPerClaim });
    expect(transport.mails).toHaveLength(limits.mailsPerClaim);
  });
});

describe("a sender that dies", () => {
  it("before it called: the mail goes out when its claim has run out, and not earlier", async () => {
    const id = await queue({ template: "verify_email", data: {} }, secret);
    const clock = handClock();
    const { outbox, deliverDue } = sender(clock, service("well"));
    const leaseUntil = after(start, limits.leaseSeconds);
    expect(await outbox.claim({ at: start, leaseUntil, limit: 1 })).toHaveLength(1);
    clock.forward(limits.leaseSeconds - 1);
    expect(await deliverDue()).toEqual(none);
    clock.forward(1);
    expect(await deliverDue()).toEqual({ ...none, sent: 1 });
    expect(await takenOf(id)).toHaveLength(1);
    expect((await row(id)).attempts).toBe(2);
  });

  it("after the service took the mail: it is asked again under the same key, and the mail is there once", async () => {
    const id = await queue();
    const clock = handClock();
    const first = sender(clock, service("well"));
    const [claimed] = await first.outbox.claim({ at: start, leaseUntil: after(start, limits.leaseSeconds), limit: 1 });
    await service("well").send({ id: claimed!.id, to: claimed!.to, subject: "", html: "", text: "" });
    clock.forward(limits.leaseSeconds);
    expect(await sender(clock, service("well")).deliverDue()).toEqual({ ...none, sent: 1 });
    expect(await takenOf(id)).toHaveLength(1);
    // And should it not have died but slept: the claim is not its own any more.
    expect(await first.outbox.settle(claimed!, { status: "dead", reason: "rejected" }, clock.at)).toBe(false);
    expect((await row(id)).status).toBe("sent");
    expect(await raw().select().from(auditLog).where(eq(auditLog.targetId, id))).toEqual([]);
  });

  it("only slept: it cannot settle what another sender has claimed since", async () => {
    const id = await queue();
    const { outbox } = sender(handClock(), service("well"));
    const claim = async (at: Date) =>
      (await outbox.claim({ at, leaseUntil: after(at, limits.leaseSeconds), limit: 1 }))[0]!;
    const slept = await claim(start);
    const later = after(start, limits.leaseSeconds);
    const awake = await claim(later);
    expect(await outbox.settle(slept, { status: "dead", reason: "rejected" }, later)).toBe(false);
    expect(await row(id)).toMatchObject({ status: "sending", attempts: 2 });
    expect(await outbox.settle(awake, { status: "sent", messageId: null }, later)).toBe(true);
    expect(await raw().select().from(auditLog).where(eq(auditLog.targetId, id))).toEqual([]);
  });

  it("again and again with the same mail: it is given up at the ceiling and not tried for ever", async () => {
    const id = await queue();
    const clock = handClock();
    const transport = watched(service("well"));
    const { outbox, deliverDue } = sender(clock, transport);
    for (let attempt = 1; attempt <= limits.maxAttempts; attempt += 1) {
      await outbox.claim({ at: clock.at, leaseUntil: after(clock.at, limits.leaseSeconds), limit: 1 });
      clock.forward(limits.leaseSeconds);
    }
    expect(await deliverDue()).toEqual({ ...none, dead: 1 });
    expect(transport.mails).toEqual([]);
    expect((await row(id)).lastError).toBe("attempts_exhausted");
  });
});

describe("a sender that cannot go on", () => {
  it("because its outcome cannot be stored tries that again, and then leaves the mail to its claim", async () => {
    const id = await queue();
    const clock = handClock();
    const real = sender(clock, service("well")).outbox;
    let calls = 0;
    const failing = (times: number) => ({
      ...real,
      settle: (...args: Parameters<typeof real.settle>) =>
        (calls += 1) <= times ? Promise.reject(new Error("Postgres is away")) : real.settle(...args),
    });
    const onFault = vi.fn<(mail: string, error: unknown) => void>();
    const delivering = (times: number) => {
      const common = { transport: service("well"), sealer, appUrl: "https://app.example.com", clock, onFault };
      calls = 0;
      return createMailDelivery({
        ...common,
        outbox: failing(times),
        random: systemRandom,
        wait: async () => undefined,
      });
    };
    expect(await delivering(limits.settleTries).deliverDue()).toEqual({ ...none, unsettled: 1 });
    expect(onFault).toHaveBeenCalledWith(id, expect.objectContaining({ message: "Postgres is away" }));
    clock.forward(limits.leaseSeconds);
    expect(await delivering(limits.settleTries - 1).deliverDue()).toEqual({ ...none, sent: 1 });
    expect(await takenOf(id)).toHaveLength(1);
  });

  it("because its token does not open gives the mail up without asking the service", async () => {
    const id = await queue({ template: "verify_email", data: {} }, secret);
    await raw()
      .update(mailOutbox)
      .set({ sealedToken: new Uint8Array(40).fill(1) })
      .where(eq(mailOutbox.id, id));
    const transport = watched(service("well"));
    expect(await sender(handClock(), transport).deliverDue()).toEqual({ ...none, dead: 1 });
    expect([transport.mails, (await row(id)).lastError]).toEqual([[], "token_unreadable"]);
  });

  it("because a mail is beyond writing says so, and sends the others", async () => {
    const [odd, good] = [await queue(), await queue()];
    await raw().update(mailOutbox).set({ template: "unheard_of" }).where(eq(mailOutbox.id, odd));
    const broken = sender(handClock(), service("well"));
    expect(await broken.deliverDue()).toEqual({ ...none, sent: 1, unsettled: 1 });
    expect(broken.onFault).toHaveBeenCalledWith(odd, expect.any(TypeError));
    expect((await row(good)).status).toBe("sent");
  });
});

it("a mail whose token was sealed before SECRET_KEY was rotated goes out all the same", async () => {
  const before = { secret: "b".repeat(32), previousSecret: undefined };
  const composer = createMailComposer(
    { sealer: createMailSealer(before, systemRandom), random: systemRandom },
    () => undefined,
  );
  const draft = { companyId: acme, userId: null, to: "person@example.com", at: start } as const;
  const mail = await composer.compose({ ...draft, template: "verify_email", data: {} }, secret);
  await appDatabase(scratch.appUrl).batch({ kind: "company", companyId: acme }, (db) => [queueMail(db, mail)]);
  const transport = watched(service("well"));
  const rotated = createMailSealer({ ...config.tokens, previousSecret: before.secret }, systemRandom);
  expect(await sender(handClock(), transport, rotated).deliverDue()).toEqual({ ...none, sent: 1 });
  expect(transport.mails[0]?.text).toContain(`#token=${secret}`);
});

describe("what is left", () => {
  it("is told as a backlog", async () => {
    const { outbox, deliverDue } = sender(handClock(), service("bad-mail"));
    expect(await outbox.backlog(start)).toEqual({ waiting: 0, oldestSeconds: null, dead: 0 });
    await queue({ at: after(start, -90) });
    await queue({ at: after(start, 10) });
    expect(await outbox.backlog(start)).toEqual({ waiting: 2, oldestSeconds: 90, dead: 0 });
    await deliverDue();
    expect(await outbox.backlog(start)).toEqual({ waiting: 1, oldestSeconds: 0, dead: 1 });
  });

  it("is swept when it is old: sent mails first, dead ones later, waiting ones never", async () => {
    const ids = { sent: await queue(), dead: await queue(), waiting: await queue({ at: after(start, 3600) }) };
    const clock = handClock();
    await sender(clock, service("well")).deliverNow([ids.sent]);
    await sender(clock, service("bad-mail")).deliverNow([ids.dead]);
    const { sweep } = sender(clock, service("well"));
    const left = async () =>
      (await raw().select({ id: mailOutbox.id }).from(mailOutbox)).map(({ id }) => id).toSorted();
    clock.forward(limits.keepSentDays * 86_400);
    expect([await sweep(), await left()]).toEqual([0, Object.values(ids).toSorted()]);
    clock.forward(1);
    expect([await sweep(), await left()]).toEqual([1, [ids.dead, ids.waiting].toSorted()]);
    clock.forward(limits.keepDeadDays * 86_400);
    expect([await sweep(), await left()]).toEqual([1, [ids.waiting]]);
  });
});
