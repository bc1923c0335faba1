import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import type { ListeningServer } from "../../../local/stack/http-server.ts";
import { startScannerService, TEST_VIRUS } from "../../support/node/scanner-service.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "./scratch-server.ts";

const VERDICT_TIMEOUT_MS = 30_000;
const POLL_MS = 200;

let scratch: ScratchServer;
let scanner: ListeningServer;
let headers: Record<string, string>;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path.startsWith("http") ? path : `${scratch.server.url}/api/etter${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

/** Uploads the text and returns the document as completing it answered. */
async function upload(text: string): Promise<Answer> {
  const bytes = new TextEncoder().encode(text);
  const begun = await call("POST", "/s3/uploads", {
    original_filename: "a.txt",
    content_type: "text/plain",
    declared_size_bytes: bytes.length,
    transport: "proxy",
  });
  const session = String(begun.body["session_id"]);
  expect((await call("PUT", `/s3/uploads/${session}/parts/1`, bytes)).status).toBe(200);
  return call("POST", `/s3/uploads/${session}/complete`);
}

async function settled(id: unknown): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + VERDICT_TIMEOUT_MS; ;) {
    const { body } = await call("GET", `/s3/documents/${String(id)}`);
    if (body["status"] !== "scanning") return body;
    if (Date.now() > deadline) throw new Error("no verdict came");
    await sleep(POLL_MS);
  }
}

beforeAll(async () => {
  scratch = await startScratchServer();
  const [token, secret] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  scanner = await startScannerService(token, secret);
  await changeVariables(scratch, {
    SCANNER_TYPE: "http",
    SCANNER_URL: `${scanner.url}/scanning`,
    SCANNER_TOKEN: token,
    SCANNER_SECRET: secret,
  });
  headers = {};
  const credentials = { email: "researcher@demo.example", password: demoPassword() };
  const { body } = await call("POST", "/auth/login", credentials);
  headers = { Authorization: `Bearer ${String(body["access_token"])}` };
});
afterAll(async () => {
  await scanner?.close();
  await scratch?.remove();
});

it("a scanner reads what nobody else may read yet, and its signed verdicts decide", async () => {
  const good = await upload("a letter");
  expect([good.status, good.body["status"]]).toEqual([200, "scanning"]);
  expect(await settled(good.body["id"])).toMatchObject({ status: "ready", quarantine_reason: null });
  const { body } = await call("POST", `/s3/documents/${String(good.body["id"])}/download`);
  expect((await call("GET", String(body["url"]))).body["text"]).toBe("a letter");

  const bad = await upload(`a letter, and ${TEST_VIRUS}`);
  expect(await settled(bad.body["id"])).toMatchObject({ status: "quarantined", quarantine_reason: "infected" });
  const refused = await call("POST", `/s3/documents/${String(bad.body["id"])}/download`);
  expect([refused.status, refused.body["code"], refused.body["reason"]]).toEqual([
    423,
    "document_quarantined",
    "infected",
  ]);
  const history = await call("GET", `/s3/documents/${String(bad.body["id"])}/audit`);
  expect((history.body["items"] as Record<string, unknown>[])[0]).toMatchObject({
    action: "document.scan",
    reason: "infected: Test.Virus-1",
    actor_user_id: null,
  });
});
