import { bytesToHex } from "@noble/hashes/utils.js";
import { beforeAll, describe, expect, it } from "vitest";
import { useVariables } from "../../../support/workerd/api.ts";
import { makePerson } from "../../../support/workerd/factories.ts";
import { s3Configurations, s3ServersUp, storeVariables } from "../../../support/workerd/stores.ts";
import { addressOf, begin, complete, mebibyte, noise, putAll, read } from "../../../support/workerd/uploads.ts";
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
        [right, "ready", null],
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
