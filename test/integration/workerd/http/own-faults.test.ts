import { z } from "@hono/zod-openapi";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { jsonContent, operation } from "../../../../src/shared/openapi.ts";
import { appWith, ask, captureLog } from "./app-under-test.ts";

const leak = "select secret from vault where owner = 4711";

/** An app with an open operation that fails. */
const failingApp = (fail: () => never) =>
  appWith((app) =>
    app.openapi(
      operation({
        operationId: "failInTest",
        method: "get",
        path: "/fails",
        tags: ["Health"],
        access: "open",
        summary: "Fails, for a test",
        responses: { 200: jsonContent(z.object({}), "Never.") },
      }),
      () => fail(),
    ),
  );

describe("a fault of ours", () => {
  it.each([
    ["Error", () => new Error(leak)],
    ["TypeError", () => new TypeError(leak)],
    ["Error with a cause", () => new Error("outer", { cause: new Error(leak) })],
    ["a class of its own", () => Object.assign(new RangeError(leak), { code: leak, detail: leak, query: leak })],
    ["AggregateError", () => new AggregateError([new Error(leak)], leak)],
  ] as const)("(%s) is a constant 500, and its text goes nowhere", async (_what, make) => {
    const log = captureLog();
    const request = new Request("https://etter.test/fails", { headers: { "X-Request-Id": "test-own-fault" } });
    const response = await ask(request, {
      app: failingApp(() => {
        throw make();
      }),
    });
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "urn:etter:problem:internal",
      title: "Internal error",
      status: 500,
      detail: "Something went wrong on our side. If it happens again, tell us the request_id.",
      instance: "/fails",
      code: "internal",
      request_id: "test-own-fault",
    });
    const line = log.requestLine("test-own-fault");
    expect(line).toMatchObject({ level: "error", status: 500, code: "internal", route: "/fails", error: make().name });
    expect(line["frames"]).toEqual(expect.arrayContaining([expect.stringMatching(/^at /)]));
    expect(log.text()).not.toContain(leak);
  });

  it("before any service exists is the same", async () => {
    const log = captureLog();
    const broken = Object.defineProperty({ ...env }, "DATABASE_URL", {
      get(): never {
        throw new Error(leak);
      },
      enumerable: true,
    });
    const app = appWith(() => undefined);
    const response = await app.fetch(new Request("https://etter.test/health"), broken);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "internal" });
    expect(log.text()).not.toContain(leak);
  });
});

describe("a bad environment", () => {
  const bad = {
    SECRET_KEY: "too-short-7f3a",
    ADMIN_SECRET: "replace-me-with-thirty-two-bytes-or-more",
    DATABASE_URL: "mysql://user:hunter22@db.example.com/x",
    AWS_REGION: undefined,
  };

  it("is a constant 500 and one line with names", async () => {
    const log = captureLog();
    const request = new Request("https://etter.test/api/etter/test", {
      headers: { "X-Request-Id": "test-bad-environment", Origin: "http://localhost:5173" },
    });
    const response = await ask(request, { bindings: bad });
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: "internal", request_id: "test-bad-environment" });
    const line = log.requestLine("test-bad-environment");
    expect(line["level"]).toBe("error");
    const named = (line["bad_environment"] as string[]).map((field) => field.split(":")[0]);
    expect(named.toSorted((a = "", b = "") => a.localeCompare(b))).toEqual([
      "ADMIN_SECRET",
      "AWS_REGION",
      "DATABASE_URL",
      "SECRET_KEY",
    ]);
    expect(log.lines().filter((one) => one["request_id"] === "test-bad-environment")).toHaveLength(1);
    for (const name of Object.keys(bad)) expect(text).not.toContain(name);
  });

  it("shows no value of any variable, good or bad, anywhere", async () => {
    const log = captureLog();
    const response = await ask(new Request("https://etter.test/health"), { bindings: bad });
    const seen = log.text() + (await response.text()) + JSON.stringify([...response.headers]);
    const secretVariables = [
      "SECRET_KEY",
      "ADMIN_SECRET",
      "DATABASE_URL",
      "UPSTASH_REDIS_REST_TOKEN",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_ACCESS_KEY_ID",
    ];
    const values = { ...(env as unknown as Record<string, unknown>), ...bad } as Record<string, unknown>;
    for (const name of secretVariables) {
      const value = values[name];
      expect(typeof value, name).toBe("string");
      expect(seen.includes(String(value)), name).toBe(false);
    }
    expect(seen).not.toContain("hunter22");
  });
});
