import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
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
