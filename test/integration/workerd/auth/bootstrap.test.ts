import { env } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../../src/http/app.ts";
import { auditLog, users } from "../../../../src/platform/db/schema/index.ts";
import { platformCompanyId } from "../../../../src/shared/ids.ts";
import { config, superuserDatabase } from "../../../support/workerd/factories.ts";
import { createScratchDatabase, type ScratchDatabase } from "../../../support/workerd/scratch-database.ts";

const password = "three unlikely words together";
const app = createApp();

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
  readonly body: any;
}

/** An address of its own for each try, unless a test is about the limit. */
const someAddress = (): string => `10.${[...crypto.getRandomValues(new Uint8Array(3))].join(".")}`;

/** A deployment of its own: the app on a database where nobody is yet. */
function deployment() {
  let database: ScratchDatabase;
  beforeAll(async () => {
    database = await createScratchDatabase("migrated");
  });
  afterAll(() => database.drop());
  const send = async (path: string, body: unknown, headers: Record<string, string>): Promise<Reply> => {
    const request = new Request(`https://etter.test${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "CF-Connecting-IP": someAddress(), ...headers },
    });
    const response = await app.fetch(request, { ...env, DATABASE_URL: database.appUrl });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const owner = (email = "owner@example.com", extra: object = {}) => ({
    email,
    password,
    first_name: "Sam",
    last_name: "Owner",
    ...extra,
  });
  return {
    owner,
    bootstrap: (body: unknown, headers: Record<string, string> = { "X-Admin-Secret": config.adminSecret }) =>
      send("/api/etter/auth/bootstrap", body, headers),
    login: (email: string) => send("/api/etter/auth/login", { email, password }, {}),
    people: () => superuserDatabase(database.appUrl).select().from(users),
    audit: () =>
      superuserDatabase(database.appUrl)
        .select()
        .from(auditLog)
        .where(and(eq(auditLog.action, "auth.bootstrap"), eq(auditLog.outcome, "done"))),
    refusals: () =>
      superuserDatabase(database.appUrl)
        .select()
        .from(auditLog)
        .where(and(eq(auditLog.action, "auth.bootstrap"), eq(auditLog.outcome, "refused"))),
  };
}

describe("bootstrap", () => {
  const { bootstrap, owner, login, people, audit, refusals } = deployment();

  it.each([
    ["without the secret", {}],
    ["with an empty one", { "X-Admin-Secret": "" }],
    ["with a wrong one", { "X-Admin-Secret": "x".repeat(64) }],
    ["with one that is a character short", { "X-Admin-Secret": config.adminSecret.slice(0, -1) }],
    ["with one that is a character long", { "X-Admin-Secret": `${config.adminSecret}0` }],
    ["with it as a bearer token", { Authorization: `Bearer ${config.adminSecret}` }],
    ["with the signing key", { "X-Admin-Secret": config.tokens.secret }],
  ])("%s is refused", async (_what, headers) => {
    const answer = await bootstrap(owner(), headers);
    expect([answer.status, answer.body.code]).toEqual([401, "unauthorized"]);
    expect(await people()).toEqual([]);
    expect((await refusals()).at(-1)).toMatchObject({ reason: "wrong_secret", actorUserId: null });
  });

  it.each([
    ["short", "fourteen chars"],
    ["long", "x1y2z3 ".repeat(20)],
    ["common", "password password"],
    ["the mail name", "owner-of-it owner-of-it"],
    ["the product", "etteretteretter"],
    ["one letter", "a".repeat(40)],
  ])("with a weak password (%s) is a 422 that names the field and not the value", async (_what, weak) => {
    const answer = await bootstrap(owner("owner-of-it@example.com", { password: weak }));
    expect([answer.status, answer.body.code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors).toEqual([{ path: "password", message: expect.stringMatching(/^must/) }]);
    expect(JSON.stringify(answer.body)).not.toContain(weak);
    expect(await people()).toEqual([]);
  });

  it("takes no group and no company", async () => {
    for (const extra of [{ group: "Admin" }, { company_id: crypto.randomUUID() }, { is_active: false }])
      expect((await bootstrap(owner("owner@example.com", extra))).status).toBe(422);
  });

  it("makes a Super Admin of the platform company, with an audit row, who can sign in", async () => {
    const answer = await bootstrap(owner("Owner@Example.com"), {
      "X-Admin-Secret": config.adminSecret,
      "X-Request-Id": "test-bootstrap-1",
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    expect(answer.body).toMatchObject({
      email: "owner@example.com",
      group: "Super Admin",
      is_active: true,
      email_verified: true,
      company: { id: platformCompanyId },
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/password|scrypt/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await audit()).toMatchObject([
      {
        companyId: platformCompanyId,
        actorUserId: null,
        targetType: "user",
        targetId: answer.body.id,
        outcome: "done",
        requestId: "test-bootstrap-1",
        changes: { group: { old: null, new: "Super Admin" } },
      },
    ]);
    const [stored] = await people();
    expect(stored?.passwordHash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    const signedIn = await login("owner@example.com");
    expect([signedIn.status, signedIn.body.user?.group]).toEqual([200, "Super Admin"]);
  });

  it("is closed ever after, for the same address and for another, and says so only to the holder of the secret", async () => {
    for (const email of ["owner@example.com", "second@example.com"]) {
      const answer = await bootstrap(owner(email));
      expect([answer.status, answer.body.code]).toEqual([409, "bootstrap_closed"]);
    }
    expect((await refusals()).filter(({ reason }) => reason === "bootstrap_closed")).toHaveLength(2);
    expect((await bootstrap(owner(), { "X-Admin-Secret": "x".repeat(64) })).status).toBe(401);
    expect(await people()).toHaveLength(1);
    expect(await audit()).toHaveLength(1);
  });
});

describe("twenty at once", () => {
  const { bootstrap, owner, people, audit } = deployment();

  it("make exactly one", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bootstrap(owner(`owner-${index}@example.com`))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    expect((await bootstrap(owner("late@example.com"))).status).toBe(409);
    expect(await people()).toHaveLength(1);
    expect(await audit()).toHaveLength(1);
  });
});

describe("the limit", () => {
  const { bootstrap, owner, people } = deployment();

  it("lets five tries of a network through in fifteen minutes, right or wrong, and then none", async () => {
    const network = { "CF-Connecting-IP": someAddress() };
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect((await bootstrap(owner(), { ...network, "X-Admin-Secret": `wrong ${attempt}` })).status).toBe(401);
    const refused = await bootstrap(owner(), { ...network, "X-Admin-Secret": config.adminSecret });
    expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-policy")).toBe('"bootstrap";q=5;w=900');
    expect(refused.headers.get("ratelimit")).toMatch(/^"bootstrap";r=0;t=\d+$/);
    expect(await people()).toEqual([]);
    // Another network is not held up.
    expect((await bootstrap(owner())).status).toBe(201);
  });

  it("counts an IPv6 /64 as one network", async () => {
    const [third = 0, fourth = 0] = crypto.getRandomValues(new Uint16Array(2));
    const prefix = `2001:db8:${third.toString(16)}:${fourth.toString(16)}`;
    const statuses: number[] = [];
    for (let host = 1; host <= 6; host += 1)
      statuses.push(
        (await bootstrap(owner(), { "CF-Connecting-IP": `${prefix}::${host}`, "X-Admin-Secret": "wrong" })).status,
      );
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});
