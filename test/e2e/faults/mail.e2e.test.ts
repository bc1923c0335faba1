import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { scheduledAddress } from "../../../local/dev/cron-ticker.ts";
import type { ListeningServer } from "../../../local/stack/http-server.ts";
import { startMailService, type TakenMail } from "../../support/node/mail-service.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "./scratch-server.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const PATIENCE_MS = 30_000;
/** Less than a mail service is given: the answer must not have waited for it. */
const ANSWERED_WITHIN_MS = 9_000;
const TOKEN = "a token of a mail service".replaceAll(" ", "-");
const PLATFORM = "00000000-0000-4000-8000-000000000001";
const sesKey = { accessKeyId: "unused", secretAccessKey: "unused", region: "eu-central-1", service: "ses" };

let scratch: ScratchServer;
let service: ListeningServer;
let line: TcpProxy;

beforeAll(async () => {
  scratch = await startScratchServer();
  service = await startMailService(TOKEN, sesKey);
  line = await startTcpProxy(service.port);
});

afterAll(async () => {
  await scratch?.remove();
  await line?.close();
  await service?.close();
});

afterEach(async () => {
  await line.restore();
  await scratch.server.stack.postgres.start();
  await scratch.superuser.query("delete from mail_outbox");
});

describe("a mail service that is stopped", () => {
  it("loses no mail and doubles none: all go out when it is back, and readiness tells meanwhile", async () => {
    await serviceIs("well");
    await line.cut();
    const ids = await queueMails(3);
    await tickClock();
    await untilPutOff(ids);
    await expect
      .poll(readiness, { timeout: PATIENCE_MS })
      .toMatchObject({ status: 200, mail: { waiting: 3, dead: 0 } });
    await line.restore();
    await makeDue(ids);
    await untilSent(ids);
    expect(await timesTaken(ids)).toEqual(ids.map(() => 1));
  });

  it("or hangs: the tick ends all the same, and the mails go out later", async () => {
    await serviceIs("well");
    line.hang();
    const ids = await queueMails(2);
    await tickClock();
    await untilPutOff(ids);
    await line.restore();
    await makeDue(ids);
    await untilSent(ids);
    expect(await timesTaken(ids)).toEqual([1, 1]);
  });
});

describe("a Worker that is killed", () => {
  it("after it answered, while it waits for the service: the answer did not wait, and the mail goes out by the clock, once", async () => {
    await serviceIs("silent");
    const { status } = await fetch(`${scratch.server.url}/api/etter/auth/password/forgot`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: "researcher@demo.example" }),
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    expect(status).toBe(202);
    const queued = "select id from mail_outbox where template = 'password_reset'";
    const { rows } = await scratch.superuser.query<{ id: string }>(queued);
    const ids = rows.map(({ id }) => id);
    expect(ids).toHaveLength(1);
    await expect.poll(async () => (await mails(ids))[0]?.status, { timeout: PATIENCE_MS, interval: 5 }).toBe("sending");
    await scratch.server.killWorkerd();
    await serviceIs("well");
    await makeDue(ids);
    await untilSent(ids);
    expect(await timesTaken(ids)).toEqual([1]);
    const { rows: wiped } = await scratch.superuser.query("select from mail_outbox where sealed_token is not null");
    expect(wiped).toEqual([]);
  });

  it("between write and send: the mail goes out by the clock, once", async () => {
    await serviceIs("silent");
    const ids = await queueMails(1);
    const tick = tickClock().catch(() => undefined);
    await expect.poll(async () => (await mails(ids))[0]?.status, { timeout: PATIENCE_MS, interval: 5 }).toBe("sending");
    await scratch.server.killWorkerd();
    await tick;
    expect((await mails(ids))[0]?.status).toBe("sending");
    await serviceIs("well");
    await makeDue(ids);
    await untilSent(ids);
    expect(await timesTaken(ids)).toEqual([1]);
  });

  it("after the service took the mail and before it was marked: it is asked again by the same key, and the mail is there once", async () => {
    await serviceIs("taken-in-silence");
    const ids = await queueMails(1);
    const tick = tickClock().catch(() => undefined);
    await expect.poll(() => timesTaken(ids), { timeout: PATIENCE_MS, interval: 5 }).toEqual([1]);
    await scratch.server.killWorkerd();
    await tick;
    expect((await mails(ids))[0]?.status).toBe("sending");
    await serviceIs("well");
    await makeDue(ids);
    await untilSent(ids);
    expect(await timesTaken(ids)).toEqual([1]);
    expect((await mails(ids))[0]?.attempts).toBeGreaterThanOrEqual(2);
  });
});

