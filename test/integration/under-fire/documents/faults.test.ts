import { and, eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { auditLog, documents, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { loadConfig } from "../../../../src/config/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import type { FaultRule } from "../../../support/node/s3-front/faults.ts";
import { call, useVariables, workerEnv, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { clearFaults, control, injectFault, recordedCalls } from "../../../support/workerd/front-clients.ts";
import { someBytes } from "../../../support/workerd/some-bytes.ts";
import { frontOf, s3Servers, s3ServersUp, storeAt, storeVariables } from "../../../support/workerd/stores.ts";
import {
  addressOf,
  begin,
  beginOpenEnded,
  complete,
  copyRows,
  mebibyte,
  objectsOf,
  pdf,
  putPart,
  read,
  s3Path,
  upload,
} from "../../../support/workerd/uploads.ts";

type Fault = readonly [operation: string, fault: FaultRule["fault"], more?: Partial<FaultRule>];

const rowOf = async (id: string) =>
  (await superuserDatabase().select().from(documents).where(eq(documents.id, id)))[0]!;
const auditsOf = async (id: string, action: string): Promise<number> =>
  superuserDatabase().$count(auditLog, and(eq(auditLog.targetId, id), eq(auditLog.action, action)));
const cancel = (as: Person, session: string) => call(`${s3Path}/uploads/${session}`, { method: "DELETE", as });
const past = new Date(Date.now() - 60_000);
const services = () =>
  createBackgroundContainer(loadConfig(workerEnv()), workerEnv(), {
    requestId: "test-sweep",
    meter: new RequestMeter(Date.now),
  });
const sweep = (at = new Date()) => services().sweepDocuments(at);
const remove = (as: Person, id: string) => call(`${s3Path}/documents/${id}`, { method: "DELETE", as });

/** Refused as one thing that is down for now: which, and when to come again, and none of its own words. */
function expectUnavailable({ status, headers, body, text }: Answer, during: Fault): void {
  expect([...during, status, headers.get("content-type")], text).toEqual([...during, 503, "application/problem+json"]);
  expect(body).toMatchObject({ code: "unavailable", detail: expect.stringMatching(/^S3 cannot be reached/) });
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(text).not.toMatch(/vendor|SlowDown|127\.0\.0\.1/);
}

beforeAll(s3ServersUp);

describe.each(s3Servers)("documents, with %s on a bad day", { timeout: 120_000 }, (_, s3) => {
  useVariables(storeVariables(s3));
  const front = frontOf(s3);
  const { listParts } = s3.capabilities;

  afterEach(async () => {
    await clearFaults(front);
    await control(front, "start");
  });

  /** Calls once for each fault, all of which are told; the next call must find its way. */
  async function through(faults: readonly Fault[], key: string, again: () => Promise<Answer>): Promise<Answer> {
    for (const fault of faults) {
      const [operation, kind, more] = fault;
      await injectFault(front, { fault: kind, operation, key, ...more });
      expectUnavailable(await again(), fault);
    }
    return again();
  }

  const ofLists = (faults: readonly Fault[]): readonly Fault[] => (listParts ? faults : []);

  it("begins an upload once under its Idempotency-Key, however often it has to ask", async () => {
    const as = await makePerson();
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const faults: Fault[] = [
      ["CreateMultipartUpload", "slow-down"],
      ["CreateMultipartUpload", "lost-reply"],
      ["CreateMultipartUpload", "skewed-clock"],
    ];
    const begun = await through(faults, as.companyId, () => begin(as, 9 * mebibyte, { headers }));
    expect(begun.status, begun.text).toBe(201);
    const rows = await superuserDatabase().select().from(documents).where(eq(documents.companyId, as.companyId));
    expect(rows.map(({ id, status }) => [id, status])).toEqual([[begun.body.document_id, "uploading"]]);
  });

  it("holds four whole documents in memory at a time, and completes all of nine that come at once", async () => {
    const as = await makePerson();
    const sessions: string[] = [];
    for (let made = 0; made < 9; made += 1) {
      const { body } = await begin(as, pdf().length, { contentType: "application/pdf" });
      await putPart(as, body.session_id, 1, pdf());
      sessions.push(body.session_id);
    }
    await injectFault(front, { fault: "slow", delayMs: 200, operation: "GetObject", key: as.companyId, times: 9 });
    const requestId = crypto.randomUUID();
    const headers = { "X-Request-Id": requestId };
    const path = (session: string) => `${s3Path}/uploads/${session}/complete`;
    const done = await Promise.all(sessions.map((session) => call(path(session), { method: "POST", as, headers })));
    expect(new Set(done.map(({ status }) => status))).toEqual(new Set([200]));
    const reads = (await recordedCalls(front, requestId)).filter(({ statements }) => /GetObject/.test(statements[0]!));
    const atOnce = reads.map(({ startedAt }) =>
      reads.filter((one) => one.startedAt <= startedAt && startedAt < one.endedAt),
    );
    expect(reads).toHaveLength(9);
    expect(Math.max(...atOnce.map(({ length }) => length))).toBe(4);
  });

  it("holds no place for an upload that could not begin and that nobody can find again", async () => {
    const as = await makePerson();
    await injectFault(front, { fault: "slow-down", operation: "CreateMultipartUpload", key: as.companyId });
    expectUnavailable(await begin(as, 9 * mebibyte), ["CreateMultipartUpload", "slow-down"]);
    const rows = await superuserDatabase().select().from(documents).where(eq(documents.companyId, as.companyId));
    expect(rows.map(({ status, dueAt }) => [status, dueAt])).toEqual([["aborted", null]]);
  });

  it("takes a part that was refused, dropped in the middle or not answered when it is sent again", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as);
    const bytes = someBytes(400_000);
    const faults: Fault[] = [
      ["UploadPart", "slow-down"],
      ["UploadPart", "early-refusal"],
      ["UploadPart", "drop", { afterBytes: 100_000 }],
      ["UploadPart", "skewed-clock"],
      ["UploadPart", "lost-reply"],
    ];
    const sent = await through(faults, body.document_id, () => putPart(as, body.session_id, 1, bytes));
    expect(sent.status, sent.text).toBe(200);
    const state = () => call(`${s3Path}/uploads/${body.session_id}`, { as });
    const there = await through(ofLists([["ListParts", "slow-down"]]), body.document_id, state);
    expect(there.body.parts).toMatchObject([{ part_number: 1, size: bytes.length, sha256: sent.body.sha256 }]);
    const done = await complete(as, body.session_id);
    expect(done.status, done.text).toBe(200);
    expect((await read(await addressOf(as, done.body.id))).bytes).toEqual(bytes);
  });

  it("completes an upload in parts in the end, and says so once", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as);
    const bytes = someBytes(400_000, 2);
    await putPart(as, body.session_id, 1, bytes);
    const faults: Fault[] = [
      ...ofLists([
        ["ListParts", "slow-down"],
        ["ListParts", "lost-reply"],
      ]),
      ["CompleteMultipartUpload", "slow-down"],
      ["CompleteMultipartUpload", "error-in-200"],
      ["CompleteMultipartUpload", "skewed-clock"],
      // From here on it is put together, and only we do not know.
      ["CompleteMultipartUpload", "lost-reply"],
      ["HeadObject", "slow-down"],
      ["HeadObject", "lost-reply"],
      ["GetObject", "internal-error"],
      ["GetObject", "cut-reply"],
    ];
    const done = await through(faults, body.document_id, () => complete(as, body.session_id));
    expect([done.status, done.body.status], done.text).toEqual([200, "ready"]);
    expect((await complete(as, body.session_id)).text).toBe(done.text);
    expect((await read(await addressOf(as, done.body.id))).bytes).toEqual(bytes);
    expect(await auditsOf(body.document_id, "document.complete")).toBe(1);
    expect(await objectsOf(as)).toHaveLength(1);
  });

  it("goes on, by the clock, with as many parts as were named, and not with those that happen to be there", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as);
    const bytes = someBytes(5 * mebibyte + 1_000, 4);
    const part = (number: number) => bytes.subarray((number - 1) * 5 * mebibyte, number * 5 * mebibyte);
    const first = await putPart(as, body.session_id, 1, part(1));
    const named = {
      parts: [
        { part_number: 1, etag: first.body.etag },
        { part_number: 2, etag: '"later"' },
      ],
    };
    const asked = listParts ? "ListParts" : "HeadObject";
    await injectFault(front, { fault: "slow-down", operation: asked, key: body.document_id });
    expectUnavailable(await complete(as, body.session_id, named), [asked, "slow-down"]);
    const due = () =>
      superuserDatabase().update(documents).set({ dueAt: past }).where(eq(documents.id, body.document_id));
    await due();
    expect((await sweep()).failures).toEqual([]);
    expect(await rowOf(body.document_id)).toMatchObject({ status: "uploading" });
    expect((await putPart(as, body.session_id, 2, part(2))).status).toBe(200);
    await injectFault(front, { fault: "slow-down", operation: "CompleteMultipartUpload", key: body.document_id });
    expectUnavailable(await complete(as, body.session_id, named), ["CompleteMultipartUpload", "slow-down"]);
    await due();
    await sweep();
    expect(await rowOf(body.document_id)).toMatchObject({ status: "ready", sizeBytes: bytes.length });
    // By their hash: millions of bytes one by one take half a minute.
    const hash = (some: Uint8Array) => crypto.subtle.digest("SHA-256", some);
    const back = (await read(await addressOf(as, body.document_id))).bytes;
    expect(new Uint8Array(await hash(back))).toEqual(new Uint8Array(await hash(bytes)));
  });

  it("completes a small upload in the end, though it cannot tidy up at once", async () => {
    const as = await makePerson();
    const bytes = pdf();
    const { body } = await begin(as, bytes.length, { contentType: "application/pdf" });
    const put = () => putPart(as, body.session_id, 1, bytes);
    const puts: Fault[] = [
      ["PutObject", "slow-down"],
      ["PutObject", "drop", { afterBytes: 1 }],
      ["PutObject", "lost-reply"],
    ];
    expect((await through(puts, body.document_id, put)).status).toBe(200);
    const faults: Fault[] = [
      ["GetObject", "slow-down"],
      ["GetObject", "cut-reply"],
      ["PutObject", "slow-down"],
      ["PutObject", "lost-reply"],
    ];
    const finish = async () => {
      await injectFault(front, { fault: "slow-down", operation: "DeleteObject", key: body.document_id });
      return complete(as, body.session_id);
    };
    const done = await through(faults, body.document_id, finish);
    expect([done.status, done.body.status], done.text).toEqual([200, "ready"]);
    expect((await read(await addressOf(as, done.body.id))).bytes).toEqual(bytes);
    expect(await auditsOf(body.document_id, "document.complete")).toBe(1);
    // What came in waits for the sweep, which the row remembers; beside the one stored and not answered.
    expect((await rowOf(body.document_id)).dueAt).not.toBeNull();
    expect(await objectsOf(as)).toHaveLength(3);
  });

  it("gives an upload up in the end, and says so once", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as);
    await putPart(as, body.session_id, 1, someBytes(1_000));
    const faults: Fault[] = [
      ["AbortMultipartUpload", "slow-down"],
      ["AbortMultipartUpload", "lost-reply"],
      ["DeleteObject", "slow-down"],
      ["DeleteObject", "lost-reply"],
    ];
    const gone = await through(faults, body.document_id, () => cancel(as, body.session_id));
    expect(gone.status, gone.text).toBe(204);
    expect((await rowOf(body.document_id)).status).toBe("aborted");
    expect(await auditsOf(body.document_id, "document.abort")).toBe(1);
    expect(await objectsOf(as)).toEqual([]);
  });

  it("deletes a document in the end, which nobody can read from the first try on", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const url = await addressOf(as, id);
    await injectFault(front, { fault: "slow-down", operation: "DeleteObject", key: id });
    expectUnavailable(await remove(as, id), ["DeleteObject", "slow-down"]);
    expect((await read(url)).answer.status).toBe(404);
    const gone = await through([["DeleteObject", "lost-reply"]], id, () => remove(as, id));
    expect(gone.status, gone.text).toBe(204);
    expect((await rowOf(id)).status).toBe("deleted");
    expect(await auditsOf(id, "document.delete")).toBe(1);
    expect(await objectsOf(as)).toEqual([]);
  });

  it("reads a document again from where it broke off", async () => {
    const as = await makePerson();
    const bytes = someBytes(200_000, 3);
    const { id } = await upload(as, bytes, { contentType: "application/octet-stream" });
    const url = await addressOf(as, id);
    const whole = await through([["GetObject", "slow-down"]], id, async () => (await read(url)).answer);
    expect(whole.status).toBe(200);
    await injectFault(front, { fault: "cut-reply", operation: "GetObject", key: id });
    await expect(read(url)).rejects.toThrow();
    const rest = await read(url, { Range: "bytes=1000-", "If-Range": whole.headers.get("etag")! });
    expect([rest.answer.status, rest.bytes]).toEqual([206, bytes.subarray(1000)]);
    const other = await read(url, { Range: "bytes=1000-", "If-Range": '"another"' });
    expect([other.answer.status, other.bytes]).toEqual([200, bytes]);
  });

  describe("that puts an upload together and can never read it,", () => {
    async function unreadable(as: Person, more: object = {}) {
      const { body } = await beginOpenEnded(as, { more: { ...more } });
      await putPart(as, body.session_id, 1, someBytes(1_000));
      const rule = { fault: "internal-error", operation: "GetObject", times: 1_000_000 } as const;
      await injectFault(front, { ...rule, key: body.document_id });
      expectUnavailable(await complete(as, body.session_id), [rule.operation, rule.fault]);
      expect((await rowOf(body.document_id)).status).toBe("completing");
      return { id: body.document_id as string, session: body.session_id as string };
    }

    async function expectGone(as: Person, id: string, status: "aborted" | "expired") {
      expect((await rowOf(id)).status).toBe(status);
      expect(await objectsOf(as)).toEqual([]);
    }

    it("has it expired by the sweep when its time is over, not before", async () => {
      const as = await makePerson();
      const { id, session } = await unreadable(as);
      const due = () => superuserDatabase().update(documents).set({ dueAt: past }).where(eq(documents.id, id));
      await due();
      expect((await sweep()).failures).toMatchObject([{ documentId: id }]);
      expect((await rowOf(id)).status).toBe("completing");
      await superuserDatabase().update(uploadSessions).set({ expiresAt: past }).where(eq(uploadSessions.id, session));
      await due();
      expect((await sweep()).failures).toMatchObject([{ documentId: id, error: { code: "unavailable" } }]);
      await expectGone(as, id, "expired");
      const history = await call(`${s3Path}/documents/${id}/audit`, { as });
      expect(history.body.items[1]).toMatchObject({
        action: "document.abort",
        actor_user_id: null,
        reason: "it could not be completed in its time",
      });
    });

    it.each([
      ["the upload", ({ session }: { session: string }) => `uploads/${session}`],
      ["the document", ({ id }: { id: string }) => `documents/${id}`],
    ])("has it given up by who deletes %s", async (_, address) => {
      const as = await makePerson();
      const stuck = await unreadable(as);
      expect((await call(`${s3Path}/${address(stuck)}`, { method: "DELETE", as })).status).toBe(204);
      await expectGone(as, stuck.id, "aborted");
    });

    it("has it deleted with its folder", async () => {
      const as = await makePerson();
      const { id } = await unreadable(as, { folder_path: "/stuck" });
      const answer = await call(`${s3Path}/folders?path=/stuck&recursive=true`, { method: "DELETE", as });
      expect([answer.status, answer.body.status], answer.text).toEqual([200, "completed"]);
      await expectGone(as, id, "aborted");
    });
  });

  describe("while a folder is deleted, many objects at once,", () => {
    const deletion = (as: Person) => call(`${s3Path}/folders?path=/full&recursive=true`, { method: "DELETE", as });
    const into = async (as: Person) => (await upload(as, pdf(), { more: { folder_path: "/full" } })).id;

    it("refuses one of them: it alone is named, and the sweep has it gone", async () => {
      const as = await makePerson();
      const [refused] = [await into(as), await into(as), await into(as)];
      const refusedKey = `test/${as.companyId}/${refused}/1`;
      await injectFault(front, { fault: "refused-key", operation: "DeleteObjects", refusedKey });
      const ended = await deletion(as);
      expect([ended.status, ended.body], ended.text).toMatchObject([
        200,
        { status: "incomplete", pending: 0, deleted: 2, held: 0, failed: 1 },
      ]);
      const location = ended.headers.get("location")!;
      const failed = await call(`${location}?state=failed`, { as });
      expect(failed.body.items).toMatchObject([{ document_id: refused, state: "failed" }]);
      expect((await sweep()).failures).toEqual([]);
      expect((await call(location, { as })).body).toMatchObject({ status: "incomplete", deleted: 3, failed: 0 });
      expect(await objectsOf(as)).toEqual([]);
    });

    it("refuses one of the first: those after it are deleted by the same call of ours", async () => {
      const as = await makePerson();
      const refused = await into(as);
      await copyRows(refused, 199, 2);
      const refusedKey = `test/${as.companyId}/${refused}/1`;
      await injectFault(front, { fault: "refused-key", operation: "DeleteObjects", refusedKey, times: 20 });
      const { body, text } = await deletion(as);
      expect(body, text).toMatchObject({ status: "incomplete", pending: 0, deleted: 199, failed: 1 });
    });

    it.each(["slow-down", "error-in-200", "cut-reply", "lost-reply"] as const)(
      "answers with %s: all are named, and the sweep has them gone",
      async (fault) => {
        const as = await makePerson();
        for (let made = 0; made < 3; made += 1) await into(as);
        await injectFault(front, { fault, operation: "DeleteObjects" });
        const ended = await deletion(as);
        expect([ended.status, ended.body], ended.text).toMatchObject([
          200,
          { status: "incomplete", pending: 0, deleted: 0, held: 0, failed: 3 },
        ]);
        expect((await sweep()).failures).toEqual([]);
        const { body } = await call(ended.headers.get("location")!, { as });
        expect(body).toMatchObject({ status: "incomplete", deleted: 3, failed: 0 });
        expect(await objectsOf(as)).toEqual([]);
      },
    );
  });

  describe("while a folder is deleted, one object after the other,", () => {
    useVariables(storeVariables({ ...s3, capabilities: { ...s3.capabilities, deleteObjects: false } }));
    const deletion = (as: Person) => call(`${s3Path}/folders?path=/full&recursive=true`, { method: "DELETE", as });
    const into = async (as: Person) => (await upload(as, pdf(), { more: { folder_path: "/full" } })).id;
    const refuse = (key: string, skip: number) =>
      injectFault(front, { fault: "slow-down", operation: "DeleteObject", key, skip, times: 1_000_000 });

    it("refuses one document: it is named, and the end stays what it was when the sweep has it gone", async () => {
      const as = await makePerson();
      const [refused] = [await into(as), await into(as)];
      await refuse(refused, 0);
      const ended = await deletion(as);
      expect([ended.status, ended.body], ended.text).toMatchObject([
        200,
        { status: "incomplete", pending: 0, deleted: 1, held: 0, failed: 1 },
      ]);
      const location = ended.headers.get("location")!;
      const failed = await call(`${location}?state=failed`, { as });
      expect(failed.body.items).toMatchObject([{ document_id: refused, state: "failed" }]);
      expect((await call(`${s3Path}/documents/${refused}`, { as })).status).toBe(404);
      await clearFaults(front);
      expect((await sweep()).failures).toEqual([]);
      expect((await call(location, { as })).body).toMatchObject({ status: "incomplete", deleted: 2, failed: 0 });
      expect(await objectsOf(as)).toEqual([]);
    });

    it("goes away in the middle: the rest is left to the sweep, and then it ends", async () => {
      const as = await makePerson();
      for (let made = 0; made < 10; made += 1) await into(as);
      await refuse(as.companyId, 3);
      const begun = await deletion(as);
      expect([begun.status, begun.body], begun.text).toMatchObject([
        202,
        { status: "running", pending: 4, deleted: 3, failed: 3 },
      ]);
      await clearFaults(front);
      expect((await sweep()).failures).toEqual([]);
      const later = new Date(Date.now() + 120_000);
      for (let turn = 0; turn < 5; turn += 1) await services().sweepFolderDeletions(later);
      const report = await call(begun.headers.get("location")!, { as });
      expect(report.body).toMatchObject({ status: "incomplete", pending: 0, deleted: 10, held: 0, failed: 0 });
      expect([await objectsOf(as), (await call(`${s3Path}/folders?path=/`, { as })).body.items]).toEqual([[], []]);
    });
  });

  it("says in the history what became of an upload that it lost", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as, { more: { folder_path: "/lost" } });
    await putPart(as, body.session_id, 1, someBytes(1_000));
    const [row] = await superuserDatabase().select().from(uploadSessions).where(eq(uploadSessions.id, body.session_id));
    const key = `test/${as.companyId}/${body.document_id}/1`;
    await storeAt(s3).abortUpload({ key, uploadId: row!.s3UploadId! });
    const lost = await complete(as, body.session_id);
    expect([lost.status, lost.body.code]).toEqual([409, "upload_over"]);
    expect(await rowOf(body.document_id)).toMatchObject({ status: "aborted", folderPath: null });
    const { body: history } = await call(`${s3Path}/documents/${body.document_id}/audit`, { as });
    expect(history.items.map(({ action }: { action: string }) => action)).toEqual([
      "document.abort_end",
      "document.lost",
      "document.complete_begin",
      "document.open",
      "document.upload",
    ]);
  });

  it("does not find a document that was deleted while it was being asked for", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const url = await addressOf(as, id);
    await injectFault(front, { fault: "slow", delayMs: 1_500, operation: "GetObject", key: id });
    const [{ answer }, gone] = await Promise.all([read(url), scheduler.wait(300).then(() => remove(as, id))]);
    expect([answer.status, answer.body?.code, gone.status]).toEqual([404, "not_found", 204]);
  });

  it("is slow: nothing is lost", async () => {
    const as = await makePerson();
    await injectFault(front, { fault: "slow", delayMs: 200, operation: "*", key: as.companyId, times: 20 });
    const { id } = await upload(as);
    expect((await read(await addressOf(as, id))).bytes).toEqual(pdf());
    expect((await remove(as, id)).status).toBe(204);
  });

  it("is down: every call is refused, and the sweep goes on where they stopped when it is back", async () => {
    const as = await makePerson();
    const [aborted, completed, deleted] = [await beginOpenEnded(as), await beginOpenEnded(as), (await upload(as)).id];
    await putPart(as, completed.body.session_id, 1, someBytes(1_000));
    await control(front, "stop");
    const calls = [
      () => begin(as, 9 * mebibyte),
      () => cancel(as, aborted.body.session_id),
      () => putPart(as, completed.body.session_id, 2, someBytes(1_000)),
      () => complete(as, completed.body.session_id),
      () => remove(as, deleted),
    ];
    for (const one of calls) expectUnavailable(await one(), ["*", "lost-reply"]);
    const stopped = [aborted.body.document_id, completed.body.document_id, deleted];
    const { failures } = await sweep();
    expect(failures.map(({ documentId }) => documentId)).toEqual(expect.arrayContaining(stopped));
    await control(front, "start");
    expect((await sweep()).failures).toEqual([]);
    const states = stopped.map(rowOf);
    expect((await Promise.all(states)).map(({ status }) => status)).toEqual(["aborted", "ready", "deleted"]);
    expect(await objectsOf(as)).toHaveLength(1);
  });
});
