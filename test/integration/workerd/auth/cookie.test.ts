import { describe, expect, it } from "vitest";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { config, makePerson, testPassword } from "../../../support/workerd/factories.ts";

const { origin } = new URL(config.publicUrl);
const name = "__Host-etter_refresh";

const login = async (): Promise<Answer> => {
  const { email } = await makePerson();
  return call("/api/etter/auth/login", { body: { email, password: testPassword, session: "cookie" } });
};
const cookieOf = (answer: Answer): string => answer.headers.get("set-cookie") ?? "";
const valueOf = (answer: Answer): string => cookieOf(answer).split(";")[0] ?? "";
const refresh = (cookie: string, headers: Record<string, string> = { Origin: origin }) =>
  call("/api/etter/auth/refresh", { body: { session: "cookie" }, headers: { Cookie: cookie, ...headers } });

describe("a session in a cookie", () => {
  it("is given by login: for this host only, for no script, for no other site, for as long as it may be idle", async () => {
    const answer = await login();
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).not.toHaveProperty("refresh_token");
    const [value = "", ...attributes] = cookieOf(answer).split("; ");
    expect(value).toMatch(new RegExp(`^${name}=r1\\.`));
    expect(attributes.toSorted()).toEqual(["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Strict", "Secure"]);
    expect(answer.text).not.toContain(value.split("=")[1]);
  });

  it("is refreshed by the cookie, which takes the next token", async () => {
    const first = await login();
    const second = await refresh(valueOf(first));
    expect(second.status, second.text).toBe(200);
    expect(second.body).not.toHaveProperty("refresh_token");
    expect(valueOf(second)).toMatch(new RegExp(`^${name}=r1\\.`));
    expect(valueOf(second)).not.toBe(valueOf(first));
    expect((await refresh(`other=1; ${valueOf(second)}; more=2`)).status).toBe(200);
  });

  it.each([
    ["none", {}],
    ["null", { Origin: "null" }],
    ["another site", { Origin: "https://evil.example" }],
    ["an allowed one that is not its own", { Origin: config.corsOrigins[0]! }],
    ["its own over another scheme", { Origin: origin.replace("http:", "https:") }],
    ["its own with a path", { Origin: `${origin}/` }],
  ])("is not refreshed from another origin: %s; the token is not spent", async (_what, headers) => {
    const cookie = valueOf(await login());
    const refused = await refresh(cookie, headers);
    expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
    expect(cookieOf(refused)).toBe("");
    expect((await refresh(cookie)).status).toBe(200);
  });

  it("is not refreshed by a form: the body must be JSON", async () => {
    const cookie = valueOf(await login());
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const answer = await call("/api/etter/auth/refresh", {
        raw: '{"session":"cookie"}',
        headers: { Cookie: cookie, Origin: origin, "Content-Type": type },
      });
      expect(answer.status).toBe(415);
    }
  });

  it("is not looked at unless the body asks for it", async () => {
    const cookie = valueOf(await login());
    for (const body of [{}, { refresh_token: "r1.x", session: "cookie" }, { session: "body" }])
      expect(
        (await call("/api/etter/auth/refresh", { body, headers: { Cookie: cookie, Origin: origin } })).status,
      ).toBe(422);
    // Nor as a way in.
    expect((await call("/api/etter/users/me", { headers: { Cookie: cookie } })).status).toBe(401);
  });

  it("without a cookie, or with rubbish in it, is no session", async () => {
    for (const cookie of ["", `${name}=`, `${name}=rubbish`, `${name}="; ${name}=%00`])
      expect((await refresh(cookie)).status).toBe(401);
  });

  it("is taken away by signing out, but not by signing others out", async () => {
    const signedIn = await login();
    const logout = (scope: string) =>
      call("/api/etter/auth/logout", {
        body: { scope },
        headers: { Cookie: valueOf(signedIn), Authorization: `Bearer ${signedIn.body.access_token}` },
      });
    expect(cookieOf(await logout("others"))).toBe("");
    const out = await logout("current");
    expect(cookieOf(out)).toMatch(new RegExp(`^${name}=; Max-Age=0; Path=/; .*Secure`));
    expect((await refresh(valueOf(signedIn))).status).toBe(401);
  });

  it("stays in the cookie when the password is changed", async () => {
    const signedIn = await login();
    const answer = await call("/api/etter/auth/password/change", {
      body: { current_password: testPassword, new_password: "another that nobody guesses", session: "cookie" },
      headers: { Authorization: `Bearer ${signedIn.body.access_token}` },
    });
    expect(answer.body).not.toHaveProperty("refresh_token");
    expect((await refresh(valueOf(answer))).status).toBe(200);
    expect((await refresh(valueOf(signedIn))).status).toBe(401);
  });

  it("is no business of other origins: they get no leave to send cookies", async () => {
    const answer = await call("/api/etter/auth/refresh", {
      method: "OPTIONS",
      headers: { Origin: config.corsOrigins[0]!, "Access-Control-Request-Method": "POST" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe(config.corsOrigins[0]);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });
});
