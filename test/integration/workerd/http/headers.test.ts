import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../../src/config/index.ts";
import { createAccessTokens } from "../../../../src/platform/crypto/access-tokens.ts";
import type { SessionId } from "../../../../src/shared/ids.ts";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, testPassword } from "../../../support/workerd/factories.ts";
import { ask } from "./app-under-test.ts";

function expectHardened(headers: Headers): void {
  expect(headers.get("strict-transport-security")).toMatch(/^max-age=(\d{8,}); includeSubDomains$/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("server")).toBeNull();
  expect(headers.get("x-powered-by")).toBeNull();
}

const sources = (headers: Headers): Map<string, string> =>
  new Map(
    (headers.get("content-security-policy") ?? "")
      .split("; ")
      .map((directive) => [directive.split(" ")[0]!, directive.split(" ").slice(1).join(" ")]),
  );

describe("headers of every answer", () => {
  it.each([
    ["JSON", "GET", "/api/etter/test"],
    ["health", "GET", "/health"],
    ["the document", "GET", "/openapi.json"],
    ["a page", "GET", "/docs/etter"],
    ["another page", "GET", "/redoc"],
    ["a redirect", "GET", "/"],
    ["401", "GET", "/api/etter/users/me"],
    ["404", "GET", "/nothing"],
    ["405", "DELETE", "/health"],
    ["415", "POST", "/api/etter/auth/login"],
    ["a preflight", "OPTIONS", "/api/etter/test"],
  ])("%s is hardened", async (_what, method, path) => {
    const answer = await call(path, { method });
    expectHardened(answer.headers);
    expect(sources(answer.headers).get("default-src")).toBe("'none'");
    expect(sources(answer.headers).get("frame-ancestors")).toBe("'none'");
    expect(answer.headers.get("cache-control")).not.toBeNull();
  });

  it("stand on a 500 too", async () => {
    const response = await ask(new Request("https://etter.test/health"), { bindings: { DATABASE_URL: "no address" } });
    expect(response.status).toBe(500);
    expectHardened(response.headers);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it.each(["/favicon.svg", "/docs-assets/docs.a4c9884b1664.css"])(
    "stand on the file %s, which the platform serves",
    async (path) => {
      const response = await env.ASSETS.fetch(`https://etter.test${path}`);
      await response.body?.cancel();
      expect(response.status).toBe(200);
      expectHardened(response.headers);
      expect(response.headers.get("cache-control")).toMatch(/^public, max-age=\d+/);
    },
  );
});

describe("Server-Timing in production", () => {
  const secret = "a secret of production that is no other";
  const bindings = {
    ETTER_ENV: "production",
    CORS_ORIGINS: "https://app.example.com",
    NEON_LOCAL_PROXY: undefined,
    SECRET_KEY: secret,
    DATABASE_URL: "postgres://etter_app:x@127.0.0.1:9/etter",
    ...{ PUBLIC_URL: "https://etter.test", APP_URL: "https://app.etter.test" },
    ...{ UPSTASH_REDIS_REST_URL: "https://127.0.0.1:9", S3_ENDPOINT: "https://127.0.0.1:9" },
    ...{ EMAIL_PROVIDER_TYPE: "ses", SES_REGION: "eu-central-1", SES_ACCESS_KEY_ID: "x", SES_SECRET_ACCESS_KEY: "x" },
  };
  const timed = async (path: string, init?: RequestInit) => {
    const response = await ask(new Request(`https://etter.test${path}`, init), { bindings });
    await response.body?.cancel();
    return [response.status, response.headers.has("server-timing")];
  };

  it("is told to who has signed in, and to nobody else", async () => {
    const { tokens, publicUrl } = loadConfig({ ...env, ...bindings });
    const as = { ...(await makePerson()), sessionId: crypto.randomUUID() as SessionId };
    const { token } = await createAccessTokens(tokens, publicUrl).issue(as, new Date(), crypto.randomUUID());
    expect(await timed("/health")).toEqual([200, false]);
    expect(await timed("/api/etter/users/me")).toEqual([401, false]);
    expect(
      await timed("/api/etter/auth/login", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ email: as.email, password: testPassword }),
      }),
    ).toEqual([503, false]);
    const headers = { Authorization: `Bearer ${token}` };
    expect(await timed("/api/etter/users/me", { headers })).toEqual([503, true]);
  });
});

describe("the policy of a page", () => {
  it.each(["/docs/etter", "/redoc"])("%s runs and loads nothing inline and nothing from elsewhere", async (path) => {
    const answer = await call(path);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    const policy = sources(answer.headers);
    expect(policy.get("script-src")).toBe("'self'");
    expect(policy.get("connect-src")).toBe("'self'");
    expect([...policy.values()].join(" ")).not.toMatch(/unsafe-|https?:|\*/);
    expect(answer.text).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|\son\w+=|<style|\sstyle=/);
    expect(answer.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});

describe("Cache-Control", () => {
  it("is no-store on what is personal and on every refusal", async () => {
    const as = await makePerson();
    const answers = [
      await call("/api/etter/users/me", { as }),
      await call("/api/etter/auth/login", { body: { email: as.email, password: testPassword } }),
      await call("/api/etter/auth/login", { body: { email: as.email, password: "not the right one" } }),
      await call(`/api/etter/simulation/v1/sim-${crypto.randomUUID()}`, { as }),
      await call("/api/etter/users/me"),
      await call("/nothing"),
      await call("/health/ready"),
    ];
    for (const answer of answers) expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each(["/openapi.json", "/docs/etter", "/redoc"])(
    "lets %s be kept and asked for anew, by its tag",
    async (path) => {
      const first = await call(path);
      expect(first.headers.get("cache-control")).toBe("no-cache");
      const tag = first.headers.get("etag")!;
      expect(tag).toMatch(/^(W\/)?".+"$/);
      const again = await call(path, { headers: { "If-None-Match": tag } });
      expect([again.status, again.text]).toEqual([304, ""]);
      expect(again.headers.get("etag")).toBe(tag);
      expect(again.headers.get("content-security-policy")).toBe(first.headers.get("content-security-policy"));
      expect((await call(path, { headers: { "If-None-Match": '"another"' } })).status).toBe(200);
    },
  );
});
