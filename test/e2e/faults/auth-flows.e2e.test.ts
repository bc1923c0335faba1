import { createHash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { scheduledAddress } from "../../../local/dev/cron-ticker.ts";
import { createPasswordHasher } from "../../../src/platform/crypto/password.ts";
import type { CompanyId } from "../../../src/shared/ids.ts";
import { formatMailedToken, type MailedTokenPurpose } from "../../../src/shared/mailed-token.ts";
import { formatSecretToken } from "../../../src/shared/secret-token.ts";
import { startScratchServer, type ScratchServer } from "./scratch-server.ts";

const ANSWERED_WITHIN_MS = 6_000;
const PATIENCE_MS = 30_000;
const TOLD_WITHIN_MS = 1_000;
const PASSWORD = "a sentence only you know";
const PLATFORM = "00000000-0000-4000-8000-000000000001" as CompanyId;

let scratch: ScratchServer;
let passwordHash: string;

beforeAll(async () => {
  scratch = await startScratchServer();
  passwordHash = await createPasswordHasher(randomBytes).hash(PASSWORD);
});
afterAll(() => scratch?.remove());
afterEach(heal);

const stack = () => scratch.server.stack;
const sql = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await scratch.superuser.query<Record<string, unknown>>(text, values)).rows;
const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

async function heal(): Promise<void> {
  await Promise.all([stack().postgres.start(), stack().redis.start()]);
}

interface Somebody {
  readonly email: string;
  readonly userId: string;
  readonly companyId: CompanyId;
}

async function somebody({ verified = true, group = "Reviewer", companyId = "" } = {}): Promise<Somebody> {
  const userId = randomUUID();
  const email = `${userId}@example.com`;
  const company = (companyId || randomUUID()) as CompanyId;
  await sql(
    `insert into companies (id, name, created_at, updated_at) values ($1, 'Acme', now(), now()) on conflict do nothing`,
    [company],
  );
  await sql(
    `insert into users (id, company_id, email, "group", password_hash, email_verified_at, created_at, updated_at)
     values ($1, $2, $3, $6, $4, case when $5 then now() end, now(), now())`,
    [userId, company, email, verified ? passwordHash : null, verified, group],
  );
  return { email, userId, companyId: company };
}

async function refreshTokenOf({ userId, companyId }: Somebody): Promise<{ token: string; sessionId: string }> {
  const [sessionId, family, rotating] = [randomUUID(), randomBytes(32), randomBytes(32)];
  await sql(
    `insert into sessions (id, company_id, user_id, family_digest, refresh_digest, created_at, last_used_at, expires_at)
     values ($1, $2, $3, $4, $5, now(), now(), now() + interval '1 day')`,
    [sessionId, companyId, userId, sha256(family), sha256(rotating)],
  );
  return { token: formatSecretToken("r1", { ids: [companyId, sessionId], secrets: [family, rotating] }), sessionId };
}

async function mailedTokenOf(
  { userId, companyId }: Somebody,
  purpose: Exclude<MailedTokenPurpose, "verify">,
): Promise<string> {
  const secret = randomBytes(32);
  await sql("insert into mailed_tokens values ($1, $2, $3, $4, now(), now() + interval '20 minutes')", [
    companyId,
    userId,
    purpose,
    sha256(secret),
  ]);
  return formatMailedToken(purpose, { companyId, subjectId: userId, secret });
}

async function registrationOf(email: string): Promise<string> {
  const [id, secret] = [randomUUID(), randomBytes(32)];
  await sql(
    `insert into registrations values ($1, $2, $3, $4, 'Sam', 'Founder', 'Acme', $5, now(), now() + interval '1 hour')`,
    [id, PLATFORM, email, passwordHash, sha256(secret)],
  );
  return formatMailedToken("verify", { companyId: PLATFORM, subjectId: id, secret });
}

