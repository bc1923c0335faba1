import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { captureLog } from "./app-under-test.ts";

const made = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("X-Request-Id", () => {
  it.each(["deploy-42.step_7", "12345678", "a".repeat(128), crypto.randomUUID()])(
    "%s is kept, in the header, the problem and the log",
    async (id) => {
      const log = captureLog();
      const answer = await call("/nothing", { headers: { "X-Request-Id": id } });
      expect(answer.headers.get("x-request-id")).toBe(id);
      expect(answer.body.request_id).toBe(id);
      expect(log.requestLine(id)).toMatchObject({ status: 404 });
    },
  );

  it.each([
    "",
    "short",
    "a".repeat(129),
    "with blanks in it",
    "new;line",
    '"quoted-value"',
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%0d%0aSet-Cookie:a",
    "ünïcödé-ünïcödé",
    "$(reboot-now)",
  ])("%j is replaced", async (id) => {
    const log = captureLog();
    const answer = await call("/nothing", { headers: { "X-Request-Id": id } });
    const given = answer.headers.get("x-request-id")!;
    expect(given).toMatch(made);
    expect(answer.body.request_id).toBe(given);
    log.requestLine(given);
    if (id !== "") expect(log.text() + answer.text).not.toContain(id);
  });

  it.each([
    ["GET", "/health", 200],
    ["HEAD", "/health", 200],
    ["GET", "/", 302],
    ["GET", "/docs/etter", 200],
    ["GET", "/api/etter/users/me", 401],
    ["DELETE", "/health", 405],
    ["OPTIONS", "/api/etter/test", 405],
    ["POST", "/api/etter/auth/login", 415],
  ])("is made for %s %s (%i), anew each time", async (method, path, status) => {
    const answers = [await call(path, { method }), await call(path, { method })];
    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get("x-request-id")).toMatch(made);
    }
    expect(answers[0]!.headers.get("x-request-id")).not.toBe(answers[1]!.headers.get("x-request-id"));
  });

  it("is kept by a 304", async () => {
    const tag = (await call("/openapi.json")).headers.get("etag")!;
    const again = await call("/openapi.json", { headers: { "If-None-Match": tag } });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect(again.headers.get("x-request-id")).toMatch(made);
  });
});
