import { bytesToHex } from "@noble/hashes/utils.js";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { documents } from "../../../../src/platform/db/schema/index.ts";
import { zipOf } from "../../../support/documents/zip.ts";
import { call, useVariables } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { s3Configurations, s3ServersUp, storeVariables } from "../../../support/workerd/stores.ts";
import {
  addressOf,
  begin,
  complete,
  mebibyte,
  noise,
  pdf,
  putAll,
  read,
  s3Path,
  upload,
} from "../../../support/workerd/uploads.ts";
import { UppyCalls } from "../../../support/workerd/uppy.ts";

/** Compared by their hash: what compares millions of bytes one by one fills the memory when they differ. */
const sha256 = async (bytes: Uint8Array) => bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
const html = (length: number) =>
  Uint8Array.from(new TextEncoder().encode("<!doctype html><p>".padEnd(length, "hello, world. ")));

/** Every part by its signed address; the tags, for a store that cannot list parts. */
async function sendDirectly(plan: { part_size: number; parts: SentPart[] }, bytes: Uint8Array<ArrayBuffer>) {
  const tags: { part_number: number; etag: string | null }[] = [];
  for (const { part_number: number, size, url, headers } of plan.parts) {
    const from = (number - 1) * plan.part_size;
    const sent = await fetch(url, { method: "PUT", headers, body: bytes.subarray(from, from + size) });
    expect(sent.status).toBe(200);
    tags.push({ part_number: number, etag: sent.headers.get("etag") });
  }
  return tags;
}

interface SentPart {
  part_number: number;
  size: number;
  url: string;
  headers: Record<string, string>;
}

beforeAll(s3ServersUp);

describe.each(s3Configurations)("with %s", (_, s3) => {
  useVariables(storeVariables(s3));

  it.each([
    ["one part", 1_000, "proxy"],
    ["one part", 1_000, "direct"],
    ["two parts", 9 * mebibyte, "proxy"],
  ] as const)("a page in HTML, in %s of %d bytes, %s, reads back to the letter", async (__, length, transport) => {
    const as = await makePerson();
    const bytes = html(length);
    const contentType = "text/html; charset=utf-8";
    const begun = await begin(as, length, { contentType, transport });
    if (transport === "proxy") await putAll(as, begun.body, bytes);
    else {
      const [{ url, headers }] = begun.body.parts;
      expect((await fetch(url, { method: "PUT", headers, body: bytes })).status).toBe(200);
    }
    const done = await complete(as, begun.body.session_id);
    expect([done.status, done.body.status], done.text).toEqual([200, "ready"]);
    const { answer, bytes: got } = await read(await addressOf(as, done.body.id));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, contentType]);
    expect(await sha256(got)).toBe(await sha256(bytes));
  });

  it.each(["direct", "proxy"] as const)(
    "a SHA-256 of the whole is checked, of several parts too, sent %s",
    async (way) => {
      const as = await makePerson();
      const bytes = noise(9 * mebibyte);
      const right = await sha256(bytes);
      for (const [declared, status, reason] of [
        // As some programs write it.
        [right.toUpperCase(), "ready", null],
        ["0".repeat(64), "quarantined", "sha256_mismatch"],
      ] as const) {
        const { body } = await begin(as, bytes.length, { transport: way, more: { sha256: declared } });
        const parts = way === "proxy" ? [] : await sendDirectly(body, bytes);
        if (way === "proxy") await putAll(as, body, bytes);
        const done = await complete(as, body.session_id, { parts });
        expect(done.body, done.text).toMatchObject({ status, quarantine_reason: reason, sha256: right });
      }
    },
  );
});