it("Postgres that stops while a mail is out: the mail is marked when its claim has run out, and is there once", async () => {
  await serviceIs("slow");
  const ids = await queueMails(1);
  const tick = tickClock().catch(() => undefined);
  await expect.poll(() => timesTaken(ids), { timeout: PATIENCE_MS, interval: 5 }).toEqual([1]);
  await scratch.server.stack.postgres.stop();
  await tick;
  await scratch.server.stack.postgres.start();
  await expect.poll(async () => (await mails(ids))[0]?.status, { timeout: PATIENCE_MS }).toBe("sending");
  await makeDue(ids);
  await untilSent(ids);
  expect(await timesTaken(ids)).toEqual([1]);
});

async function serviceIs(manner: string): Promise<void> {
  const url = `http://127.0.0.1:${line.port}/${manner}/messages`;
  await changeVariables(scratch, { EMAIL_PROVIDER_TYPE: "http", EMAIL_SERVICE_URL: url, EMAIL_SERVICE_TOKEN: TOKEN });
}

async function queueMails(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await scratch.superuser.query(
    `insert into mail_outbox (id, company_id, recipient, template, data, due_at, created_at)
     select id, $2, 'person@example.com', 'address_taken', '{}', now() - interval '1 second', now() from unnest($1::uuid[]) id`,
    [ids, PLATFORM],
  );
  return ids;
}

/** As if the pause, or the lease of a sender that is gone, were over. */
const makeDue = (ids: string[]) =>
  scratch.superuser.query("update mail_outbox set due_at = now() - interval '1 second' where id = any ($1)", [ids]);

async function mails(ids: string[]) {
  const { rows } = await scratch.superuser.query<{
    id: string;
    status: string;
    last_error: string | null;
    attempts: number;
  }>("select id, status, last_error, attempts from mail_outbox where id = any ($1)", [ids]);
  return rows;
}

/** The clock ticks by itself as well: whoever claims them, they are sent. */
async function untilSent(ids: string[]): Promise<void> {
  await tickClock();
  await expect
    .poll(async () => (await mails(ids)).map(({ status }) => status), { timeout: PATIENCE_MS })
    .toEqual(ids.map(() => "sent"));
}

/** Tried, in vain, and queued for later. */
async function untilPutOff(ids: string[]): Promise<void> {
  await expect
    .poll(async () => (await mails(ids)).map((mail) => [mail.status, mail.last_error]), { timeout: PATIENCE_MS })
    .toEqual(ids.map(() => ["queued", "no_answer"]));
}

async function timesTaken(ids: string[]): Promise<number[]> {
  const taken = (await (await fetch(`${service.url}/_taken`)).json()) as TakenMail[];
  return ids.map((id) => taken.filter(({ key }) => key === id).length);
}

async function readiness() {
  const response = await fetch(`${scratch.server.url}/health/ready`);
  const { mail } = (await response.json()) as { mail: unknown };
  return { status: response.status, mail };
}

async function tickClock(): Promise<void> {
  const response = await fetch(scheduledAddress(scratch.server.url, "* * * * *"));
  await response.body?.cancel();
  await sleep(0);
}
