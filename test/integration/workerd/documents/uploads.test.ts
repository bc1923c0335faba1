import { bytesToHex } from "@noble/hashes/utils.js";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { createDocumentRepository } from "../../../../src/features/documents/repository.drizzle.ts";
import { auditLog, documents, uploadParts, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { call, frontCalls, useVariables } from "../../../support/workerd/api.ts";
import { appDatabase, config, makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { s3Configurations, s3ServersUp, storeAt, storeVariables } from "../../../support/workerd/stores.ts";
import {
  addressOf,
  begin,
  beginOpenEnded,
  complete,
  mebibyte,
  noise,
  objectsOf,
  pdf,
  putAll,
  putPart,
  read,
  s3Path,
  upload,
} from "../../../support/workerd/uploads.ts";

const sha256 = async (bytes: Uint8Array) => bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
const knownPart = ({ part_number, size }: { part_number: number; size: number }) => ({
  part_number,
  size,
  sha256: null,
});
const ofUnknownLength = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
const actions = async (id: string) =>
  (await superuserDatabase().select().from(auditLog).where(eq(auditLog.targetId, id))).map(({ action }) => action);

beforeAll(s3ServersUp);

describe.each(s3Configurations)("with %s", (_, s3) => {
  useVariables(storeVariables(s3));

  describe("an upload through us", () => {
    it("of a few bytes becomes a document that reads back to the letter", async () => {
      const as = await makePerson();
      const bytes = pdf("Übergröße");
      const begun = await begin(as, bytes.length, {
        filename: "Übersicht 2026.pdf",
        contentType: "application/pdf",
        more: { folder_path: "/hr/contracts", custom_metadata: { a: [1] } },
      });
      expect(begun.status, begun.text).toBe(201);
      expect(begun.body).toMatchObject({ upload_strategy: "SINGLE", part_count: 1, part_size: bytes.length });
      const part = await putPart(as, begun.body.session_id, 1, bytes);
      expect(part.status, part.text).toBe(200);
      expect(part.body).toMatchObject({ part_number: 1, size: bytes.length, sha256: await sha256(bytes) });
      const { status, body, text } = await complete(as, begun.body.session_id);
      expect(status, text).toBe(200);
      expect(body).toMatchObject({
        id: begun.body.document_id,
        status: "ready",
        original_filename: "Übersicht 2026.pdf",
        detected_content_type: "application/pdf",
        size_bytes: bytes.length,
        sha256: await sha256(bytes),
        folder_path: "/hr/contracts",
        custom_metadata: { a: [1] },
        legal_hold: false,
        created_by: as.userId,
      });
      expect(await actions(body.id)).toEqual(["document.upload", "document.complete_begin", "document.complete"]);
      const download = await call(`${s3Path}/documents/${body.id}/download`, { method: "POST", as });
      expect(download.status, download.text).toBe(200);
      expect(download.body.expires_in).toBeLessThanOrEqual(300);
      const got = await read(download.body.url);
      expect(got.answer.status, got.answer.text).toBe(200);
      expect(got.bytes).toEqual(bytes);
      expect(got.answer.headers.get("content-disposition")).toContain("filename*=UTF-8''%C3%9Cbersicht%202026.pdf");
      const some = await read(download.body.url, { Range: "bytes=1-3" });
      expect([some.answer.status, some.answer.text, some.answer.headers.get("content-range")]).toEqual([
        206,
        "PDF",
        `bytes 1-3/${bytes.length}`,
      ]);
    });

    it("of three parts too, each of its exact size and hashed on the way", async () => {
      const as = await makePerson();
      const bytes = noise(17 * mebibyte + 5);
      const begun = await begin(as, bytes.length);
      expect(begun.body).toMatchObject({ upload_strategy: "MULTIPART", part_count: 3, part_size: 8 * mebibyte });
      expect(begun.body.parts.map(({ size }: { size: number }) => size)).toEqual([
        8 * mebibyte,
        8 * mebibyte,
        mebibyte + 5,
      ]);
      const session = begun.body.session_id;
      const last = bytes.subarray(16 * mebibyte);
      const capitals = (await sha256(last)).toUpperCase();
      expect((await putPart(as, session, 3, last, { "X-Content-Sha256": capitals })).status).toBe(200);
      const state = await call(`${s3Path}/uploads/${session}`, { as });
      expect(state.body).toMatchObject({
        status: "open",
        parts: [{ part_number: 3, size: mebibyte + 5, sha256: await sha256(last) }],
      });
      const early = await complete(as, session);
      expect([early.status, early.body.code, early.body.missing, early.body.wrong]).toEqual([
        409,
        "upload_incomplete",
        [1, 2],
        [],
      ]);
      await putAll(as, begun.body, bytes);
      const { status, body, text } = await complete(as, session);
      expect(status, text).toBe(200);
      expect(body).toMatchObject({ status: "ready", size_bytes: bytes.length });
      const again = await complete(as, session);
      expect(again.body).toEqual(body);
      const url = await addressOf(as, body.id);
      expect(await sha256((await read(url)).bytes)).toBe(await sha256(bytes));
      const tail = await read(url, { Range: "Bytes=-5" });
      expect(tail.bytes).toEqual(bytes.subarray(-5));
      expect(await objectsOf(as)).toHaveLength(1);
      expect((await call(`${s3Path}/documents/${body.id}`, { method: "DELETE", as })).status).toBe(204);
      expect(await objectsOf(as)).toEqual([]);
      expect((await read(url)).answer.status).toBe(404);
    });

    it("says what is wrong with a part, and keeps none of it", async () => {
      const as = await makePerson();
      const { body } = await begin(as, 9 * mebibyte);
      const session = body.session_id;
      const right = noise(8 * mebibyte);
      const short = await putPart(as, session, 1, right.subarray(1));
      expect([short.status, short.body.code]).toEqual([400, "part_wrong_size"]);
      const long = await putPart(as, session, 2, right);
      expect([long.status, long.body.code]).toEqual([413, "payload_too_large"]);
      const torn = await putPart(as, session, 1, right, { "X-Content-Sha256": "0".repeat(64) });
      expect([torn.status, torn.body.code]).toEqual([400, "part_wrong_sha256"]);
      for (const number of [0, 3, 10_000, 10_001, "x"] as const) {
        const outside = await call(`${s3Path}/uploads/${session}/parts/${number}`, { method: "PUT", as, raw: "x" });
        expect([number, outside.status]).toEqual([number, 422]);
      }
      const chunked = await call(`${s3Path}/uploads/${session}/parts/1`, {
        method: "PUT",
        as,
        raw: ofUnknownLength(right),
      });
      expect([chunked.status, chunked.body.code]).toEqual([411, "length_required"]);
      expect((await call(`${s3Path}/uploads/${session}`, { as })).body.parts).toEqual([]);
      expect((await complete(as, session)).body.missing).toEqual([1, 2]);
    });
  });

  describe("an upload sent directly", () => {
    it("of a few bytes goes to S3 by a signed address, and what that address writes later changes nothing", async () => {
      const as = await makePerson();
      const bytes = pdf("first");
      const { body } = await begin(as, bytes.length, { transport: "direct", contentType: "application/pdf" });
      const [part] = body.parts;
      const send = (content: Uint8Array<ArrayBuffer>) =>
        fetch(part.url, { method: "PUT", headers: part.headers, body: content });
      expect((await send(bytes.subarray(1))).status).toBe(403);
      expect((await send(bytes)).status).toBe(200);
      const state = await call(`${s3Path}/uploads/${body.session_id}`, { as });
      expect(state.body.parts).toMatchObject([{ part_number: 1, size: bytes.length }]);
      const done = await complete(as, body.session_id);
      expect([done.status, done.body.status]).toEqual([200, "ready"]);
      await send(pdf("other"));
      expect((await read(await addressOf(as, done.body.id))).bytes).toEqual(bytes);
      expect((await complete(as, body.session_id)).body.sha256).toBe(await sha256(bytes));
    });

    it("of two parts is put together, from their tags where S3 cannot list parts", async () => {
      const as = await makePerson();
      const bytes = noise(8 * mebibyte + 10);
      const { body } = await begin(as, bytes.length, { transport: "direct" });
      const tags = [];
      for (const { part_number: number, size, url, headers } of body.parts) {
        const content = bytes.subarray((number - 1) * body.part_size, (number - 1) * body.part_size + size);
        const sent = await fetch(url, { method: "PUT", headers, body: content });
        expect(sent.status).toBe(200);
        tags.push({ part_number: number, etag: sent.headers.get("etag") });
      }
      const { listParts } = s3.capabilities;
      const state = await call(`${s3Path}/uploads/${body.session_id}`, { as });
      expect(state.body.parts).toMatchObject(listParts ? body.parts.map(knownPart) : []);
      if (!listParts) {
        const unnamed = { missing: [1, 2], detail: expect.stringContaining("with the ETag") };
        expect((await complete(as, body.session_id)).body).toMatchObject(unnamed);
      }
      const done = await complete(as, body.session_id, listParts ? undefined : { parts: tags });
      expect(done.status, done.text).toBe(200);
      expect(await sha256((await read(await addressOf(as, done.body.id))).bytes)).toBe(await sha256(bytes));
    });

    it("that is open-ended has the parts that are named this time, whatever an earlier call named", async () => {
      const as = await makePerson();
      const bytes = noise(1_000);
      const { body } = await beginOpenEnded(as);
      const { etag } = (await putPart(as, body.session_id, 1, bytes)).body;
      const parts = [1, 2].map((part_number) => ({ part_number, etag }));
      expect((await complete(as, body.session_id, { parts })).body).toMatchObject({ missing: [2] });
      const done = await complete(as, body.session_id);
      expect([done.status, done.body.status], done.text).toEqual([200, "ready"]);
    });

    it("signs parts again, in the order asked for, at most a hundred a call", async () => {
      const as = await makePerson();
      const { body } = await begin(as, 8 * mebibyte * 150, { transport: "direct" });
      expect(body.parts).toHaveLength(100);
      const path = `${s3Path}/uploads/${body.session_id}/parts/sign`;
      const signed = await call(path, { as, body: { part_numbers: [150, 101] } });
      expect(signed.body.parts.map(({ part_number: number }: { part_number: number }) => number)).toEqual([150, 101]);
      const outside = await call(path, { as, body: { part_numbers: [1, 151] } });
      expect([outside.status, outside.body.errors[0].path]).toEqual([422, "part_numbers[1]"]);
      expect((await call(path, { as, body: { part_numbers: Array.from({ length: 101 }, () => 1) } })).status).toBe(422);
    });
  });

  describe("a session that is over", () => {
    it("that is aborted takes nothing any more, and may be aborted again", async () => {
      const as = await makePerson();
      const { body } = await begin(as, 9 * mebibyte);
      await putPart(as, body.session_id, 2, noise(mebibyte));
      const path = `${s3Path}/uploads/${body.session_id}`;
      expect((await call(path, { method: "DELETE", as })).status).toBe(204);
      expect((await call(path, { method: "DELETE", as })).status).toBe(204);
      expect((await call(path, { as })).body).toMatchObject({ status: "aborted", parts: [] });
      expect((await putPart(as, body.session_id, 2, noise(mebibyte))).body.code).toBe("upload_over");
      expect(await objectsOf(as)).toEqual([]);
      expect((await complete(as, body.session_id)).body.code).toBe("upload_over");
      expect((await call(`${s3Path}/documents/${body.document_id}`, { as })).status).toBe(404);
    });
  });
});

describe("a session", () => {
  it("that has expired is gone", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 10);
    await superuserDatabase()
      .update(uploadSessions)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(uploadSessions.id, body.session_id));
    const answers = [
      await putPart(as, body.session_id, 1, "0123456789"),
      await complete(as, body.session_id),
      await call(`${s3Path}/uploads/${body.session_id}/parts/sign`, { as, body: { part_numbers: [1] } }),
    ];
    expect(answers.map(({ status, body: problem }) => [status, problem.code])).toEqual(
      answers.map(() => [410, "upload_expired"]),
    );
    expect((await call(`${s3Path}/uploads/${body.session_id}`, { as })).body.status).toBe("expired");
  });

  it("that was completed cannot be aborted", async () => {
    const as = await makePerson();
    const { sessionId } = await upload(as);
    const answer = await call(`${s3Path}/uploads/${sessionId}`, { method: "DELETE", as });
    expect([answer.status, answer.body.code]).toEqual([409, "upload_over"]);
  });

  it("is the same for the same Idempotency-Key, its addresses signed anew", async () => {
    const as = await makePerson();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => begin(as, 9 * mebibyte, { headers, transport: "direct" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.session_id)).size).toBe(1);
    expect(answers[0]!.body.parts).toHaveLength(2);
    const other = await begin(as, 10 * mebibyte, { headers, transport: "direct" });
    expect([other.status, other.body.code]).toEqual([422, "idempotency_key_reused"]);
    const rows = await superuserDatabase().select().from(documents).where(eq(documents.companyId, as.companyId));
    expect(rows).toHaveLength(1);
  });

  it("is nobody's business in another company", async () => {
    const [as, stranger] = [await makePerson(), await makePerson({ group: "Admin" })];
    const { body } = await begin(as, 10);
    for (const [method, suffix] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/complete"],
      ["PUT", "/parts/1"],
    ] as const) {
      const answer = await call(`${s3Path}/uploads/${body.session_id}${suffix}`, {
        method,
        as: stranger,
        ...(method === "PUT" ? { raw: "0123456789" } : {}),
      });
      expect([method, answer.status]).toEqual([method, 404]);
    }
  });
});

