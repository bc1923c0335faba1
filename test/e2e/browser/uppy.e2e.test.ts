import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { listen, type ListeningServer } from "../../../local/stack/http-server.ts";
import { launchBrowser, type PageProblems, type TestBrowser } from "../../support/node/browser.ts";
import { isSwiftInstalled, startSwift, type SwiftServer } from "../../support/node/swift/swift.ts";
import { swiftSettings } from "../../support/swift-settings.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "../faults/scratch-server.ts";

const MEBIBYTE = 1024 * 1024;
const SIZE = 24 * MEBIBYTE;
const FILENAME = `Übersicht & "Pläne" für 'Käufer'.pdf`;
const VIEWPORT = { width: 1000, height: 700 };
/** GoldenRetriever writes what it keeps half a second late. */
const KEPT_MS = 1_500;
const UPLOAD_TIMEOUT_MS = 60_000;

/** What the page's own script sees of Uppy; only what is used here. */
interface PageWindow {
  makeUploader: (api: string, token: string, meta: object) => Promise<PageUppy>;
  uppy: PageUppy;
  /** Numbers of the parts that Uppy has sent, since the page was loaded. */
  sent: number[];
  /** After so many of them the page pauses. */
  pauseAfter: number;
  outcome?: { key: string; location: string };
  failure?: string;
}
interface PageUppy {
  on(event: string, listener: (...given: never[]) => void): void;
  emit(event: string): void;
  addFile(file: object): string;
  upload(): Promise<unknown>;
  pauseAll(): void;
  resumeAll(): void;
}

let scratch: ScratchServer;
let site: ListeningServer;
let browser: TestBrowser;
const api = () => `${scratch.server.url}/api/etter`;

beforeAll(async () => {
  const script = await bundled(readFileSync(path.join(PROJECT_FOLDER, "docs/uploads.md"), "utf8"));
  site = await listen(async (request, response) => {
    const isScript = request.url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
    response.end(isScript ? script : page);
  });
  [scratch, browser] = await Promise.all([startScratchServer(), launchBrowser()]);
  await changeVariables(scratch, { CORS_ORIGINS: site.url });
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.close(), scratch?.remove()]);
});

const page = `<!doctype html><link rel="icon" href="data:,"><input type="file"><script type="module" src="/page.js"></script>`;

