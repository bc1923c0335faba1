import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startMailSink } from "../../../../local/stack/mail-sink/mail-sink.ts";
import type { MailSink } from "../../../../local/stack/mail-sink/mail-sink.ts";
import { MAILBOX_LIMIT } from "../../../../local/stack/mail-sink/mailbox.ts";

let sink: MailSink;

beforeAll(async () => {
  sink = await startMailSink();
});
afterAll(() => sink.close());
beforeEach(() => sink.mailbox.clear());

const mail = (fields: Record<string, unknown> = {}) => ({
  from: "Etter <no-reply@example.com>",
  to: "ada@acme.example",
  subject: "Welcome",
  html: "<p>Hello</p>",
  text: "Hello",
  ...fields,
});

async function send(body: unknown, key?: string): Promise<{ status: number; id: string }> {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  const response = await fetch(`${sink.url}/messages`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, id: ((await response.json()) as { id: string }).id };
}

async function list(query = ""): Promise<{ id: string; to: string; subject: string }[]> {
  const response = await fetch(`${sink.url}/messages${query}`);
  return ((await response.json()) as { messages: { id: string; to: string; subject: string }[] }).messages;
}

it("lists what it got, newest first, and filters by address", async () => {
  await send(mail({ subject: "first" }));
  await send(mail({ subject: "second", to: "Bob@acme.example" }));
  expect((await list()).map(({ subject }) => subject)).toEqual(["second", "first"]);
  expect((await list(`?to=${encodeURIComponent("bob@ACME.example")}`)).map(({ subject }) => subject)).toEqual([
    "second",
  ]);
  const [newest] = await list();
  expect(newest).toMatchObject({ html: "<p>Hello</p>", text: "Hello", idempotency_key: null });
});

it("keeps one mail of those with the same idempotency key", async () => {
  const [first, second] = [await send(mail(), "k"), await send(mail({ subject: "again" }), "k")];
  expect([first.status, second.status]).toEqual([201, 200]);
  expect(second.id).toBe(first.id);
  expect(await list()).toHaveLength(1);
  await send(mail(), "other");
  expect(await list()).toHaveLength(2);
});

it.each([
  ["no JSON", "{", 400],
  ["no subject", JSON.stringify(mail({ subject: undefined })), 422],
  ["an address that is no text", JSON.stringify(mail({ to: ["a@acme.example"] })), 422],
  ["null", "null", 422],
  ["more than a megabyte", JSON.stringify(mail({ text: "x".repeat(1_100_000) })), 413],
])("refuses %s", async (_what, body, status) => {
  expect((await fetch(`${sink.url}/messages`, { method: "POST", body })).status).toBe(status);
  expect(await list()).toEqual([]);
});

it("forgets the oldest beyond its limit", async () => {
  for (let index = 0; index <= MAILBOX_LIMIT; index += 1)
    sink.mailbox.add(mail({ subject: String(index) }), new Date());
  const mails = await list();
  expect(mails).toHaveLength(MAILBOX_LIMIT);
  expect(mails.at(-1)?.subject).toBe("1");
});

it("shows mails on a page on which nothing of them can run", async () => {
  const { id } = await send(
    mail({
      subject: `<script>alert(1)</script>"'&`,
      text: "</pre><img src=x onerror=alert(1)>",
      html: "<script>alert(2)</script>",
    }),
  );
  const page = await fetch(sink.url);
  const html = await page.text();
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
  expect(html).not.toMatch(/<script|<img/);
  const body = await fetch(`${sink.url}/messages/${id}/html`);
  expect(await body.text()).toBe("<script>alert(2)</script>");
  // The sandbox has neither scripts nor the page's origin.
  expect(body.headers.get("content-security-policy")).toMatch(
    /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/,
  );
});

it("answers 404 elsewhere", async () => {
  expect((await fetch(`${sink.url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${sink.url}/messages/00000000-0000-0000-0000-000000000000/html`)).status).toBe(404);
});