describe("quotas of a company", () => {
  it("bound its open uploads: of twenty at once that find room for five, five begin", async () => {
    const as = await makePerson();
    const colleague = await makePerson({ companyId: as.companyId });
    const { body } = await begin(as, 10);
    const db = superuserDatabase();
    const [row] = await db.select().from(documents).where(eq(documents.id, body.document_id));
    await db.insert(documents).values(Array.from({ length: 94 }, () => ({ ...row!, id: crypto.randomUUID() })));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => begin(index % 2 === 0 ? as : colleague, 10)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.map(({ body: problem }) => problem.code)).toEqual(refused.map(() => "too_many_uploads"));
    expect([answers.filter(({ status }) => status === 201).length, refused.length]).toEqual([5, 15]);
    expect((await begin(await makePerson(), 10)).status).toBe(201);
  });

  it("bound its bytes: of twenty at once that find room for five, five begin, and what is given up makes room", async () => {
    const as = await makePerson();
    const tebibyte = 1024 ** 4;
    await begin(as, 5 * tebibyte, { transport: "direct" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => begin(as, tebibyte, { transport: "direct" })));
    const begun = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect([begun.length, refused.length]).toEqual([5, 15]);
    expect(refused.map(({ body }) => body.code)).toEqual(refused.map(() => "storage_full"));
    await call(`${s3Path}/uploads/${begun[0]!.body.session_id}`, { method: "DELETE", as });
    expect((await begin(as, tebibyte, { transport: "direct" })).status).toBe(201);
    expect((await begin(as, 1, { transport: "direct" })).body.code).toBe("storage_full");
  });

  it("bound its bytes", async () => {
    const as = await makePerson();
    const fiveTebibytes = 5 * 1024 ** 4;
    const first = await begin(as, fiveTebibytes, { transport: "direct" });
    expect(first.body).toMatchObject({ part_size: 525 * mebibyte, part_count: 9_987 });
    expect((await begin(as, fiveTebibytes, { transport: "direct" })).status).toBe(201);
    const third = await begin(as, 1, { transport: "direct" });
    expect([third.status, third.body.code]).toEqual([409, "storage_full"]);
    await call(`${s3Path}/uploads/${first.body.session_id}`, { method: "DELETE", as });
    expect((await begin(as, 1)).status).toBe(201);
    expect((await begin(as, fiveTebibytes + 1, { transport: "direct" })).status).toBe(422);
    expect((await begin(as, 1024 ** 4)).status).toBe(422);
  });
});

