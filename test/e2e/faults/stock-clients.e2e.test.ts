import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startS3Front, type S3Front } from "../../support/node/s3-front/front.ts";
import { bytesOf, documentsClient, type DocumentsClient } from "./documents-client.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "./scratch-server.ts";

const mebibyte = 1024 ** 2;
const PATIENCE_MS = 30_000;
/** curl's exit status when less came than was announced. */
const PARTIAL_FILE = 18;

let scratch: ScratchServer;
let front: S3Front;
let client: DocumentsClient;
let folder: string;

beforeAll(async () => {
  scratch = await startScratchServer();
  const { port } = new URL(scratch.server.url);
  const basePath = "/cdn-cgi/local/r2/s3";
  front = await startS3Front({ port: async () => Number(port), basePath });
  await changeVariables(scratch, { S3_ENDPOINT: front.url + basePath });
  client = await documentsClient(scratch);
  folder = mkdtempSync(path.join(tmpdir(), "etter-clients-"));
});
afterAll(async () => {
  await front?.close();
  await scratch?.remove();
  if (folder) rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly output: Buffer;
}

/** Runs a program in a folder of its own; -q keeps a developer's .curlrc out. */
const run = (program: string, args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(program, args, { cwd: folder, encoding: "buffer", maxBuffer: 64 * mebibyte }, (error, output) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, output }),
    );
  });
const curl = (...args: string[]): Promise<Ended> => run("curl", ["-q", "-sS", ...args]);

