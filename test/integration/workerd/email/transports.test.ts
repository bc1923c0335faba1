import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Delivery, OutgoingMail } from "../../../../src/features/email/ports.ts";
import { createHttpTransport } from "../../../../src/platform/email/http-transport.ts";
import { createSesTransport } from "../../../../src/platform/email/ses-transport.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import type { TakenMail } from "../../../support/node/mail-service.ts";

const { mailServiceUrl, mailServiceToken, sesSecret } = env.TEST_STACK;
const common = { sender: "Etter <no-reply@example.com>", meter: new RequestMeter(Date.now), timeoutMs: 5_000 };
const overHttp = (manner: string, other: { token?: string; timeoutMs?: number } = {}) =>
  createHttpTransport({
    ...common,
    url: `${mailServiceUrl}/${manner}/messages`,
    token: mailServiceToken,
    requestId: "test-mail",
    ...other,
  });
const overSes = (manner: string, other: { secretAccessKey?: string; region?: string; timeoutMs?: number } = {}) =>
  createSesTransport({
    ...common,
    endpoint: `${mailServiceUrl}/${manner}`,
    region: "eu-central-1",
    accessKeyId: "ses-test",
    secretAccessKey: sesSecret,
    ...other,
  });

const newMail = (): OutgoingMail => ({
  id: crypto.randomUUID(),
  to: "person@example.com",
  subject: "Zoë & “Müller” ✓",
  html: "<p>Hello</p>",
  text: "Hello",
});
const taken = async ({ id }: OutgoingMail): Promise<TakenMail[]> => {
  const all: TakenMail[] = await (await fetch(`${mailServiceUrl}/_taken`)).json();
  return all.filter(({ key }) => key === id);
};
const later = (fault: string, retryAfterSeconds?: number) => ({
  outcome: "later",
  fault,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

describe("a mail service over HTTP", () => {
  it("takes a mail once, however often it is sent, and says the same id", async () => {
    const mail = newMail();
    const [one, two] = [await overHttp("well").send(mail), await overHttp("well").send(mail)];
    expect(one).toEqual({ outcome: "accepted", messageId: expect.stringMatching(/^message-\d+$/) });
    expect(two).toEqual(one);
    expect(await taken(mail)).toMatchObject([{ to: mail.to }]);
  });

  it("that dies before it can say that it took a mail is asked again, and the mail is there once", async () => {
    const mail = newMail();
    expect(await overHttp("lost").send(mail)).toEqual(later("no_answer"));
    expect(await overHttp("well").send(mail)).toMatchObject({ outcome: "accepted" });
    expect(await taken(mail)).toHaveLength(1);
  });

  it.each<[string, object]>([
    ["busy", later("busy", 120)],
    ["broken", later("busy")],
    ["hanging-up", later("no_answer")],
    ["denied", later("not_accepted")],
    ["nowhere", later("not_accepted")],
    ["elsewhere", later("not_accepted")],
    ["bad-mail", { outcome: "never", fault: "rejected" }],
  ])("in the manner %s has not taken it", async (manner, expected) => {
    const mail = newMail();
    expect(await overHttp(manner).send(mail)).toEqual(expected);
    expect(await taken(mail)).toEqual([]);
  });

  it.each(["rubbish"])("that took it and says %s has taken it, under an id we do not know", async (manner) => {
    expect(await overHttp(manner).send(newMail())).toEqual({ outcome: "accepted", messageId: null });
  });

  it("that says too much has taken it, and what it says is not read to the end", async () => {
    expect(await overHttp("huge").send(newMail())).toEqual({ outcome: "accepted", messageId: null });
  });

  it("that does not answer in time is asked later", async () => {
    expect(await overHttp("silent", { timeoutMs: 200 }).send(newMail())).toEqual(later("no_answer"));
  });

  it("that does not know our token, or is not there, is asked later: an operator mends that", async () => {
    expect(await overHttp("well", { token: "another-token-of-no-use" }).send(newMail())).toEqual(later("not_accepted"));
    const gone = createHttpTransport({ ...common, url: "http://127.0.0.1:9/messages", token: "t", requestId: "test" });
    expect(await gone.send(newMail())).toEqual(later("no_answer"));
  });
});

describe("SES", () => {
  it("takes a mail whose signature is right, and tells its id", async () => {
    const mail = newMail();
    expect(await overSes("well").send(mail)).toEqual({
      outcome: "accepted",
      messageId: expect.stringMatching(/^message-\d+$/),
    });
    expect(await taken(mail)).toMatchObject([{ to: mail.to, manner: "well" }]);
  });

  it.each([{ secretAccessKey: "another-secret" }, { region: "us-east-1" }])(
    "refuses one signed with %j, and it is asked later",
    async (wrong) => {
      const mail = newMail();
      expect(await overSes("well", wrong).send(mail)).toEqual(later("not_accepted"));
      expect(await taken(mail)).toEqual([]);
    },
  );

  it.each<[string, object]>([
    ["ses-rejected", { outcome: "never", fault: "rejected" }],
    ["ses-bad-request", { outcome: "never", fault: "rejected" }],
    ["ses-unverified", later("not_accepted")],
    ["ses-throttled", later("busy")],
    ["ses-throttled-400", later("busy")],
    ["ses-paused", later("not_accepted")],
    ["ses-suspended", later("not_accepted")],
    ["broken", later("busy")],
    ["hanging-up", later("no_answer")],
  ])("in the manner %s has not taken it", async (manner, expected) => {
    const mail = newMail();
    expect(await overSes(manner).send(mail)).toEqual(expected satisfies object as Delivery);
    expect(await taken(mail)).toEqual([]);
  });

  it("has no idempotency: a mail whose answer was lost is taken twice, each with our id to tell them by", async () => {
    const mail = newMail();
    expect(await overSes("lost").send(mail)).toEqual(later("no_answer"));
    expect(await overSes("well").send(mail)).toMatchObject({ outcome: "accepted" });
    expect(await taken(mail)).toHaveLength(2);
  });

  it("that does not answer in time is asked once a call and no more", async () => {
    const meter = new RequestMeter(Date.now);
    const transport = createSesTransport({
      ...common,
      meter,
      timeoutMs: 200,
      endpoint: `${mailServiceUrl}/silent`,
      region: "eu-central-1",
      accessKeyId: "ses-test",
      secretAccessKey: sesSecret,
    });
    expect(await transport.send(newMail())).toEqual(later("no_answer"));
    expect(meter.tallies.get("mail")?.calls).toBe(1);
  });
});