it("writes a refused completion down once, however often it is repeated, and another refusal as well", async () => {
  const as = await makePerson();
  const colleague = await makePerson({ companyId: as.companyId });
  const size = 8 * mebibyte + 1;
  const { body } = await begin(as, size);
  const history = async () =>
    (await call(`${s3Path}/documents/${body.document_id}/audit`, { as })).body.items
      .map(({ action, changes }: { action: string; changes: { missing?: number } | null }) =>
        action === "document.incomplete" ? `${action} ${changes?.missing}` : action,
      )
      .toReversed();
  const begun = ["document.upload", "document.open", "document.complete_begin", "document.incomplete 2"];
  for (let call = 0; call < 3; call += 1) expect((await complete(as, body.session_id)).status).toBe(409);
  expect(await history()).toEqual(begun);
  await putPart(as, body.session_id, 2, noise(1));
  for (let call = 0; call < 2; call += 1)
    expect((await complete(as, body.session_id)).body).toMatchObject({ missing: [1] });
  expect(await history()).toEqual([...begun, "document.incomplete 1"]);
  // Somebody else: who asked is told.
  expect((await complete(colleague, body.session_id)).status).toBe(409);
  const theirs = [...begun, "document.incomplete 1", "document.complete_begin", "document.incomplete 1"];
  expect(await history()).toEqual(theirs);
  await putPart(as, body.session_id, 1, noise(8 * mebibyte));
  expect((await complete(as, body.session_id)).status).toBe(200);
  expect(await history()).toEqual([...theirs, "document.complete_begin", "document.complete"]);
});