/** A curl that can be killed, sending a file: a part in sixteen seconds. */
function sending(file: string, url: string, headers: Readonly<Record<string, string>>) {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  return spawn("curl", ["-q", "-sS", "--limit-rate", "512k", ...given, "-T", file, url], {
    cwd: folder,
    stdio: "ignore",
  });
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function begin(bytes: Uint8Array, name: string, transport: "direct" | "proxy") {
  const json = {
    original_filename: name,
    content_type: "application/octet-stream",
    declared_size_bytes: bytes.length,
    transport,
  };
  return (await client.call("POST", "/uploads", { json })).body;
}

async function upload(bytes: Uint8Array, name: string): Promise<{ id: string; url: string }> {
  const { session_id: session, document_id: id } = await begin(bytes, name, "proxy");
  await client.call("PUT", `/uploads/${session}/parts/1`, { bytes });
  expect((await client.call("POST", `/uploads/${session}/complete`)).status).toBe(200);
  return { id, url: (await client.call("POST", `/documents/${id}/download`)).body.url };
}

describe("curl", () => {
  const name = "Übersicht für Größe & Maß 100 €, 'neu'.bin";
  const bytes = randomBytes(3 * mebibyte);
  let url: string;
  let id: string;
  beforeAll(async () => {
    ({ id, url } = await upload(bytes, name));
  });

  it("saves a document under its own name, umlauts and all", async () => {
    expect((await curl("-OJ", url)).code).toBe(0);
    expect(readdirSync(folder)).toEqual([name]);
    expect(sha256(readFileSync(path.join(folder, name)))).toBe(sha256(bytes));
    rmSync(path.join(folder, name));
  });

  it.each([
    ["0-0", 0, 1],
    ["1000-1999", 1_000, 2_000],
    ["-5", -5, undefined],
    ["3145720-", 3_145_720, undefined],
    ["3145720-99999999", 3_145_720, undefined],
  ] as const)("gets the range %s", async (range, from, to) => {
    const { output } = await curl("-r", range, "-w", "%{http_code}", url);
    expect(output.subarray(-3).toString()).toBe("206");
    expect(output.subarray(0, -3)).toEqual(bytes.subarray(from, to));
  });

  it("is told the size where it asked for bytes beyond, and by HEAD", async () => {
    const { output } = await curl("-r", "3145728-", "-D", "-", "-o", "/dev/null", url);
    expect(output.toString()).toMatch(/^HTTP\/1.1 416 [\s\S]*content-range: bytes \*\/3145728\r/i);
    const head = (await curl("-I", url)).output.toString();
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(head).toMatch(/content-length: 3145728\r/i);
    expect(head).toMatch(/accept-ranges: bytes\r/i);
    const etag = /etag: (".*")\r/i.exec(head)![1]!;
    const status = async (condition: string) =>
      (
        await curl(
          "-r",
          "0-9",
          "-H",
          `If-Range: ${condition}`,
          "-o",
          "/dev/null",
          "-w",
          "%{http_code} %{size_download}",
          url,
        )
      ).output.toString();
    expect(await status(etag)).toBe("206 10");
    expect(await status('"another"')).toBe("200 3145728");
  });

  it("goes on with a download that broke off", async () => {
    front.plan.add({ fault: "cut-reply", operation: "GetObject", key: id });
    const file = path.join(folder, "broken.bin");
    expect((await curl("-o", file, url)).code).toBe(PARTIAL_FILE);
    const had = readFileSync(file).length;
    expect(had).toBeGreaterThan(0);
    expect(had).toBeLessThan(bytes.length);
    const { code, output } = await curl("-C", "-", "-o", file, "-w", "%{http_code} %{size_download}", url);
    expect([code, output.toString()]).toEqual([0, `206 ${bytes.length - had}`]);
    expect(sha256(readFileSync(file))).toBe(sha256(bytes));
    rmSync(file);
  });

  it("is not the only one: Python's own client reads a range and the whole", async () => {
    const program = [
      "import hashlib, sys, urllib.request as u",
      "r = u.urlopen(u.Request(sys.argv[1], headers={'Range': 'bytes=-7'}))",
      "print(r.status, r.headers['Content-Range'], r.read().hex())",
      "print(hashlib.sha256(u.urlopen(sys.argv[1]).read()).hexdigest())",
    ].join("\n");
    const { output } = await run("python3", ["-c", program, url]);
    const range = `206 bytes 3145721-3145727/3145728 ${bytes.subarray(-7).toString("hex")}`;
    expect(output.toString()).toBe(`${range}\n${sha256(bytes)}\n`);
  });
});

interface SignedPart {
  readonly part_number: number;
  readonly size: number;
  readonly url: string;
  readonly headers: Record<string, string>;
}

describe("an uploader that is killed in mid-part", () => {
  it.each(["proxy", "direct"] as const)("goes on, by %s, without sending again what was there", async (transport) => {
    const bytes = randomBytes(17 * mebibyte);
    const plan = await begin(bytes, "large.bin", transport);
    const parts = plan.parts as SignedPart[];
    const own = transport === "proxy" ? { Authorization: `Bearer ${client.token}` } : {};
    for (const { part_number: number } of parts)
      writeFileSync(
        path.join(folder, `${number}.part`),
        bytes.subarray((number - 1) * plan.part_size, number * plan.part_size),
      );
    const put = async ({ part_number: number, url, headers }: SignedPart) => {
      const given = Object.entries({ ...headers, ...own }).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
      const { output } = await curl(...given, "-T", `${number}.part`, "-D", "-", "-o", "/dev/null", url);
      expect(output.toString()).toMatch(/HTTP\/1.1 200 /);
      return { part_number: number, etag: /^etag: (.*)\r$/im.exec(output.toString())?.[1] ?? "" };
    };
    const first = await put(parts[0]!);

    // The second part is under way at S3 when its sender dies.
    const seen = { fault: "slow", delayMs: 0, operation: "UploadPart", key: plan.document_id } as const;
    front.plan.add(seen);
    const victim = sending("2.part", parts[1]!.url, { ...parts[1]!.headers, ...own });
    await expect.poll(() => front.plan.hasReached(seen), { timeout: PATIENCE_MS, interval: 10 }).toBe(true);
    await sleep(500);
    victim.kill("SIGKILL");
    const sends = () =>
      front.recorder.list().filter(({ statements }) => statements[0]?.startsWith(`UploadPart ${key()}`));
    const key = () => `development/${client.companyId}/${plan.document_id}`;
    await expect.poll(() => sends().length, { timeout: PATIENCE_MS }).toBe(2);
    const cut = sends()[1]!.bytes!;
    expect(cut).toBeLessThan(plan.part_size);

    // Another process, which has the session's id and, for S3 that cannot list parts, the tag of the first.
    const { body: state } = await client.call("GET", `/uploads/${plan.session_id}`);
    const there = transport === "proxy" ? state.parts.map((part: SignedPart) => part.part_number) : [first.part_number];
    expect(there).toEqual([1]);
    const missing = parts.map(({ part_number: number }) => number).filter((number) => !there.includes(number));
    const signed = await client.call("POST", `/uploads/${plan.session_id}/parts/sign`, {
      json: { part_numbers: missing },
    });
    const tags = [first];
    for (const part of signed.body.parts) tags.push(await put(part));
    const json = transport === "proxy" ? {} : { parts: tags };
    const done = await client.call("POST", `/uploads/${plan.session_id}/complete`, { json });
    expect([done.status, done.body.status]).toEqual([200, "ready"]);
    const sent = sends().reduce((sum, { bytes: some = 0 }) => sum + some, 0);
    expect(sent).toBe(bytes.length + cut);
    expect(sha256(await bytesOf(client, plan.document_id))).toBe(sha256(bytes));
  });
});
