import { describe, expect, it } from "vitest";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, testPassword } from "../../../support/workerd/factories.ts";
import { ask } from "./app-under-test.ts";

const login = "/api/etter/auth/login";
const json = { "Content-Type": "application/json" };
/** What an operation takes unless it says otherwise. */
const maxBodyBytes = 64 * 1024;
/** Beyond the limit this much is read for politeness; then the client is cut off. */
const drainedBytes = 16 * 1024 * 1024;

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body).toMatchObject({
    type: `urn:etter:problem:${code}`,
    status,
    code,
    request_id: answer.headers.get("x-request-id"),
  });
  expect(answer.body.title.length).toBeGreaterThan(3);
  expect(answer.body.detail.length).toBeGreaterThan(3);
}

describe("an address nobody answers", () => {
  it.each([
    "/nothing",
    "/api/etter/nothing",
    "/api/etter/users//me",
    "/API/ETTER/TEST",
    "//etter",
    "/%E0%A4%A",
    "/.env",
    "/api/etter/test/..%2f..%2fsecret",
  ])("%s is a 404", async (path) => {
    const answer = await call(path);
    expectProblem(answer, 404, "not_found");
    expect(answer.body.instance).toBe(path);
  });
});

describe("the wrong method", () => {
  it.each([
    ["DELETE", "/api/etter/test", "GET, HEAD"],
    ["PATCH", "/health", "GET, HEAD"],
    ["GET", login, "POST"],
    ["PUT", "/api/etter/auth/bootstrap", "POST"],
    ["POST", "/health/ready", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"],
    ["PROPFIND", "/api/etter/test", "GET, HEAD"],
  ])("%s %s is a 405 that says what is allowed", async (method, path, allowed) => {
    const answer = await call(path, { method });
    expectProblem(answer, 405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe(allowed);
  });

  it("does not hide that a caller may not see what is there: a 404 of an operation stays one", async () => {
    const answer = await call(`/api/etter/simulation/v1/sim-${crypto.randomUUID()}`, { as: await makePerson() });
    expectProblem(answer, 404, "not_found");
  });
});

describe("HEAD", () => {
  it.each(["/health", "/api/etter/test", "/openapi.json", "/docs/etter", "/redoc"])(
    "answers for %s as GET does, without a body",
    async (path) => {
      const [head, get] = await Promise.all([call(path, { method: "HEAD" }), call(path)]);
      expect(head.text).toBe("");
      expect(head.status).toBe(200);
      for (const name of ["content-type", "cache-control", "etag", "content-security-policy"])
        expect(head.headers.get(name)).toBe(get.headers.get(name));
    },
  );

  it("is refused where GET is", async () => {
    const answer = await call("/api/etter/users/me", { method: "HEAD" });
    expect([answer.status, answer.text]).toEqual([401, ""]);
  });
});

describe("a body that is too large", () => {
  /** A stream that never ends by itself, and tells how far it was read. */
  function endless() {
    const state = { bytes: 0, cancelled: false };
    const chunk = new Uint8Array(16 * 1024).fill(0x20);
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          state.bytes += chunk.byteLength;
          controller.enqueue(chunk);
        },
        cancel() {
          state.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return { state, stream };
  }
  const posting = (body: BodyInit, headers: Record<string, string> = {}): Request =>
    new Request(`https://etter.test${login}`, { method: "POST", body, headers: { ...json, ...headers } });

  it("is a 413 for the Worker too", async () => {
    expectProblem(await call(login, { raw: " ".repeat(maxBodyBytes + 1), headers: json }), 413, "payload_too_large");
  });

  it("is not read at all when Content-Length tells that it is far too long", async () => {
    const { state, stream } = endless();
    const response = await ask(posting(stream, { "Content-Length": String(maxBodyBytes + drainedBytes + 1) }));
    expect(response.status).toBe(413);
    expect(state).toEqual({ bytes: 0, cancelled: true });
  });

  it("is read for politeness when it is not that long, and cut off all the same", async () => {
    const { state, stream } = endless();
    const response = await ask(posting(stream, { "Content-Length": String(maxBodyBytes + 1) }));
    expect(response.status).toBe(413);
    expect(state.cancelled).toBe(true);
    expect(state.bytes).toBeGreaterThan(drainedBytes);
    expect(state.bytes).toBeLessThanOrEqual(drainedBytes + 64 * 1024);
  });

  it("is counted when nothing tells, and cut off", async () => {
    const { state, stream } = endless();
    const response = await ask(posting(stream));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "payload_too_large" });
    expect(state.cancelled).toBe(true);
    expect(state.bytes).toBeGreaterThan(maxBodyBytes);
    expect(state.bytes).toBeLessThanOrEqual(maxBodyBytes + drainedBytes + 64 * 1024);
  });

  it.each(["10", "-1", "abc", "1e1", "0x10"])("is counted when Content-Length says %s and lies", async (length) => {
    const { stream } = endless();
    expect((await ask(posting(stream, { "Content-Length": length }))).status).toBe(413);
  });

  it("is not one at the limit itself, in one piece or many", async () => {
    const { email } = await makePerson();
    const body = JSON.stringify({ email, password: testPassword }).padEnd(maxBodyBytes, " ");
    expect(new TextEncoder().encode(body)).toHaveLength(maxBodyBytes);
    expect((await call(login, { raw: body, headers: json })).status).toBe(200);
    const pieces = body.match(/.{1,1000}/gs)!.map((piece) => new TextEncoder().encode(piece));
    const chunked = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    });
    expect((await ask(posting(chunked))).status).toBe(200);
  });
});