/** The very code that docs/uploads.md tells a front end to write, with Uppy from node_modules. */
async function bundled(guide: string): Promise<string> {
  const [, code = ""] = /^```js\n([\s\S]*?)^```/m.exec(guide) ?? [];
  const { outputFiles } = await build({
    stdin: { contents: `${code}\nwindow.makeUploader = makeUploader;`, resolveDir: PROJECT_FOLDER },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

/** A PDF by its first bytes; the rest repeats after 16 MiB, so that no part is like another. */
function fileOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, state = 7; at < size; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  bytes.write("%PDF-1.7\n", 0);
  return bytes;
}
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function signIn(): Promise<string> {
  const response = await fetch(`${api()}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "researcher@demo.example", password: demoPassword() }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Visit {
  readonly page: Page;
  readonly problems: PageProblems;
  readonly token: string;
  /** Every PUT the browser has sent, by the origin it went to and the number of the part. */
  readonly puts: string[];
}

async function visit(): Promise<Visit> {
  const token = await signIn();
  const opened = await browser.open(site.url, VIEWPORT);
  const puts: string[] = [];
  opened.page.on("request", (request: Request) => {
    if (request.method() !== "PUT") return;
    const url = new URL(request.url());
    const number = url.searchParams.get("partNumber") ?? url.pathname.split("/").at(-1);
    puts.push(`${url.origin} ${url.pathname.startsWith("/api/") ? "etter" : "s3"} ${number}`);
  });
  return { ...opened, token, puts };
}

/** Makes the uploader as the guide says, and watches it. */
const startUploader = ({ page: tab, token }: Visit, meta: object, pauseAfter: number): Promise<void> =>
  tab.evaluate(
    async ([address, bearer, given, pause]) => {
      const here = window as unknown as PageWindow;
      here.sent = [];
      here.pauseAfter = pause;
      const uppy = await here.makeUploader(address, bearer, given);
      here.uppy = uppy;
      uppy.on("s3-multipart:part-uploaded", (_file: never, part: { PartNumber: number }) => {
        here.sent.push(part.PartNumber);
        if (here.sent.length === here.pauseAfter) uppy.pauseAll();
      });
      uppy.on("upload-success", (_file: never, response: { uploadURL: string; body: { key: string } }) => {
        here.outcome = { key: response.body.key, location: response.uploadURL };
      });
      uppy.on("upload-error", (_file: never, error: Error) => void (here.failure = error.message));
    },
    [api(), token, meta, pauseAfter] as const,
  );

async function chooseAndUpload({ page: tab }: Visit, bytes: Buffer): Promise<void> {
  // By its path: bytes that travel to the browser by the debugger's line take half a minute.
  const file = path.join(scratch.root, FILENAME);
  writeFileSync(file, bytes);
  await tab.locator("input").setInputFiles(file);
  await tab.evaluate(() => {
    const { uppy } = window as unknown as PageWindow;
    const file = document.querySelector("input")?.files?.[0];
    if (file === undefined) throw new Error("no file was chosen");
    uppy.addFile({ name: file.name, type: file.type, data: file });
    void uppy.upload();
  });
}

/** Waits until the page has sent so many parts and stands still. */
async function paused({ page: tab }: Visit, sent: number): Promise<void> {
  await tab.waitForFunction((count) => (window as unknown as PageWindow).sent.length === count, sent, {
    timeout: UPLOAD_TIMEOUT_MS,
  });
  await tab.waitForTimeout(KEPT_MS);
}

async function outcome({ page: tab }: Visit): Promise<{ key: string; location: string }> {
  await tab.waitForFunction(
    () => {
      const { outcome: done, failure } = window as unknown as PageWindow;
      return done !== undefined || failure !== undefined;
    },
    undefined,
    { timeout: UPLOAD_TIMEOUT_MS },
  );
  const { done, failure } = await tab.evaluate(() => {
    const here = window as unknown as PageWindow;
    return { done: here.outcome, failure: here.failure };
  });
  expect(failure).toBeUndefined();
  return done!;
}

const resume = ({ page: tab }: Visit): Promise<void> =>
  tab.evaluate(() => {
    const here = window as unknown as PageWindow;
    here.pauseAfter = 2;
    here.uppy.resumeAll();
  });

/** Loads the page anew, takes what GoldenRetriever has kept, and goes on. */
async function reloadAndRestore(visited: Visit, meta: object): Promise<void> {
  const { page: tab } = visited;
  await tab.reload();
  await startUploader(visited, meta, 99);
  await tab.waitForFunction(() => {
    const { uppy } = window as unknown as { uppy: { getState(): { recoveredState: unknown } } };
    return uppy.getState().recoveredState !== null;
  });
  await tab.evaluate(() => (window as unknown as PageWindow).uppy.emit("restore-confirmed"));
}

async function expectStored({ token }: Visit, { key, location }: { key: string; location: string }, bytes: Buffer) {
  const headers = { Authorization: `Bearer ${token}` };
  const document = (await (await fetch(location, { headers })).json()) as Record<string, unknown>;
  expect(document).toMatchObject({
    id: key,
    status: "ready",
    original_filename: FILENAME,
    content_type: "application/pdf",
    detected_content_type: "application/pdf",
    size_bytes: bytes.length,
    folder_path: "/hr/plans",
  });
  const answer = await fetch(`${api()}/s3/documents/${key}/download`, { method: "POST", headers });
  const { url } = (await answer.json()) as { url: string };
  const downloaded = await fetch(url);
  expect(downloaded.headers.get("content-disposition")).toContain(
    "filename*=UTF-8''%C3%9Cbersicht%20%26%20%22Pl%C3%A4ne%22%20f%C3%BCr%20%27K%C3%A4ufer%27.pdf",
  );
  expect(sha256(new Uint8Array(await downloaded.arrayBuffer()))).toBe(sha256(bytes));
}

/** The browser complained of nothing; going to other origins is what the page is for. */
const expectQuiet = ({ problems: { foreignRequests: _, ...rest } }: Visit): void =>
  expect(rest).toEqual({ consoleErrors: [], pageErrors: [], cspViolations: [], failedRequests: [] });

/** Pauses and resumes in one page, then reloads it, and expects that each part went out once. */
async function uploadWithPauseAndReload(where: string, meta: object): Promise<void> {
  const visited = await visit();
  const bytes = fileOf(SIZE);
  await startUploader(visited, meta, 1);
  await chooseAndUpload(visited, bytes);
  await paused(visited, 1);
  expect(visited.puts).toEqual([`${where} 1`]);
  await resume(visited);
  await paused(visited, 2);
  expect(visited.puts).toEqual([`${where} 1`, `${where} 2`]);
  await reloadAndRestore(visited, meta);
  await expectStored(visited, await outcome(visited), bytes);
  expect(visited.puts).toEqual([`${where} 1`, `${where} 2`, `${where} 3`]);
  expectQuiet(visited);
}

const meta = { folder_path: "/hr/plans" };

describe("an unmodified Uppy in Chromium, on a page of another origin", () => {
  it("uploads 24 MiB, pauses, resumes, reloads and resumes, and sends no part twice", async () => {
    // Wrangler's S3 cannot list parts, so they pass through us, whose rows can.
    await uploadWithPauseAndReload(`${scratch.server.url} etter`, meta);
  });

  it("sends parts to S3 itself, past its CORS, when the page wants it so", async () => {
    const visited = await visit();
    const bytes = fileOf(SIZE);
    await startUploader(visited, { ...meta, transport: "direct" }, 2);
    await chooseAndUpload(visited, bytes);
    await paused(visited, 2);
    await visited.page.evaluate(() => (window as unknown as PageWindow).uppy.resumeAll());
    await expectStored(visited, await outcome(visited), bytes);
    expect(visited.puts).toEqual([1, 2, 3].map((number) => `${scratch.server.url} s3 ${number}`));
    expectQuiet(visited);
  });

  it("uploads a small file too, in one part", async () => {
    const visited = await visit();
    const bytes = fileOf(MEBIBYTE);
    await startUploader(visited, meta, 99);
    await chooseAndUpload(visited, bytes);
    await expectStored(visited, await outcome(visited), bytes);
    expect(visited.puts).toEqual([`${scratch.server.url} etter 1`]);
    expectQuiet(visited);
  });
});

describe.skipIf(!isSwiftInstalled())("with an S3 server that lists parts (Swift)", () => {
  let swift: SwiftServer;
  beforeAll(async () => {
    swift = await startSwift(scratch.root, site.url);
    const { bucket, accessKeyId, secretAccessKey, region } = swiftSettings;
    await changeVariables(scratch, {
      S3_ENDPOINT: `http://127.0.0.1:${swift.port}`,
      S3_DOCUMENTS_BUCKET: bucket,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      S3_CAPABILITIES: "list-parts,list-uploads,delete-objects",
    });
  });
  afterAll(() => swift?.stop());

  it("all of it goes to S3 directly, and after the reload S3 says what is there", async () => {
    await uploadWithPauseAndReload(`http://127.0.0.1:${swift.port} s3`, meta);
  });
});