const send = (method: string, path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${scratch.server.url}/api/etter/${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
const post = (path: string, body: object, headers?: Record<string, string>): Promise<Response> =>
  send("POST", `auth/${path}`, body, headers);
const login = ({ email }: { email: string }) => post("login", { email, password: PASSWORD });

/** One flow of one person: the call, what it leaves behind, and a row that it must have to itself to get on. */
interface Flow {
  send(): Promise<Response>;
  /** A line a thing that exists because of it. */
  left(): Promise<unknown[]>;
  readonly holdUp: readonly [statement: string, values: unknown[]];
}

const register = (email: string) =>
  post("register", { email, password: PASSWORD, first_name: "Sam", last_name: "Founder", company_name: "Globex" });
/** What `register` leaves, with the mail that belongs to it. */
const registered = (email: string) =>
  sql(
    `select m.id from registrations r join mail_outbox m on m.recipient = r.email
     where r.email = $1 and r.company_name = 'Globex' and m.template = 'verify_email'`,
    [email],
  );
const mailsOf = ({ userId }: Somebody, template: string) =>
  sql("select id from mail_outbox where user_id = $1 and template = $2", [userId, template]);
/** The header of somebody who has signed in. */
async function bearerOf(person: Somebody): Promise<Record<string, string>> {
  const { access_token: token } = (await (await login(person)).json()) as { access_token: string };
  return { Authorization: `Bearer ${token}` };
}
const auditOf = (companyId: string, action: string) =>
  sql("select action from audit_log where company_id = $1 and action = $2 and outcome = 'done'", [companyId, action]);
const lockRegistration = (email: string): Flow["holdUp"] => [
  "select from registrations where email = $1 for update",
  [email],
];
const lockUser = ({ userId }: Somebody): Flow["holdUp"] => ["select from users where id = $1 for update", [userId]];

const flows: Readonly<Record<string, () => Promise<Flow>>> = {
  async login() {
    const person = await somebody();
    return {
      send: () => login(person),
      left: () => sql("select id from sessions where user_id = $1", [person.userId]),
      holdUp: lockUser(person),
    };
  },
  async refresh() {
    const person = await somebody();
    const { token, sessionId } = await refreshTokenOf(person);
    return {
      send: () => post("refresh", { refresh_token: token }),
      left: () => sql("select id from sessions where id = $1 and rotated_at is not null", [sessionId]),
      holdUp: ["select from sessions where id = $1 for update", [sessionId]],
    };
  },
  async register() {
    // Somebody who has registered before: the second registration waits for the row of the first.
    const email = `${randomUUID()}@example.com`;
    await registrationOf(email);
    return { send: () => register(email), left: () => registered(email), holdUp: lockRegistration(email) };
  },
  async "verify-email"() {
    const email = `${randomUUID()}@example.com`;
    const token = await registrationOf(email);
    return {
      send: () => post("verify-email", { token }),
      left: () => sql("select id from users where email = $1", [email]),
      holdUp: lockRegistration(email),
    };
  },
  async "password/forgot"() {
    const person = await somebody();
    await mailedTokenOf(person, "reset");
    return {
      send: () => post("password/forgot", { email: person.email }),
      left: () => mailsOf(person, "password_reset"),
      holdUp: ["select from mailed_tokens where user_id = $1 for update", [person.userId]],
    };
  },
  async "password/change"() {
    const person = await somebody();
    const headers = await bearerOf(person);
    const passwords = { current_password: PASSWORD, new_password: "another that nobody guesses" };
    return {
      send: () => post("password/change", passwords, headers),
      left: () => mailsOf(person, "password_changed"),
      holdUp: lockUser(person),
    };
  },
  async "password/reset"() {
    const person = await somebody();
    const token = await mailedTokenOf(person, "reset");
    return {
      send: () => post("password/reset", { token, new_password: "another that nobody guesses" }),
      left: () => auditOf(person.companyId, "auth.password_reset"),
      holdUp: lockUser(person),
    };
  },
  async "invitations/accept"() {
    const person = await somebody({ verified: false });
    const token = await mailedTokenOf(person, "invite");
    return {
      send: () => post("invitations/accept", { token, password: PASSWORD, first_name: "Sam", last_name: "Invited" }),
      left: () => auditOf(person.companyId, "auth.accept_invitation"),
      holdUp: lockUser(person),
    };
  },
  invitation,
};

async function invitation(): Promise<Flow> {
  const admin = await somebody({ group: "Admin" });
  const headers = await bearerOf(admin);
  const email = `${randomUUID()}@example.com`;
  return {
    send: () => send("POST", "users", { email, group: "Reviewer" }, headers),
    left: () =>
      sql(
        `select u.email, exists (select from audit_log a where a.target_id = u.id::text and a.action = 'user.invite') as audited,
           exists (select from mail_outbox m where m.user_id = u.id and m.template = 'invitation') as mailed
         from users u where u.email = $1`,
        [email],
      ),
    // The account of somebody new has no row yet; its foreign key waits for the company's.
    holdUp: ["select from companies where id = $1 for update", [admin.companyId]],
  };
}
/** An Admin's change of a colleague who is signed in: Redis is only told, so it works without it. */
const changeOf = (change: object) => async (): Promise<Flow> => {
  const admin = await somebody({ group: "Admin" });
  const person = await somebody({ companyId: admin.companyId });
  const headers = await bearerOf(admin);
  await refreshTokenOf(person);
  return {
    send: () => send("PATCH", `users/${person.userId}`, change, headers),
    left: () =>
      sql(
        `select a.id from audit_log a where a.target_id = $1 and a.action = 'user.update' and a.outcome = 'done'
         union all select id from sessions where user_id = $1::uuid and ended_at is not null
         union all select id from users where id = $1::uuid and (not is_active or "group" <> 'Reviewer')`,
        [person.userId],
      ),
    holdUp: lockUser(person),
  };
};
const changes = [
  ["group change", changeOf({ group: "Researcher" })],
  ["deactivation", changeOf({ is_active: false })],
] as const;
/** Needs Redis for nothing: signing out works without it (test/integration/workerd/auth/session-gate.test.ts). */
async function logout(): Promise<Flow> {
  const person = await somebody();
  const headers = await bearerOf(person);
  return {
    send: () => post("logout", { scope: "all" }, headers),
    left: () => sql("select id from sessions where user_id = $1 and ended_at is not null", [person.userId]),
    holdUp: ["select from sessions where user_id = $1 for update", [person.userId]],
  };
}
const named = Object.entries(flows);

async function expectUnavailable(response: Response, part: RegExp): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ code: "unavailable", detail: expect.stringMatching(part) });
}

