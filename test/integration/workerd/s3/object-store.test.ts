import { beforeAll, describe, expect, it } from "vitest";
import type { PartTag, PresignedRequest } from "../../../../src/features/documents/object-store.ts";
import { sha256, someBytes, streamOf, value } from "../../../support/workerd/some-bytes.ts";
import { s3Servers, s3ServersUp, storeAt } from "../../../support/workerd/stores.ts";

const mebibyte = 1024 ** 2;
const aMinute = 60;

const newKey = (): string => `test/${crypto.randomUUID()}/${crypto.randomUUID()}/1`;

/** Does what a client of ours does with an address: content-length is the runtime's business. */
function use({ method, url, headers }: PresignedRequest, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
  const { "content-length": _length, ...rest } = headers;
  return fetch(url, { method, headers: rest, ...(body ? { body } : {}) });
}

async function statusOf(sent: Promise<Response>): Promise<number> {
  const response = await sent;
  await response.body?.cancel();
  return response.status;
}

beforeAll(s3ServersUp);

describe.each(s3Servers)("%s", (name, config) => {
  const store = storeAt(config);

  async function read(key: string, range?: { first: number; last: number }): Promise<Uint8Array> {
    return new Uint8Array(await new Response(value(await store.get(key, range)).body).arrayBuffer());
  }

  /** An upload whose parts are there. */
  async function uploaded(parts: readonly Uint8Array<ArrayBuffer>[]) {
    const key = newKey();
    const { uploadId } = await store.createUpload(key);
    const tags: PartTag[] = [];
    for (const [index, bytes] of parts.entries()) {
      const part = { key, uploadId, partNumber: index + 1, size: bytes.length };
      tags.push(value(await store.uploadPart({ ...part, body: streamOf(bytes) })));
    }
    return { key, uploadId, tags };
  }

  it("answers the probe, and a wrong key, bucket or address fails it", async () => {
    await store.probe();
    for (const change of [
      { secretAccessKey: "wrong" },
      { bucket: "no-such-bucket" },
      { endpoint: "http://127.0.0.1:9" },
    ])
      await expect(storeAt(config, { change }).probe(), JSON.stringify(change)).rejects.toMatchObject({
        code: "unavailable",
      });
  });

  it("keeps an object, gives it back whole and in ranges, and forgets it", async () => {
    const key = newKey();
    const body = someBytes(10_000);
    expect(await store.head(key)).toBeUndefined();
    const { etag } = await store.put(key, body);
    const head = await store.head(key);
    expect(head).toMatchObject({ size: 10_000 });
    expect(head?.etag.replaceAll('"', "")).toBe(etag.replaceAll('"', ""));
    expect(Math.abs(head!.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await read(key)).toEqual(body);
    expect(await read(key, { first: 0, last: 0 })).toEqual(body.subarray(0, 1));
    expect(await read(key, { first: 9_990, last: 99_999 })).toEqual(body.subarray(9_990));
    expect(value(await store.read(key))).toEqual({ bytes: body, size: 10_000 });
    const tail = value(await store.read(key, { first: 9_990, last: 99_999 }));
    expect(tail).toEqual({ bytes: body.subarray(9_990), size: 10_000 });
    expect(value(await store.hash(key))).toEqual({ sha256: sha256(body), size: 10_000 });
    const { body: stream, ...rest } = value(await store.get(key, { first: 10, last: 19 }));
    await stream.cancel();
    expect(rest).toMatchObject({ length: 10, size: 10_000 });
    expect(await store.get(key, { first: 10_000, last: 10_001 })).toEqual({ ok: false, reason: "no_such_range" });
    await store.delete(key);
    await store.delete(key);
    expect(await store.head(key)).toBeUndefined();
    for (const gone of [await store.get(key), await store.read(key), await store.hash(key)])
      expect(gone).toEqual({ ok: false, reason: "no_such_key" });
  });

  it(
    "deletes a hundred objects in one call, those that are not there and those of parts included",
    { timeout: 60_000 },
    async () => {
      const { key: joined, uploadId, tags } = await uploaded([someBytes(1_000)]);
      await store.completeUpload({ key: joined, uploadId }, tags);
      const kept = newKey();
      const keys = [joined, newKey(), ...Array.from({ length: 98 }, newKey)];
      for (const key of [kept, keys[1]!]) await store.put(key, someBytes(10));
      expect(await store.deleteTogether(keys)).toEqual(new Map());
      for (const key of keys.slice(0, 2)) expect(await store.head(key)).toBeUndefined();
      expect(await store.head(kept)).toBeDefined();
      await expect(store.deleteTogether([])).rejects.toThrow("1 to 1,000");
      await expect(store.deleteTogether(Array.from({ length: 1_001 }, newKey))).rejects.toThrow("1 to 1,000");
    },
  );

  it("joins parts to the bytes that went in, once", async () => {
    const parts = [someBytes(5 * mebibyte, 1), someBytes(5 * mebibyte, 2), someBytes(12_345, 3)];
    const { key, uploadId, tags } = await uploaded(parts);
    expect(await store.head(key)).toBeUndefined();
    value(await store.completeUpload({ key, uploadId }, tags));
    expect(sha256(await read(key))).toBe(sha256(new Uint8Array(await new Blob(parts).arrayBuffer())));
    // The same call again finds it done or gone, and changes nothing.
    const again = await store.completeUpload({ key, uploadId }, tags);
    expect(again.ok || again.reason).toSatisfy((is) => is === true || is === "no_such_upload");
    await store.abortUpload({ key, uploadId });
    expect(await store.head(key)).toMatchObject({ size: 10 * mebibyte + 12_345 });
    if (name === "swift") return;
    const late = { key, uploadId, partNumber: 1, size: 3, body: streamOf(someBytes(3)) };
    expect(await store.uploadPart(late)).toEqual({ ok: false, reason: "no_such_upload" });
  });

  it("has an upload of one part, of any size", async () => {
    for (const size of [1, 5_000]) {
      const { key, uploadId, tags } = await uploaded([someBytes(size)]);
      value(await store.completeUpload({ key, uploadId }, tags));
      expect(await read(key)).toEqual(someBytes(size));
    }
  });

  it("says which parts are missing or too small, and the upload lives on", async () => {
    const { key, uploadId, tags } = await uploaded([someBytes(5 * mebibyte)]);
    const absent = { partNumber: 2, etag: tags[0]!.etag };
    expect(await store.completeUpload({ key, uploadId }, [...tags, absent])).toEqual({
      ok: false,
      reason: "part_missing",
    });
    value(await store.completeUpload({ key, uploadId }, tags));
    const small = await uploaded([someBytes(1_000, 1), someBytes(1_000, 2)]);
    expect(await store.completeUpload(small, small.tags)).toEqual({ ok: false, reason: "part_too_small" });
  });

  it("throws an upload away, once or twice", async () => {
    const { key, uploadId, tags } = await uploaded([someBytes(100)]);
    await store.abortUpload({ key, uploadId });
    await store.abortUpload({ key, uploadId });
    expect(await store.completeUpload({ key, uploadId }, tags)).toEqual({ ok: false, reason: "no_such_upload" });
    expect(await store.head(key)).toBeUndefined();
  });

  it("knows an upload that never was", async () => {
    const { uploadId } = await uploaded([]);
    const ref = { key: newKey(), uploadId: uploadId.slice(0, -4) + "AAAA" };
    await store.abortUpload(ref);
    expect(await store.completeUpload(ref, [{ partNumber: 1, etag: `"${"0".repeat(32)}"` }])).toEqual({
      ok: false,
      reason: "no_such_upload",
    });
  });

  describe("a part that streams through", () => {
    const size = 200_000;
    const bytes = someBytes(size);
    const short = bytes.subarray(0, size - 1).slice();

    it.each([
      ["too short", "wrong_size", () => streamOf(short), undefined],
      ["too long", "wrong_size", () => streamOf(someBytes(size + 1)), undefined],
      ["empty", "wrong_size", () => streamOf(new Uint8Array(0)), undefined],
      ["with another hash", "wrong_sha256", () => streamOf(bytes), sha256(short)],
    ])("and is %s is refused as %s, and absent", async (_what, reason, body, hash) => {
      const key = newKey();
      const { uploadId } = await store.createUpload(key);
      const part = { key, uploadId, partNumber: 1, size };
      const refused = await store.uploadPart({ ...part, body: body(), ...(hash ? { sha256: hash } : {}) });
      expect(refused).toEqual({ ok: false, reason });
      if (config.capabilities.listParts) expect(value(await store.listParts(part))).toEqual([]);
      const sent = value(await store.uploadPart({ ...part, body: streamOf(bytes), sha256: sha256(bytes) }));
      expect(sent).toMatchObject({ partNumber: 1, size, sha256: sha256(bytes) });
      value(await store.completeUpload(part, [sent]));
      expect(sha256(await read(key))).toBe(sha256(bytes));
    });

    it("and breaks in the middle is cut off, and absent", async () => {
      const key = newKey();
      const { uploadId } = await store.createUpload(key);
      const { readable, writable } = new FixedLengthStream(size);
      const writer = writable.getWriter();
      writer.write(bytes.subarray(0, 150_000)).then(
        () => writer.abort(new Error("gone")),
        () => undefined,
      );
      const part = { key, uploadId, partNumber: 1, size };
      expect(await store.uploadPart({ ...part, body: readable })).toEqual({ ok: false, reason: "cut_off" });
      if (config.capabilities.listParts) expect(value(await store.listParts(part))).toEqual([]);
    });

    it("takes the place of the one that was there", async () => {
      const { key, uploadId } = await uploaded([someBytes(1_000, 1)]);
      const part = { key, uploadId, partNumber: 1, size: 2_000 };
      const second = value(await store.uploadPart({ ...part, body: streamOf(someBytes(2_000, 2)) }));
      value(await store.completeUpload(part, [second]));
      expect(await read(key)).toEqual(someBytes(2_000, 2));
    });
  });

  it("takes an object that streams through as a part does: whole, hashed, or not at all", async () => {
    const key = newKey();
    const bytes = someBytes(200_000);
    const put = (body: Uint8Array<ArrayBuffer>, hash?: string) =>
      store.putStreamed(key, { size: bytes.length, body: streamOf(body), sha256: hash });
    for (const body of [bytes.slice(1), someBytes(bytes.length + 1)])
      expect(await put(body)).toEqual({ ok: false, reason: "wrong_size" });
    expect(await put(bytes, sha256(bytes.slice(1)))).toEqual({ ok: false, reason: "wrong_sha256" });
    expect(await store.head(key)).toBeUndefined();
    expect(value(await put(bytes, sha256(bytes)))).toMatchObject({ size: bytes.length, sha256: sha256(bytes) });
    expect(sha256(await read(key))).toBe(sha256(bytes));
  });

  describe("a presigned address", () => {
    it("takes an object of the signed size and type, and no other", async () => {
      const key = newKey();
      const address = await store.presignPut({ key, size: 1_000 }, aMinute);
      for (const length of [999, 1_001]) expect(await statusOf(use(address, someBytes(length)))).toBe(403);
      const otherType = { ...address, headers: { ...address.headers, "content-type": "text/html" } };
      expect(await statusOf(use(otherType, someBytes(1_000)))).toBe(403);
      expect(await store.head(key)).toBeUndefined();
      expect(await statusOf(use(address, someBytes(1_000)))).toBe(200);
      expect(await read(key)).toEqual(someBytes(1_000));
    });

    it("takes a part of the signed size, and nothing gets into an upload that is complete", async () => {
      const key = newKey();
      const { uploadId } = await store.createUpload(key);
      const address = await store.presignPart({ key, uploadId, partNumber: 1, size: 1_000 }, aMinute);
      for (const length of [999, 1_001]) expect(await statusOf(use(address, someBytes(length)))).toBe(403);
      const sent = await use(address, someBytes(1_000));
      expect([sent.status, sent.headers.get("etag")]).toEqual([200, expect.any(String)]);
      value(await store.completeUpload({ key, uploadId }, [{ partNumber: 1, etag: sent.headers.get("etag")! }]));
      expect(await read(key)).toEqual(someBytes(1_000));
      const late = await statusOf(use(address, someBytes(1_000, 2)));
      if (name === "swift") {
        // It takes the part all the same. The object is then broken and says so; other bytes it never gives.
        expect(late).toBe(200);
        await expect(read(key)).rejects.toMatchObject({ code: "unavailable" });
      } else {
        expect(late).toBe(404);
        expect(await read(key)).toEqual(someBytes(1_000));
      }
    });

    it("is for its key and for PUT alone", async () => {
      const key = newKey();
      const { url, ...rest } = await store.presignPut({ key, size: 5 }, aMinute);
      expect(await statusOf(use({ ...rest, url: url.replace(key, newKey()) }, someBytes(5)))).toBe(403);
      await store.put(key, someBytes(5));
      for (const method of ["GET", "DELETE"]) expect(await statusOf(fetch(url, { method }))).toBe(403);
      expect(await read(key)).toEqual(someBytes(5));
    });

    it("says when it ends, and ends then", async () => {
      const object = { key: newKey(), size: 5 };
      const anHourAgo = storeAt(config, { now: () => new Date(Date.now() - 3_600_000) });
      const late = await anHourAgo.presignPut(object, 3_599);
      expect(late.expiresAt.getTime()).toBeLessThanOrEqual(Date.now());
      expect(await statusOf(use(late, someBytes(5)))).toBe(403);
      const early = await anHourAgo.presignPut(object, 3_660);
      expect(early.expiresAt.getTime()).toBeGreaterThan(Date.now());
      expect(await statusOf(use(early, someBytes(5)))).toBe(200);
    });

    it("lives no longer than signatures do", async () => {
      for (const seconds of [0, 1.5, 7 * 24 * 3600 + 1, Number.NaN])
        await expect(store.presignPut({ key: newKey(), size: 5 }, seconds)).rejects.toThrow("invariant");
    });
  });

  it("refuses a key that somebody else may have made", async () => {
    for (const key of ["", "/a", "a/", "a//b", "a/../b", "..", "a b", "a'b", "a?b", "a%2Fb", "ä"])
      await expect(store.head(key), key).rejects.toThrow("invariant");
  });

  it("lists what begins with a prefix, page by page", async () => {
    const prefix = `test/${crypto.randomUUID()}/`;
    const keys = ["a", "b/1", "b/2", "c.d-e_f", "d"].map((name) => prefix + name);
    for (const key of keys.toReversed()) await store.put(key, someBytes(9));
    const whole = await store.list(prefix);
    expect(whole.items.map(({ key, size }) => [key, size])).toEqual(keys.map((key) => [key, 9]));
    expect(whole.more).toBe(false);
    const paged: string[] = [];
    for (let more = true, after: { key: string } | undefined; more && paged.length < 10;) {
      const page = await store.list(prefix, { after, limit: 2 });
      paged.push(...page.items.map(({ key }) => key));
      ({ more } = page);
      after = page.items.at(-1);
    }
    expect(paged).toEqual(keys);
    expect((await store.list(prefix, { after: { key: keys[1]! } })).items.map(({ key }) => key)).toEqual(keys.slice(2));
    expect(await store.list(`${prefix}zzz`)).toEqual({ items: [], more: false });
  });
});

describe.each(s3Servers.filter(([, { capabilities }]) => capabilities.listParts))(
  "%s, which lists parts,",
  (_name, config) => {
    const store = storeAt(config);

    it("tells every part that is there, in order", async () => {
      const key = newKey();
      const { uploadId } = await store.createUpload(key);
      expect(value(await store.listParts({ key, uploadId }))).toEqual([]);
      for (const partNumber of [11, 2]) {
        const size = 100 * partNumber;
        value(await store.uploadPart({ key, uploadId, partNumber, size, body: streamOf(someBytes(size)) }));
      }
      const parts = value(await store.listParts({ key, uploadId }));
      expect(parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
        [2, 200],
        [11, 1_100],
      ]);
      await store.abortUpload({ key, uploadId });
      expect(await store.listParts({ key, uploadId })).toEqual({ ok: false, reason: "no_such_upload" });
    });
  },
);

describe.each(s3Servers.filter(([, { capabilities }]) => capabilities.listUploads))(
  "%s, which lists uploads,",
  (_name, config) => {
    it("tells those that are neither completed nor aborted", async () => {
      const store = storeAt(config);
      const prefix = `test/${crypto.randomUUID()}/`;
      const keys = ["a", "b"].map((name) => prefix + name);
      const refs = await Promise.all(keys.map(async (key) => ({ key, ...(await store.createUpload(key)) })));
      const { items } = await store.listUploads(prefix);
      expect(items.map(({ key, uploadId }) => ({ key, uploadId }))).toEqual(refs);
      const [first] = (await store.listUploads(prefix, { limit: 1 })).items;
      expect((await store.listUploads(prefix, { after: first })).items.map(({ key }) => key)).toEqual([keys[1]]);
      await store.abortUpload(refs[0]!);
      expect((await store.listUploads(prefix)).items.map(({ key }) => key)).toEqual([refs[1]!.key]);
    });
  },
);
