import { env, exports } from "cloudflare:workers";
import { bytesToHex } from "@noble/hashes/utils.js";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { createCapabilityTokens } from "../../../../src/platform/crypto/capabilities.ts";
import { sessions } from "../../../../src/platform/db/schema/index.ts";
import { call } from "../../../support/workerd/api.ts";
import { config, makePerson, makeSession, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { mebibyte, noise, pdf, read, s3Path } from "../../../support/workerd/uploads.ts";
import { UppyCalls } from "../../../support/workerd/uppy.ts";

/** Compared by their hash: what compares millions of bytes one by one fills the memory when they differ. */
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
const hashOf = async (as: Person, id: string): Promise<string> => {
  const { body } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
  return sha256((await read(body.url as string)).bytes as Uint8Array<ArrayBuffer>);
};
const tokens = createCapabilityTokens(config.tokens);
const atToken = (token: string) => new UppyCalls(`https://etter.test${s3Path}/uppy/${token}`);

describe("an address for Uppy", () => {
  it.each([
    [
      "whose size was told, directly to S3",
      9 * mebibyte + 5,
      8 * mebibyte,
      { size: 9 * mebibyte + 5, transport: "direct" },
    ],
    ["whose size was told, through us", 9 * mebibyte + 5, 8 * mebibyte, { size: 9 * mebibyte + 5, transport: "proxy" }],
    ["whose size was told, as S3 can do", 8 * mebibyte + 1, 8 * mebibyte, { size: 8 * mebibyte + 1 }],
    ["of a few bytes whose size was told", 100, 8 * mebibyte, { size: 100, transport: "direct" }],
    ["whose size was not told, in Uppy's own parts", 6 * mebibyte, 5 * mebibyte, {}],
    ["of a few bytes whose size was not told", 100, 5 * mebibyte, {}],
  ])("takes a file %s", async (_, size, partSize, metadata) => {
    const as = await makePerson();
    const uppy = await UppyCalls.for(as);
    const bytes = noise(size);
    const filename = `Übersicht & "Pläne" 'b'.bin`;
    const begun = await uppy.begin({ ...metadata, folder_path: "/hr" }, filename, "application/octet-stream");
    expect(begun.status, begun.text).toBe(200);
    expect(Object.keys(begun.body).toSorted()).toEqual(["key", "uploadId"]);
    const tags: string[] = [];
    for (let at = 0; at < size; at += partSize)
      tags.push(await uppy.send(begun.body, tags.length + 1, bytes.subarray(at, at + partSize)));
    const completed = await uppy.complete(begun.body, tags);
    expect(completed.status, completed.text).toBe(200);
    expect(completed.body.key).toBe(begun.body.key);
    const document = await call(new URL(completed.body.location as string).pathname, { as });
    expect(document.body).toMatchObject({
      id: begun.body.key,
      status: "ready",
      size_bytes: size,
      original_filename: filename,
      folder_path: "/hr",
    });
    expect(await hashOf(as, begun.body.key)).toBe(await sha256(bytes));
    // The reply may have been lost: the page looks, finds nothing to send, and completes once more.
    const parts = await uppy.parts(begun.body);
    expect(parts.body.map(({ PartNumber }: { PartNumber: number }) => PartNumber)).toEqual(tags.map((__, i) => i + 1));
    expect((await uppy.complete(begun.body, tags)).body).toEqual(completed.body);
  });

  it("lists the parts that are there, for a page that was reloaded", async () => {
    const uppy = await UppyCalls.for(await makePerson());
    const { body } = await uppy.begin({ size: 9 * mebibyte }, "a.bin", "application/octet-stream");
    expect((await uppy.parts(body)).body).toEqual([]);
    const etag = await uppy.send(body, 2, noise(mebibyte));
    expect((await uppy.parts(body)).body).toEqual([{ PartNumber: 2, ETag: etag, Size: mebibyte }]);
    const early = await uppy.complete(body, ["x"]);
    expect([early.status, early.body.code]).toEqual([409, "upload_incomplete"]);
  });

  it("gives an upload up, and says what is over", async () => {
    const uppy = await UppyCalls.for(await makePerson());
    const { body } = await uppy.begin({ size: 10 });
    expect((await uppy.abort(body)).status).toBe(204);
    expect((await uppy.abort(body)).status).toBe(204);
    for (const answer of [await uppy.address(body, 1), await uppy.parts(body), await uppy.complete(body, ["x"])])
      expect([answer.status, answer.body.code]).toEqual([409, "upload_over"]);
  });

  it("refuses names, types, sizes and fields that an upload may not have", async () => {
    const uppy = await UppyCalls.for(await makePerson());
    for (const answer of [
      await uppy.begin({}, "a/b.pdf"),
      await uppy.begin({}, "a.pdf", "pdf"),
      await uppy.begin({ size: 0 }),
      await uppy.begin({ size: "10" }),
      await uppy.begin({ folder_path: "a//b" }),
      await uppy.call("", { body: { filename: "a.pdf", type: "application/pdf", key: "development/x" } }),
    ])
      expect(answer.status, answer.text).toBe(422);
    const { body } = await uppy.begin({});
    expect((await uppy.address(body, 1_001)).status).toBe(422);
    const { url } = (await uppy.address(body, 1)).body as { url: string };
    const path = url.slice(url.indexOf(s3Path));
    const large = await call(path, { method: "PUT", raw: new Uint8Array(16 * mebibyte + 1) });
    expect([large.status, large.body.code]).toEqual([413, "payload_too_large"]);
  });

  it("quarantines what it would quarantine otherwise, and says so where the document is read", async () => {
    const as = await makePerson();
    const uppy = await UppyCalls.for(as);
    const bytes = pdf();
    const { body } = await uppy.begin({ size: bytes.length }, "a.png", "image/png");
    const completed = await uppy.complete(body, [await uppy.send(body, 1, bytes)]);
    const document = await call(new URL(completed.body.location as string).pathname, { as });
    expect(document.body).toMatchObject({ status: "quarantined", quarantine_reason: "type_mismatch" });
  });
});

describe("nobody else", () => {
  it("of another company, or with another document's key, reaches an upload", async () => {
    const [mine, theirs] = [await UppyCalls.for(await makePerson()), await UppyCalls.for(await makePerson())];
    const [{ body }, { body: other }] = [await mine.begin({ size: 10 }), await mine.begin({ size: 10 })];
    const swapped = { uploadId: body.uploadId as string, key: other.key as string };
    for (const [caller, upload] of [
      [theirs, body],
      [mine, swapped],
    ] as const)
      for (const answer of [
        await caller.address(upload, 1),
        await caller.call(`/${upload.uploadId}/1?key=${upload.key}`, { method: "PUT", raw: noise(10) }),
        await caller.parts(upload),
        await caller.complete(upload, ["x"]),
        await caller.abort(upload),
      ])
        expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    expect((await mine.address(body, 1)).status).toBe(200);
  });

  it("gets in with an address that is forged, of another purpose, or whose time is over", async () => {
    const person = await makePerson();
    const { sessionId } = await makeSession(person);
    const actor = { ...person, sessionId };
    const [later, before] = [new Date(Date.now() + 60_000), new Date(Date.now() - 1_000)];
    const good = await tokens.seal({ purpose: "uppy", actor, expiresAt: later });
    expect((await atToken(good).begin({ size: 10 })).status).toBe(200);
    const [claims = "", signature = ""] = good.split(".");
    const other = await tokens.seal({
      purpose: "uppy",
      actor: { ...(await makePerson()), sessionId },
      expiresAt: later,
    });
    const bad = [
      await tokens.seal({ purpose: "uppy", actor, expiresAt: before }),
      await tokens.seal({ purpose: "uppy", actor: { ...actor, group: "Reviewer" }, expiresAt: later }),
      await tokens.seal({
        purpose: "download",
        actor,
        documentId: crypto.randomUUID() as never,
        expiresAt: later,
      }),
      `${other.split(".")[0]}.${signature}`,
      `${claims}.`,
      `${claims}.${signature.slice(0, -2)}xx`,
      "x",
    ];
    for (const token of bad) {
      const answer = await atToken(token).begin({ size: 10 });
      expect([answer.status, answer.body.code], token).toEqual([404, "not_found"]);
    }
    const asContent = await call(`${s3Path}/content/${good}`);
    expect(asContent.status).toBe(404);
  });

  it("gets in once the session has ended of whoever asked for it", async () => {
    const person = await makePerson();
    const { sessionId, accessToken } = await makeSession(person);
    const headers = { Authorization: `Bearer ${accessToken}` };
    const { body: address } = await call(`${s3Path}/uppy`, { method: "POST", headers });
    const uppy = new UppyCalls(address.url as string);
    const { body } = await uppy.begin({ size: 10 });
    await superuserDatabase()
      .update(sessions)
      .set({ endedAt: new Date(), endReason: "logout" })
      .where(eq(sessions.id, sessionId));
    for (const answer of [
      await uppy.begin({ size: 10 }),
      await uppy.address(body, 1),
      await uppy.call(`/${body.uploadId}/1?key=${body.key}`, { method: "PUT", raw: noise(10) }),
      await uppy.parts(body),
      await uppy.complete(body, ["x"]),
      await uppy.abort(body),
    ])
      expect([answer.status, answer.body.code]).toEqual([401, "unauthorized"]);
  });

  it("finds an address in the log", async () => {
    const lines = vi.spyOn(console, "info");
    const uppy = await UppyCalls.for(await makePerson());
    await uppy.begin({ size: 10 });
    const written = lines.mock.calls
      .flat()
      .map((line) => JSON.stringify(line))
      .join("\n");
    lines.mockRestore();
    expect(written).toContain("/api/etter/s3/uppy/:token/s3/multipart");
    expect(written).not.toContain(uppy.path.split("/").at(-1)!);
  });
});

it("a page of an origin on the list may use it, another not", async () => {
  const uppy = await UppyCalls.for(await makePerson());
  const { body } = await uppy.begin({ size: 10 });
  const ask = (origin: string) =>
    exports.default.fetch(
      new Request(`https://etter.test${uppy.path}/s3/multipart/${body.uploadId}/1?key=${body.key}`, {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "PUT" },
      }),
    );
  const [listed] = env.CORS_ORIGINS.split(",");
  const allowed = await ask(listed!);
  expect(allowed.headers.get("access-control-allow-origin")).toBe(listed);
  expect(allowed.headers.get("access-control-allow-methods")).toContain("PUT");
  expect((await ask("https://elsewhere.example.com")).headers.get("access-control-allow-origin")).toBeNull();
  const put = await uppy.call(`/${body.uploadId}/1?key=${body.key}`, {
    method: "PUT",
    raw: noise(10),
    headers: { Origin: listed! },
  });
  expect(put.headers.get("access-control-expose-headers")).toContain("ETag");
  expect(put.headers.get("etag")).not.toBeNull();
});