describe("an upload whose size nobody tells", () => {
  it("is as long as the list says that completes it: a part of it that is missing, or too short, is named", async () => {
    const as = await makePerson();
    const uppy = await UppyCalls.for(as);
    const { body } = await uppy.begin({}, "a.bin", "application/octet-stream");
    const tags = [await uppy.send(body, 1, noise(1_000)), await uppy.send(body, 2, noise(2_000)), '"none"'];
    const early = await uppy.complete(body, tags);
    expect([early.status, early.body.missing, early.body.wrong]).toEqual([409, [3], []]);
    const short = await uppy.complete(body, tags.slice(0, 2));
    expect([short.status, short.body.missing, short.body.wrong], short.text).toEqual([409, [], [1]]);
    tags[0] = await uppy.send(body, 1, noise(5 * mebibyte));
    expect((await uppy.complete(body, tags.slice(0, 2))).status).toBe(200);
    expect((await call(`${s3Path}/documents/${body.key}`, { as })).body.size_bytes).toBe(5 * mebibyte + 2_000);
  });

  describe("in a company with room for 20 MiB", () => {
    useVariables({ DOCUMENTS_QUOTA_BYTES: String(20 * mebibyte) });
    it("finds no more room than any other, and says so before a part is read", async () => {
      const as = await makePerson();
      const uppy = await UppyCalls.for(as);
      const [first, second] = [(await uppy.begin({})).body, (await uppy.begin({})).body];
      await uppy.send(first, 1, noise(16 * mebibyte));
      // Once more: it takes the place of the one that is there.
      await uppy.send(first, 1, noise(16 * mebibyte));
      const part = (bytes: number) =>
        call(`${uppy.path}/s3/multipart/${second.uploadId}/1?key=${second.key}`, { method: "PUT", raw: noise(bytes) });
      const refused = await part(16 * mebibyte);
      expect([refused.status, refused.body.code], refused.text).toEqual([409, "storage_full"]);
      expect((await part(4 * mebibyte)).status).toBe(200);
      expect((await begin(as, 1)).body.code).toBe("storage_full");
      expect((await uppy.abort(first)).status).toBe(204);
      expect((await part(16 * mebibyte)).status).toBe(200);
    });

    it("counts parts that arrive at once", async () => {
      const as = await makePerson();
      const uppy = await UppyCalls.for(as);
      const { body } = await uppy.begin({});
      await Promise.all(Array.from({ length: 6 }, (_, index) => uppy.send(body, index + 1, noise(1_000))));
      const [row] = await superuserDatabase().select().from(documents).where(eq(documents.id, body.key));
      expect(row!.sizeBytes).toBe(6_000);
    });
  });
});

it("the same Idempotency-Key gives the first answer also when the upload is over, and then no addresses", async () => {
  const as = await makePerson();
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const first = await begin(as, pdf().length, { headers, contentType: "application/pdf" });
  await putAll(as, first.body, pdf());
  await complete(as, first.body.session_id);
  const again = await begin(as, pdf().length, { headers, contentType: "application/pdf" });
  expect([again.status, again.body], again.text).toEqual([201, { ...first.body, parts: [] }]);
});

it("a large archive's directory is fetched from where it is, and one that is not to be found is a fault", async () => {
  const as = await makePerson();
  const names = Array.from({ length: 20_000 }, (_, index) => `${index}`.padStart(200, "x"));
  const many = Object.fromEntries(["word/vbaProject.bin", ...names].map((name) => [name, ""]));
  const archive = zipOf(many);
  const padded = new Uint8Array(archive.length + 1);
  padded.set(archive);
  for (const [bytes, reason] of [
    [archive, "macro_document"],
    [padded, "archive_unreadable"],
  ] as const) {
    const { document } = await upload(as, bytes, { contentType: "application/zip" });
    expect(document).toMatchObject({ status: "quarantined", quarantine_reason: reason });
  }
});

it("a large older Office document is looked at throughout: its macros may stand anywhere", async () => {
  const as = await makePerson();
  const name = Uint8Array.from("_VBA_PROJECT".split("").flatMap((letter) => [letter.charCodeAt(0), 0]));
  // Two whole pieces between the beginning and the end, which are read by themselves.
  const [head, piece, tail] = [256 * 1024, 4 * mebibyte, mebibyte];
  // In a piece, and over each edge.
  for (const at of [undefined, 5 * mebibyte, head - 11, head + piece - 11, head + 2 * piece - 11]) {
    const bytes = new Uint8Array(head + 2 * piece + tail);
    bytes.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    if (at !== undefined) bytes.set(name, at);
    const { document } = await upload(as, bytes, { contentType: "application/vnd.ms-excel" });
    const expected = at === undefined ? ["ready", null] : ["quarantined", "macro_document"];
    expect([document.status, document.quarantine_reason], String(at)).toEqual(expected);
  }
});

it("a SHA-256 that nobody would check is refused", async () => {
  const as = await makePerson();
  const more = { sha256: "0".repeat(64) };
  const mostBytes = 512 * mebibyte;
  const [fits, tooLarge] = [await begin(as, mostBytes, { more }), await begin(as, mostBytes + 1, { more })];
  expect([fits.status, tooLarge.status, tooLarge.body.errors?.[0]?.path]).toEqual([201, 422, "sha256"]);
  const uppy = await UppyCalls.for(as);
  const untold = await uppy.begin(more);
  expect([untold.status, untold.body.errors?.[0]?.path]).toEqual([422, "sha256"]);
  expect((await uppy.begin({ ...more, size: 9 * mebibyte })).status).toBe(200);
});