/** Sends while somebody else holds the row; `strike` runs when the flow waits for it in Postgres, and may wait for its answer. */
async function heldUp(
  { send, holdUp: [statement, values] }: Flow,
  strike: (answer: Promise<unknown>) => Promise<unknown>,
): Promise<Response | undefined> {
  const holder = await scratch.superuser.connect();
  holder.on("error", () => undefined);
  try {
    await holder.query("begin");
    await holder.query(statement, values);
    const sent = send().catch(() => undefined);
    const waiting = "select from pg_stat_activity where usename = 'etter_app' and wait_event_type = 'Lock'";
    await expect
      .poll(async () => (await scratch.superuser.query(waiting)).rowCount, { timeout: PATIENCE_MS, interval: 5 })
      .toBe(1);
    await strike(sent);
    // Gone with Postgres, or let go now.
    await holder.query("rollback").catch(() => undefined);
    return await sent;
  } finally {
    holder.release(true);
  }
}

describe.each(named)("%s", (_name, flowOf) => {
  it("with Redis stopped is refused at once, leaves nothing, and works when it is back", async () => {
    const flow = await flowOf();
    await stack().redis.stop();
    const startedAt = performance.now();
    await expectUnavailable(await flow.send(), /Redis/);
    expect(performance.now() - startedAt).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await flow.left()).toEqual([]);
    await heal();
    expect((await flow.send()).ok).toBe(true);
    expect(await flow.left()).toHaveLength(1);
  });
});