describe("round trips to Postgres", { timeout: 60_000 }, () => {
  const traced = async (work: (headers: Record<string, string>) => Promise<unknown>): Promise<number> => {
    const requestId = crypto.randomUUID();
    await work({ "X-Request-Id": requestId });
    return (await frontCalls(requestId)).postgres.length;
  };
  it("are one to begin a SINGLE upload, two a MULTIPART one, and two to complete three parts or a thousand", async () => {
    const as = await makePerson();
    expect(await traced((headers) => begin(as, 10, { headers }))).toBe(1);
    expect(await traced((headers) => begin(as, 9 * mebibyte, { headers }))).toBe(2);
    const trips: number[] = [];
    const completed = async (session: string) => {
      const requestId = crypto.randomUUID();
      const headers = { "X-Request-Id": requestId };
      const answer = await call(`${s3Path}/uploads/${session}/complete`, { method: "POST", as, headers });
      expect([answer.status, answer.body.status], answer.text).toEqual([200, "ready"]);
      trips.push((await frontCalls(requestId)).postgres.length);
    };
    const size = 2 * 8 * mebibyte + 1;
    const three = (await begin(as, size)).body;
    await putAll(as, three, noise(size));
    await completed(three.session_id);
    // A thousand parts have five gigabytes at least. What they cost at Postgres they cost as well when S3 has joined them at a
    // try before, whose answer was lost: their rows are read, S3 is told all their tags, and then the object found.
    const thousand = await beginOpenEnded(as);
    const { session_id: session, document_id: id } = thousand.body;
    const db = superuserDatabase();
    const [row] = await db.select().from(uploadSessions).where(eq(uploadSessions.id, session));
    const part = { companyId: as.companyId, sessionId: session, etag: '"x"', sizeBytes: 8 * mebibyte };
    await db
      .insert(uploadParts)
      .values(Array.from({ length: 1_000 }, (_, index) => ({ ...part, partNumber: index + 1 })));
    const key = `test/${as.companyId}/${id}/1`;
    const store = storeAt(config.s3);
    await store.abortUpload({ key, uploadId: row!.s3UploadId! });
    await store.put(key, noise(1_000));
    await completed(session);
    expect(trips).toEqual([2, 2]);
  });

  it("bring the rows of parts to who completes alone, not to those who wait", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 9 * mebibyte);
    const row = { companyId: as.companyId, sessionId: body.session_id, etag: '"x"', sizeBytes: 8 * mebibyte };
    await superuserDatabase()
      .insert(uploadParts)
      .values([1, 2].map((partNumber) => ({ ...row, partNumber })));
    const documents = createDocumentRepository(appDatabase());
    const caller = { companyId: as.companyId };
    const claim = (at: number) =>
      documents.transition(
        caller,
        { documentId: body.document_id },
        { to: "completing", at: new Date(at), claim: true, dueAt: new Date(at + 60_000), unlessExpired: true },
        undefined,
        true,
      );
    const at = Date.now();
    expect(await claim(at)).toMatchObject({ moved: true, parts: [{ partNumber: 1 }, { partNumber: 2 }] });
    expect(await claim(at + 1)).toMatchObject({ moved: false, parts: [] });
    expect(await claim(at + 60_000)).toMatchObject({ moved: true, parts: [{ partNumber: 1 }, { partNumber: 2 }] });
    await call(`${s3Path}/documents/${body.document_id}`, { method: "DELETE", as });
  });
});