describe("a body of another kind", () => {
  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "application/jsonp",
    "text/json",
    "",
  ])("%s is a 415", async (type) => {
    expectProblem(await call(login, { raw: "{}", headers: { "Content-Type": type } }), 415, "unsupported_media_type");
  });

  it("without a content type is a 415, also when it is empty", async () => {
    expectProblem(await call(login, { raw: new Uint8Array([0x7b, 0x7d]) }), 415, "unsupported_media_type");
    expectProblem(await call(login, { method: "POST" }), 415, "unsupported_media_type");
  });

  it("that is packed is a 415, which says what would do", async () => {
    const as = (encoding: string) => call(login, { body: {}, headers: { "Content-Encoding": encoding } });
    for (const encoding of ["gzip", "br", "gzip, identity"]) {
      const answer = await as(encoding);
      expectProblem(answer, 415, "unsupported_media_type");
      expect(answer.headers.get("Accept-Encoding")).toBe("identity");
    }
    expectProblem(await as("Identity"), 422, "validation_failed");
  });

  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
  ])("%s is JSON", async (type) => {
    expectProblem(await call(login, { raw: "{}", headers: { "Content-Type": type } }), 422, "validation_failed");
  });
});

describe("a body that is not JSON", () => {
  it.each(["", "{", '{"a":1,}', "{'a':1}", "NaN", "{} {}", "\0", '{"email":"a\u0001"}'])("%j is a 400", async (raw) => {
    expectProblem(await call(login, { raw, headers: json }), 400, "malformed_json");
  });

  it.each([
    ["a stray byte in a string", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a cut character", [0xe2, 0x82]],
  ])("with %s is a 400 and not another text", async (_what, bytes) => {
    const [before, after] = ['{"email":"a@example.com","password":"', '"}'].map((text) => [
      ...new TextEncoder().encode(text),
    ]);
    const answer = await call(login, { raw: new Uint8Array([...before!, ...bytes, ...after!]), headers: json });
    expectProblem(answer, 400, "malformed_json");
    expect(answer.body.detail).toContain("UTF-8");
  });

  it("is JSON with a byte order mark", async () => {
    expectProblem(await call(login, { raw: "\u{feff}{}", headers: json }), 422, "validation_failed");
  });
});

describe("a body that is not what the operation takes", () => {
  it("is a 422 that names each field and echoes no value", async () => {
    const answer = await call(login, {
      body: { email: "echo-me", pass: "echo-me", __proto__: null, ["x"]: { y: "echo-me" } },
    });
    expectProblem(answer, 422, "validation_failed");
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(["pass", "x", "email", "password"]);
    expect(answer.body.errors[0]).toEqual({ path: "pass", message: "is not a known field" });
    expect(answer.text).not.toContain("echo-me");
  });

  it("names nested fields and indexes", async () => {
    const roles = [
      { role: "Engineer", count: 1, salary: 1 },
      {
        role: "Clerk",
        count: 0,
        salary: 1,
        workloads: [{ Name: "Keying", Type: "Auto", Skill: 1, Time: 1, Extra: 1 }],
      },
    ];
    const answer = await call("/api/etter/simulation/v1", {
      body: { company: "Acme", n_iterations: 1, automation_factor: 0, roles },
      as: await makePerson(),
    });
    expectProblem(answer, 422, "validation_failed");
    expect(answer.body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      "roles[1].count",
      "roles[1].workloads[0].Extra",
    ]);
  });

  it("is told of a few faults only, however many there are", async () => {
    const body = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field_${index}`, index]));
    const answer = await call(login, { body });
    expectProblem(answer, 422, "validation_failed");
    expect(answer.body.errors.length).toBeLessThanOrEqual(20);
    expect(answer.text.length).toBeLessThan(4_000);
  });

  it.each(["__proto__", "constructor", "toString"])("has no room for a field called %s", async (name) => {
    const answer = await call(login, {
      raw: `{"email":"a@example.com","password":"x","${name}":{"polluted":true}}`,
      headers: json,
    });
    expectProblem(answer, 422, "validation_failed");
    expect(answer.body.errors).toEqual([{ path: name, message: "is not a known field" }]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
