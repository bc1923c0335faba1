import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { config, makePerson, sessionOf, testPassword } from "../../../support/workerd/factories.ts";
import { captureLog } from "./app-under-test.ts";

const id = (): string => `test-${crypto.randomUUID()}`;

describe("the log", () => {
  it("has one line a request: who, what, how long and how many round trips", async () => {
    const as = await makePerson();
    await sessionOf(as);
    const log = captureLog();
    const requestId = id();
    const answer = await call("/api/etter/users/me", { as, headers: { "X-Request-Id": requestId } });
    expect(answer.status).toBe(200);
    expect(log.requestLine(requestId)).toEqual({
      level: "info",
      event: "request",
      request_id: requestId,
      method: "GET",
      route: "/api/etter/users/me",
      status: 200,
      ms: expect.any(Number),
      rounds: 1,
      postgres_calls: 1,
      actor: as.userId,
      company: as.companyId,
    });
    // Not the lines of runs that tests before have left under way.
    expect(log.lines().filter((line) => line["request_id"] === requestId)).toHaveLength(1);
  });

  it("names the route by its pattern and the refusal by its code", async () => {
    const as = await makePerson({ group: "Admin" });
    const log = captureLog();
    const [missing, malformed] = [id(), id()];
    await call(`/api/etter/users/${crypto.randomUUID()}?note=do-not-log-me`, {
      as,
      headers: { "X-Request-Id": missing },
    });
    await call("/api/etter/auth/login", {
      raw: '{"password":"do-not-log-me',
      headers: { "Content-Type": "application/json", "X-Request-Id": malformed },
    });
    expect(log.requestLine(missing)).toMatchObject({
      route: "/api/etter/users/:id",
      status: 404,
      code: "not_found",
      level: "info",
    });
    expect(log.requestLine(malformed)).toMatchObject({
      route: "/api/etter/auth/login",
      status: 400,
      code: "malformed_json",
      level: "info",
    });
    expect(log.requestLine(malformed)).not.toHaveProperty("frames");
    expect(log.text()).not.toContain("do-not-log-me");
  });

  it("holds no body, password, token, address or secret", async () => {
    const person = await makePerson();
    const log = captureLog();
    const signedIn = await call("/api/etter/auth/login", {
      body: { email: person.email, password: testPassword },
      headers: { Cookie: "session=cookie-value-unseen" },
    });
    expect(signedIn.status, signedIn.text).toBe(200);
    const { access_token: accessToken, refresh_token: refreshToken } = signedIn.body;
    const Authorization = `Bearer ${accessToken}`;
    await call("/api/etter/auth/login", { body: { email: person.email, password: "a wrong password unseen" } });
    await call("/api/etter/auth/login", { body: { email: person.email, password: ["unseen"], hint: "a hint unseen" } });
    await call("/api/etter/auth/bootstrap", {
      body: { email: "a@example.com", password: "short", first_name: "Sam", last_name: "Owner" },
      headers: { "X-Admin-Secret": config.adminSecret },
    });
    await call("/api/etter/users/me", { headers: { Authorization } });
    await call(`/api/etter/users/me?access_token=${accessToken}`);
    await call("/api/etter/simulation/v1", {
      headers: { Authorization },
      body: {
        company: "Confidential unseen",
        n_iterations: 1,
        automation_factor: 0,
        n_months: 12,
        roles: [{ role: "Engineer", count: 1, salary: 1 }],
      },
    });
    expect(log.lines().filter((line) => line["event"] === "request")).toHaveLength(7);
    const secrets = {
      person: person.email,
      testPassword,
      accessToken,
      refreshToken,
      signature: String(accessToken).split(".")[2],
      key: config.tokens.secret,
      admin: config.adminSecret,
      database: config.database.url,
      redis: config.redis.token,
      s3: config.s3.secretAccessKey,
    };
    for (const [name, secret] of Object.entries(secrets)) expect(log.text().includes(String(secret)), name).toBe(false);
    // No words that an id in hexadecimal may have in it.
    expect(log.text()).not.toMatch(/unseen|Bearer|Sam|Engineer/);
  });

  it("says on the answer where the time went", async () => {
    const person = await makePerson();
    const login = () => call("/api/etter/auth/login", { body: { email: person.email, password: testPassword } });
    // A Redis that has just started is first told the limiter's script: a round trip more.
    await login();
    const answer = await login();
    expect(answer.headers.get("server-timing")).toMatch(
      /^redis;dur=\d+;desc="\d+ calls", postgres;dur=\d+;desc="2 calls", total;dur=\d+;desc="3 rounds"$/,
    );
    for (const path of ["/health", "/nothing", "/docs/etter", "/api/etter/users/me"])
      expect((await call(path)).headers.get("server-timing")).toMatch(/^total;dur=\d+;desc="0 rounds"$/);
  });
});
