import { bytesToHex } from "@noble/hashes/utils.js";
import { beforeAll, describe, expect, it } from "vitest";
import { useVariables } from "../../../support/workerd/api.ts";
import { makePerson } from "../../../support/workerd/factories.ts";
import { s3Configurations, s3ServersUp, storeVariables } from "../../../support/workerd/stores.ts";
import { addressOf, begin, complete, mebibyte, putAll, read } from "../../../support/workerd/uploads.ts";

/** Compared by their hash: what compares millions of bytes one by one fills the memory when they differ. */
const sha256 = async (bytes: Uint8Array) => bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
const html = (length: number) =>
  Uint8Array.from(new TextEncoder().encode("<!doctype html><p>".padEnd(length, "hello, world. ")));

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
});