describe.each(changes)("%s", (_name, flowOf) => {
  it("with Redis stopped is made, with its audit row, and ends the session", async () => {
    const flow = await flowOf();
    await stack().redis.stop();
    const startedAt = performance.now();
    expect((await flow.send()).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await flow.left()).toHaveLength(3);
  });
});

describe.each([...named, ...changes, ["logout", logout] as const])("%s", (name, flowOf) => {
  // A change leaves itself, its audit row and an ended session; the others one thing.
  const things = changes.some(([of]) => of === name) ? 3 : 1;

  it("with Postgres stopped in its middle leaves nothing, and works when it is back", async () => {
    const flow = await flowOf();
    const answer = await heldUp(flow, () => stack().postgres.stop());
    await expectUnavailable(answer!, /Postgres/);
    await heal();
    expect(await flow.left()).toEqual([]);
    expect((await flow.send()).ok).toBe(true);
    expect(await flow.left()).toHaveLength(things);
  });

  it("that Postgres hangs on is refused in time, and does not happen later", async () => {
    const flow = await flowOf();
    const answer = await heldUp(flow, async (refused) => {
      stack().postgres.pause();
      await refused;
      // Who gave up tells Postgres so, which hears it when it goes on.
      await sleep(TOLD_WITHIN_MS);
      stack().postgres.resume();
    });
    await expectUnavailable(answer!, /Postgres/);
    const open = "select from pg_stat_activity where usename = 'etter_app' and xact_start is not null";
    await expect.poll(async () => (await scratch.superuser.query(open)).rowCount, { timeout: PATIENCE_MS }).toBe(0);
    expect(await flow.left()).toEqual([]);
    expect((await flow.send()).ok).toBe(true);
  });
});

/** Kills workerd while the flow waits in Postgres, which then hears that nobody is there any more. */
async function killedBeforeCommit(flow: Flow): Promise<void> {
  expect(await heldUp(flow, () => scratch.server.killWorkerd())).toBeUndefined();
  await settled();
}

/** Kills workerd once Postgres has committed what `write` is part of, and before anybody has heard of it. */
async function killedAfterCommit({ send }: Flow, write: string): Promise<void> {
  const committed = stack().postgres.withholdAnswer(write);
  const sent = send().catch(() => undefined);
  await committed;
  await scratch.server.killWorkerd();
  expect(await sent).toBeUndefined();
}

const bySides = describe.each([
  ["before Postgres commits", 0, (flow: Flow) => killedBeforeCommit(flow)],
  ["between write and answer", 1, killedAfterCommit],
] as const);

