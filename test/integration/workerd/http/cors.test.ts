import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { config } from "../../../support/workerd/factories.ts";
import { ask } from "./app-under-test.ts";

const [allowed = ""] = config.corsOrigins;
const path = "/api/etter/test";

const preflight = (origin: string, at = "/api/etter/simulation/v1") =>
  call(at, {
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type,prefer",
    },
  });

describe("CORS", () => {
  it("is tested with an origin that the configuration allows", () => {
    expect(allowed).toMatch(/^http:\/\/localhost:\d+$/);
  });

  it("lets an allowed origin read, its refusals too", async () => {
    for (const answer of [
      await call(path, { headers: { Origin: allowed } }),
      await call("/api/etter/users/me", { headers: { Origin: allowed } }),
      await call("/api/etter/nothing", { headers: { Origin: allowed } }),
    ]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
      expect(answer.headers.get("vary")).toContain("Origin");
      expect(answer.headers.get("access-control-expose-headers")).toMatch(/X-Request-Id/i);
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  it("answers the preflight of an allowed origin", async () => {
    const answer = await preflight(allowed);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
    for (const name of ["authorization", "content-type", "prefer", "if-range"])
      expect(answer.headers.get("access-control-allow-headers")?.toLowerCase()).toContain(name);
    expect(Number(answer.headers.get("access-control-max-age"))).toBeGreaterThan(0);
  });

  it.each([
    "null",
    "*",
    "https://evil.example.com",
    "http://localhost:5173.evil.example.com",
    "http://localhost:51730",
    "https://localhost:5173",
    "HTTP://LOCALHOST:5173",
    "http://localhost:5173/",
    "http://localhost",
    "file://",
    "",
  ])("tells %j nothing, nor its preflight", async (origin) => {
    for (const answer of [await call(path, { headers: { Origin: origin } }), await preflight(origin)]) {
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  it("says nothing to who names no origin, and keeps caches apart", async () => {
    const answer = await call(path);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("vary")).toContain("Origin");
  });

  it("never becomes a door for all: a configuration that wants one is refused", async () => {
    for (const CORS_ORIGINS of ["*", "null", " * , null ,", "https://app.example.com,*"]) {
      for (const origin of ["null", "*", "https://evil.example.com"]) {
        const response = await ask(new Request(`https://etter.test${path}`, { headers: { Origin: origin } }), {
          bindings: { CORS_ORIGINS },
        });
        expect(response.status).toBe(500);
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    }
  });

  it("is not for the pages, the document and the health checks", async () => {
    for (const other of ["/health", "/openapi.json", "/docs/etter", "/redoc"])
      expect(
        (await call(other, { headers: { Origin: allowed } })).headers.get("access-control-allow-origin"),
      ).toBeNull();
  });
});
