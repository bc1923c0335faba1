import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it, vi } from "vitest";
import { runCron } from "../../../../src/cron.ts";
import { mailOutbox, sessions } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import {
  config,
  makePerson,
  makeSession,
  superuserDatabase,
  testPassword,
} from "../../../support/workerd/factories.ts";

// What people see: a call, and then a mail in the sink, with a link that works. Nothing looks into the outbox but to wait.

const newPassword = "another sentence only you know";
const raw = superuserDatabase();

interface SinkMail {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const sinkMails = async (to: string): Promise<SinkMail[]> => {
  const response = await fetch(`${env.TEST_STACK.mailSinkUrl}/messages?to=${encodeURIComponent(to)}`);
  return (await response.json<{ messages: SinkMail[] }>()).messages;
};

/** Waits until everything queued for an address is sent, and returns the only mail of that subject. */
async function onlyMail(to: string, subject: string): Promise<SinkMail> {
  const states = async () => {
    const rows = await raw.select({ status: mailOutbox.status }).from(mailOutbox).where(eq(mailOutbox.recipient, to));
    return new Set(rows.map(({ status }) => status));
  };
  await vi.waitFor(async () => expect(await states()).toEqual(new Set(["sent"])), { timeout: 10_000, interval: 20 });
  const found = (await sinkMails(to)).filter((mail) => mail.subject === subject);
  expect(found).toHaveLength(1);
  expect(found[0]!.from).toBe(config.email.sender);
  return found[0]!;
}

/** The token in a mail, from its only link, which leads to that page of the front end. */
function tokenIn({ text, html }: SinkMail, page: string): string {
  const links = [...text.matchAll(/https?:\S+/g)].map(([link]) => link);
  const start = `${config.appUrl}/${page}#token=`;
  expect(links).toHaveLength(1);
  expect(links[0]!.startsWith(start)).toBe(true);
  expect(html).toContain(`href="${links[0]}"`);
  return links[0]!.slice(start.length);
}

const someone = (email = `${crypto.randomUUID()}@example.com`) => ({
  email,
  password: newPassword,
  first_name: "Visit http://evil.example",
  last_name: "now",
  company_name: "Free money at evil.example",
});
const login = async (email: string, password: string) =>
  (await call("/api/etter/auth/login", { body: { email, password } })).status;
/** A caller may say where it thinks it is; no link of ours listens. */
const lies = { Host: "evil.example", "X-Forwarded-Host": "evil.example", Origin: "https://evil.example" };

it("registering mails a link to confirm with, made of configuration alone, without a word of whoever typed the address", async () => {
  const person = someone();
  expect((await call("/api/etter/auth/register", { body: person, headers: lies })).status).toBe(202);
  const mail = await onlyMail(person.email, "Confirm your e-mail address");
  expect(JSON.stringify(mail)).not.toMatch(/evil|money/);
  const token = tokenIn(mail, "verify-email");
  expect(await login(person.email, newPassword)).toBe(401);
  expect((await call("/api/etter/auth/verify-email", { body: { token } })).status).toBe(204);
  expect(await login(person.email, newPassword)).toBe(200);
});

it("registering a taken address mails its owner that it is taken, and no token", async () => {
  const { email } = await makePerson();
  expect((await call("/api/etter/auth/register", { body: someone(email), headers: lies })).status).toBe(202);
  const mail = await onlyMail(email, "You already have an account");
  expect(JSON.stringify(mail)).not.toMatch(/evil|money|token=/);
});

it("forgetting a password mails a link to a new one; using it mails that it has changed", async () => {
  const { email } = await makePerson();
  expect((await call("/api/etter/auth/password/forgot", { body: { email }, headers: lies })).status).toBe(202);
  const token = tokenIn(await onlyMail(email, "Choose a new password"), "reset-password");
  const reset = await call("/api/etter/auth/password/reset", { body: { token, new_password: newPassword } });
  expect(reset.status, reset.text).toBe(204);
  expect(JSON.stringify(await onlyMail(email, "Your password was changed"))).not.toContain(token);
  expect([await login(email, testPassword), await login(email, newPassword)]).toEqual([401, 200]);
});

it("forgetting the password of nobody mails nobody", async () => {
  const email = `${crypto.randomUUID()}@example.com`;
  expect((await call("/api/etter/auth/password/forgot", { body: { email } })).status).toBe(202);
  expect(await raw.select().from(mailOutbox).where(eq(mailOutbox.recipient, email))).toEqual([]);
});

it("changing a password mails that it has changed", async () => {
  const person = await makePerson();
  const { accessToken } = await makeSession(person);
  const changed = await call("/api/etter/auth/password/change", {
    body: { current_password: testPassword, new_password: newPassword },
    headers: { Authorization: `Bearer ${accessToken}` },
  });
  expect(changed.status, changed.text).toBe(200);
  await onlyMail(person.email, "Your password was changed");
});

it("using a spent refresh token mails that the session was ended and by what device, with the clock", async () => {
  const { email } = await makePerson();
  const signIn = await call("/api/etter/auth/login", { body: { email, password: testPassword } });
  const refresh = () =>
    call("/api/etter/auth/refresh", {
      body: { refresh_token: signIn.body.refresh_token as string },
      headers: { "User-Agent": "<b>Thief</b>/1.0" },
    });
  expect((await refresh()).status).toBe(200);
  const longAgo = new Date(Date.now() - 60_000);
  await raw
    .update(sessions)
    .set({ rotatedAt: longAgo })
    .where(eq(sessions.userId, signIn.body.user.id as string));
  expect((await refresh()).status).toBe(401);
  await runCron(env, Date.now());
  const mail = await onlyMail(email, "We ended one of your sessions");
  expect(mail.text).toContain("<b>Thief</b>/1.0");
  expect(mail.html).toContain("&lt;b&gt;Thief&lt;/b&gt;/1.0");
});
