import { Buffer } from "node:buffer";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { everythingInPostgres, everythingInRedis } from "../../../support/workerd/everything.ts";
import { config, makeMailedToken, makePerson } from "../../../support/workerd/factories.ts";
import { mailedTokenTo, mailsTo } from "../../../support/workerd/mailbox.ts";
import { captureLog } from "../http/app-under-test.ts";

/** What a wordy client would be told: bodies and headers of everything that was answered. */
type Told = { readonly text: string; readonly headers: Headers };

it(
  "no secret of a whole life of an account is in the log, the audit, other tables, mails, Redis or answers",
  { timeout: 60_000 },
  async () => {
    const log = captureLog();
    const email = `${crypto.randomUUID()}@example.com`;
    const passwords = [
      "the first of my sentences",
      "the second of my sentences",
      "the third of my sentences",
      "a wrong sentence of mine",
    ];
    const [first, second, third, wrong] = passwords as [string, string, string, string];
    const secrets: Record<string, string> = { first, second, third, wrong };
    const told: Told[] = [];
    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const answer = await call(`/api/etter/auth/${path}`, { body, headers });
      told.push(answer);
      return answer;
    };
    const remember = (name: string, token: string) => {
      for (const [index, part] of token.split(".").entries()) {
        if (part.length !== 43) continue;
        secrets[`${name} ${index}`] = part;
        // As bytea shows it.
        secrets[`${name} ${index}, hex`] = Buffer.from(part, "base64url").toString("hex");
      }
    };

    await post("register", { email, password: first, first_name: "Sam", last_name: "Founder", company_name: "Acme" });
    const verify = await mailedTokenTo(email, "verify_email");
    remember("verify", verify);
    expect((await post("verify-email", { token: verify })).status).toBe(204);
    await post("login", { email, password: wrong });
    const signedIn = (await post("login", { email, password: first })).body;
    told.pop();
    remember("refresh", signedIn.refresh_token);
    const next = (await post("refresh", { refresh_token: signedIn.refresh_token })).body;
    told.pop();
    remember("next refresh", next.refresh_token);
    await post("refresh", { refresh_token: signedIn.refresh_token });
    const cookie = await post("login", { email, password: first, session: "cookie" });
    told.pop();
    remember("cookie", /=([^;]+)/.exec(cookie.headers.get("set-cookie") ?? "")![1]!);
    const bearer = { Authorization: `Bearer ${next.access_token}` };
    await post("password/change", { current_password: wrong, new_password: second }, bearer);
    const changed = await post("password/change", { current_password: first, new_password: second }, bearer);
    told.pop();
    expect(changed.status, changed.text).toBe(200);
    remember("changed", changed.body.refresh_token);
    await post("password/forgot", { email });
    const reset = await mailedTokenTo(email, "password_reset");
    remember("reset", reset);
    expect((await post("password/reset", { token: reset, new_password: third })).status).toBe(204);
    await post("password/reset", { token: reset, new_password: second });
    const invitation = await invite();
    remember("invitation", invitation);
    const names = { first_name: "Robin", last_name: "Invited" };
    expect((await post("invitations/accept", { token: invitation, password: first, ...names })).status).toBe(204);
    const owner = { email, password: third, ...names };
    for (const secret of ["an admin secret that is not the one", config.adminSecret])
      await post("bootstrap", owner, { "X-Admin-Secret": secret });
    secrets["wrong admin secret"] = "an admin secret that is not the one";
    await post("logout", { scope: "all" }, bearer);
    for (const access of [signedIn, next, cookie.body, changed.body])
      secrets[`access ${String(access.access_token).slice(-8)}`] = String(access.access_token).split(".")[2]!;
    Object.assign(secrets, {
      key: config.tokens.secret,
      admin: config.adminSecret,
      redis: env.TEST_STACK.upstashToken,
    });

    const inRedis = await everythingInRedis();
    const places: Record<string, string> = {
      log: log.text(),
      answers: JSON.stringify(told.map(({ text, headers }) => [text, [...headers]])),
      mails: JSON.stringify(await mailsTo(email), (_, value: unknown) =>
        value instanceof Uint8Array ? [...value] : value,
      ),
      redis: JSON.stringify(inRedis),
      database: await everythingInPostgres(),
    };
    expect(Object.keys(secrets).length).toBeGreaterThan(15);
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(100);
      for (const [name, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${name} in the ${place}`).toBe(false);
    }
    // The log names no person either.
    expect(places["log"]).not.toContain(email);
    expect(places["redis"]).not.toContain(email);
    const lasting = inRedis.filter(({ key, ttl }) => /^(rate|session|session-user):/.test(key) && ttl === noEnd);
    expect(lasting).toEqual([]);
  },
);

/** What TTL says of a key without one. */
const noEnd = -1;

/** The token of an invitation that waits. */
const invite = async (): Promise<string> => makeMailedToken(await makePerson({ verified: false }), "invite");