bySides("workerd killed %s", (_when, times, kill) => {
  it("of a login: a session has its audit row, none is without, and the person signs in again", async () => {
    const person = await somebody();
    const flow: Flow = {
      send: () => login(person),
      left: () => sql("select id from sessions where user_id = $1", [person.userId]),
      holdUp: lockUser(person),
    };
    await kill(flow, 'insert into "sessions"');
    const audited = async () => {
      const rows = await sql("select target_id from audit_log where company_id = $1 and action = 'auth.login'", [
        person.companyId,
      ]);
      return rows.map((row) => String(row["target_id"])).toSorted();
    };
    const ids = async () => ((await flow.left()) as { id: string }[]).map(({ id }) => id).toSorted();
    expect(await ids()).toHaveLength(times);
    expect(await audited()).toEqual(await ids());
    expect((await login(person)).status).toBe(200);
    expect(await ids()).toHaveLength(times + 1);
    expect(await audited()).toEqual(await ids());
  });

  it("of a refresh: the session lives, and the token that was spent is a race and no theft", async () => {
    const person = await somebody();
    const { token, sessionId } = await refreshTokenOf(person);
    const flow: Flow = {
      send: () => post("refresh", { refresh_token: token }),
      left: () => sql("select id from sessions where id = $1 and rotated_at is not null", [sessionId]),
      holdUp: ["select from sessions where id = $1 for update", [sessionId]],
    };
    await kill(flow, "refresh_digest = ");
    expect(await flow.left()).toHaveLength(times);
    // Which it is for ten seconds after the write, whatever the killing took.
    await sql("update sessions set rotated_at = now() where id = $1 and rotated_at is not null", [sessionId]);
    expect((await flow.send()).status).toBe(times === 1 ? 409 : 200);
    expect(await sql("select id from sessions where id = $1 and ended_at is null", [sessionId])).toHaveLength(1);
  });

  it("of a registration: it has its mail, which goes out once, and a second try has another", async () => {
    const email = `${randomUUID()}@example.com`;
    await registrationOf(email);
    const flow: Flow = {
      send: () => register(email),
      left: () => registered(email),
      holdUp: lockRegistration(email),
    };
    await kill(flow, 'insert into "registrations"');
    const kept = await sql("select id from registrations where email = $1 and company_name = 'Globex'", [email]);
    expect(kept).toHaveLength(times);
    expect(await flow.left()).toHaveLength(times);
    await delivered(email, times);
    expect((await flow.send()).status).toBe(202);
    expect(await flow.left()).toHaveLength(times + 1);
    await delivered(email, times + 1);
  });

  it("of an invitation: nobody without audit row and mail, which goes out once, and a way on", async () => {
    const flow = await invitation();
    await kill(flow, 'insert into "mailed_tokens"');
    const made = (await flow.left()) as { email: string; audited: boolean; mailed: boolean }[];
    expect(made).toMatchObject(Array.from({ length: times }, () => ({ audited: true, mailed: true })));
    expect((await flow.send()).status).toBe(times === 1 ? 409 : 201);
    const [somebodyNew, ...more] = (await flow.left()) as typeof made;
    expect([somebodyNew, more]).toMatchObject([{ audited: true, mailed: true }, []]);
    await delivered(somebodyNew!.email, 1);
  });

  it("of a confirmation: nobody without an audit row, no company without its Admin, and a way on", async () => {
    const email = `${randomUUID()}@example.com`;
    const token = await registrationOf(email);
    const flow: Flow = {
      send: () => post("verify-email", { token }),
      left: () =>
        sql(
          `select u.id, exists (select from audit_log a where a.target_id = u.id::text and a.action = 'auth.verify_email') as audited
           from users u join companies c on c.id = u.company_id where u.email = $1`,
          [email],
        ),
      holdUp: lockRegistration(email),
    };
    const registrationsOf = () => sql("select id from registrations where email = $1", [email]);
    await kill(flow, 'insert into "companies"');
    expect(await flow.left()).toMatchObject(Array.from({ length: times }, () => ({ audited: true })));
    expect(await registrationsOf()).toHaveLength(1 - times);
    expect((await flow.send()).status).toBe(times === 1 ? 422 : 204);
    expect((await login({ email })).status).toBe(200);
    expect(await flow.left()).toMatchObject([{ audited: true }]);
    expect(await registrationsOf()).toEqual([]);
  });
});

/** The clock has sent every mail to an address, each once: looked at again after it has ticked once more. */
async function delivered(email: string, times: number): Promise<void> {
  const tick = async () => (await fetch(scheduledAddress(scratch.server.url, "* * * * *"))).body?.cancel();
  const unsent = () => sql("select from mail_outbox where recipient = $1 and status <> 'sent'", [email]);
  await tick();
  await expect.poll(unsent, { timeout: PATIENCE_MS }).toEqual([]);
  await tick();
  const response = await fetch(`${stack().frontUrls.mailSink}/messages?to=${encodeURIComponent(email)}`);
  const { messages } = (await response.json()) as { messages: { idempotency_key: string }[] };
  const queued = await sql("select id from mail_outbox where recipient = $1", [email]);
  expect(messages.map(({ idempotency_key: key }) => key).toSorted()).toEqual(
    queued.map(({ id }) => String(id)).toSorted(),
  );
  expect(messages).toHaveLength(times);
}

/** Until no transaction of a Worker that is gone is under way. */
async function settled(): Promise<void> {
  const open = "select from pg_stat_activity where usename = 'etter_app' and xact_start is not null";
  await expect.poll(async () => (await scratch.superuser.query(open)).rowCount, { timeout: PATIENCE_MS }).toBe(0);
}
