import { and, eq, isNotNull, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../../src/config/index.ts";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { documentSweepDependencies } from "../../../../src/container/documents.ts";
import { sweepLostObjects } from "../../../../src/features/documents/lost-object-sweep.ts";
import { sweepOrphans } from "../../../../src/features/documents/orphan-sweep.ts";
import type { SweepMarks } from "../../../../src/features/documents/ports.ts";
import { documents, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { CountingMeter, RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { call, useVariables, workerEnv } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { s3Servers, s3ServersUp, storeAt, storeVariables } from "../../../support/workerd/stores.ts";
import {
  addressOf,
  begin,
  beginOpenEnded,
  complete,
  endRowsOf,
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

const sweep = (at = new Date()) =>
  createBackgroundContainer(loadConfig(workerEnv()), workerEnv(), {
    requestId: "test-sweep",
    meter: new RequestMeter(Date.now),
  }).sweepDocuments(at);
const past = new Date(Date.now() - 60_000);
const change = (id: string, values: Partial<typeof documents.$inferInsert>) =>
  superuserDatabase()
    .update(documents)
    .set({ ...values, dueAt: past })
    .where(eq(documents.id, id));
const rowOf = async (id: string) =>
  (await superuserDatabase().select().from(documents).where(eq(documents.id, id)))[0]!;

const sweeping = () =>
  documentSweepDependencies(loadConfig(workerEnv()), "test-sweep", new CountingMeter(new RequestMeter(Date.now)));
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
/** Of this company's keys alone: the bucket has others', of tests that run at the same time. */
const sweepOrphansOf = ({ companyId }: Person, at: Date, removals = 100) =>
  sweepOrphans(sweeping(), at, { prefix: `test/${companyId}/`, removals, calls: 200 });

const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const before = (id: string) =>
  (BigInt(`0x${id.replaceAll("-", "")}`) - 1n)
    .toString(16)
    .padStart(32, "0")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
/** A walk of its own, which no other test's sweep moves on. */
function marksOf(mark: unknown): SweepMarks {
  let kept = mark;
  return {
    read: () => Promise.resolve(kept),
    write: (_, next) => {
      kept = next;
      return Promise.resolve();
    },
  };
}

beforeAll(s3ServersUp);

describe.each(s3Servers)("the sweep, with %s", (_, s3) => {
  useVariables(storeVariables(s3));

  it.each([
    ["one part", 10],
    ["two parts", 8 * mebibyte + 1],
  ])("ends an upload of %s that nobody completed in time, with what was sent of it", async (_, size) => {
    const as = await makePerson();
    const { body } = await begin(as, size);
    await putAll(as, body, noise(size));
    await superuserDatabase()
      .update(uploadSessions)
      .set({ expiresAt: past })
      .where(eq(uploadSessions.id, body.session_id));
    await change(body.document_id, {});
    await sweep();
    expect((await rowOf(body.document_id)).status).toBe("expired");
    expect(await objectsOf(as)).toEqual([]);
    expect((await complete(as, body.session_id)).body.code).toBe("upload_expired");
  });

  it.each([
    ["one part", 1_000],
    ["two parts", 8 * mebibyte + 1],
  ])("completes an upload of %s whose worker died before S3 was asked", async (_, size) => {
    const as = await makePerson();
    const { body } = await begin(as, size);
    await putAll(as, body, noise(size));
    await change(body.document_id, { status: "completing", fence: 1 });
    await Promise.all([sweep(), sweep()]);
    expect(await rowOf(body.document_id)).toMatchObject({ status: "ready", fence: 2 });
    expect((await complete(as, body.session_id)).body.status).toBe("ready");
  });

  it("completes an upload whose worker died after S3 had joined its parts", async () => {
    const as = await makePerson();
    const size = 8 * mebibyte + 1;
    const { body } = await begin(as, size);
    await putAll(as, body, noise(size));
    await complete(as, body.session_id);
    await change(body.document_id, { status: "completing", completedAt: null, detectedContentType: null });
    await sweep();
    expect(await rowOf(body.document_id)).toMatchObject({ status: "ready", sizeBytes: size });
  });

  it("opens an upload again whose worker died and whose parts are not all there", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 9 * mebibyte);
    await change(body.document_id, { status: "completing", fence: 1 });
    // Others' documents may be due as well, some of them at the other server.
    const { failures } = await sweep();
    expect(failures.filter(({ documentId }) => documentId === body.document_id)).toEqual([]);
    expect((await rowOf(body.document_id)).status).toBe("uploading");
    await putAll(as, body, noise(9 * mebibyte));
    expect((await complete(as, body.session_id)).status).toBe(200);
  });

  it("completes an upload of one part with nothing in it", async () => {
    const as = await makePerson();
    const { body } = await beginOpenEnded(as, { contentType: "text/plain" });
    const sent = await putPart(as, body.session_id, 1, new Uint8Array(0));
    expect(sent.status, sent.text).toBe(200);
    const done = await complete(as, body.session_id);
    expect([done.status, done.body.status, done.body.size_bytes], done.text).toEqual([200, "ready", 0]);
    expect((await call(`${s3Path}/documents/${body.document_id}`, { method: "DELETE", as })).status).toBe(204);
  });

  it("ends what was left aborting or deleting, and takes what an address wrote after the end", async () => {
    const as = await makePerson();
    const [deleting, aborting, late] = [
      await upload(as),
      await begin(as, 10),
      await begin(as, pdf().length, { transport: "direct", contentType: "application/pdf" }),
    ];
    await change(deleting.id, { status: "deleting" });
    await change(aborting.body.document_id, { status: "aborting" });
    const [part] = late.body.parts;
    const send = () => fetch(part.url, { method: "PUT", headers: part.headers, body: pdf() });
    await send();
    await complete(as, late.body.session_id);
    await send();
    await change(late.body.document_id, {});
    expect(await objectsOf(as)).toHaveLength(3);
    await sweep();
    expect((await rowOf(deleting.id)).status).toBe("deleted");
    expect((await rowOf(aborting.body.document_id)).status).toBe("aborted");
    expect(await rowOf(late.body.document_id)).toMatchObject({ status: "ready", dueAt: null });
    expect(await objectsOf(as)).toHaveLength(1);
    expect((await call(`${s3Path}/documents/${late.body.document_id}/download`, { method: "POST", as })).status).toBe(
      200,
    );
  });

  it("clears objects that no row needs once they are old, and no others", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const store = storeAt(s3);
    const strays = [`test/${as.companyId}/${crypto.randomUUID()}/1`, `test/${as.companyId}/${id}/7`];
    const foreign = `test/${as.companyId}/not-ours`;
    for (const key of [...strays, foreign]) await store.put(key, new Uint8Array(1));
    await sweepOrphansOf(as, inDays(0));
    expect(await objectsOf(as)).toHaveLength(4);
    await sweepOrphansOf(as, inDays(9));
    expect((await objectsOf(as)).toSorted()).toEqual([foreign, `test/${as.companyId}/${id}/1`].toSorted());
  });

  it("clears what came in of an upload that is over within the hour, and of none whose row may be lost", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const { body: open } = await begin(as, 10);
    await putAll(as, open, noise(10));
    const store = storeAt(s3);
    // As a Worker leaves it that dies when the row is written, and one that comes late.
    const left = `test/${as.companyId}/${id}/0`;
    const unknown = `test/${as.companyId}/${crypto.randomUUID()}/0`;
    for (const key of [left, unknown]) await store.put(key, new Uint8Array(1));
    const kept = [`test/${as.companyId}/${id}/1`, `test/${as.companyId}/${open.document_id}/0`, unknown].toSorted();
    expect(await sweepOrphansOf(as, inDays(0))).toBe(0);
    expect(await sweepOrphansOf(as, inDays(1 / 24))).toBe(1);
    expect((await objectsOf(as)).toSorted()).toEqual(kept);
    expect((await complete(as, open.session_id)).body.status).toBe("ready");
    expect(await sweepOrphansOf(as, inDays(6))).toBe(0);
    expect(await sweepOrphansOf(as, inDays(8))).toBe(1);
    expect(await objectsOf(as)).toHaveLength(2);
  });

  it("goes on, turn by turn, where it stopped, and begins anew at the end", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const store = storeAt(s3);
    const stray = (first: string) => `test/${as.companyId}/${first}${crypto.randomUUID().slice(1)}/1`;
    const strays = ["1", "2", "3", "4", "5"].map(stray);
    for (const key of strays) await store.put(key, new Uint8Array(1));
    const left = async () => (await objectsOf(as)).filter((key) => !key.includes(id));
    expect(await sweepOrphansOf(as, inDays(9), 2)).toBe(2);
    expect(await left()).toEqual(strays.slice(2));
    // Before the mark: it has its turn when all that comes after has had its own.
    const late = stray("0");
    await store.put(late, new Uint8Array(1));
    expect(await sweepOrphansOf(as, inDays(9), 2)).toBe(2);
    expect(await left()).toEqual([late, strays[4]]);
    expect(await sweepOrphansOf(as, inDays(9), 2)).toBe(1);
    expect(await left()).toEqual([late]);
    expect(await sweepOrphansOf(as, inDays(9), 2)).toBe(1);
    expect(await objectsOf(as)).toEqual([`test/${as.companyId}/${id}/1`]);
  });

  it("begins anew, too, where nothing comes after its mark any more", async () => {
    const as = await makePerson();
    const store = storeAt(s3);
    const [early, marked, gone] = ["1", "2", "3"].map(
      (first) => `test/${as.companyId}/${first}${crypto.randomUUID().slice(1)}/1`,
    );
    for (const key of [marked!, gone!]) await store.put(key, new Uint8Array(1));
    expect(await sweepOrphansOf(as, inDays(9), 1)).toBe(1);
    await store.delete(gone!);
    await store.put(early!, new Uint8Array(1));
    expect(await sweepOrphansOf(as, inDays(9), 1)).toBe(0);
    expect(await sweepOrphansOf(as, inDays(9), 1)).toBe(1);
    expect(await objectsOf(as)).toEqual([]);
  });

  it("quarantines what can be read and is gone from the store, at the second look", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const url = await addressOf(as, id);
    await storeAt(s3).delete(`test/${as.companyId}/${id}/1`);
    const gone = await read(url);
    expect([gone.answer.status, gone.answer.body.code]).toEqual([503, "unavailable"]);
    const deps = { ...sweeping(), marks: marksOf({ after: before(id), missing: [] }) };
    expect(await sweepLostObjects(deps, new Date(), 1)).toBe(0);
    expect((await rowOf(id)).status).toBe("ready");
    expect(await sweepLostObjects(deps, new Date(), 1)).toBe(1);
    expect(await rowOf(id)).toMatchObject({ status: "quarantined", quarantineReason: "object_missing" });
    expect((await read(url)).answer.body).toMatchObject({ code: "document_quarantined", reason: "object_missing" });
    const { body } = await call(`${s3Path}/documents/${id}/audit`, { as });
    expect(body.items[0]).toMatchObject({
      action: "document.quarantine",
      actor_user_id: null,
      reason: "the store has no object of it",
    });
  });

  it("tells of no loss where a document was deleted between the two looks", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    expect((await call(`${s3Path}/documents/${id}`, { method: "DELETE", as })).status).toBe(204);
    const one = { companyId: as.companyId, documentId: id, version: 1 };
    const deps = { ...sweeping(), marks: marksOf({ after: lastId, missing: [one] }) };
    expect(await sweepLostObjects(deps, new Date(), 1)).toBe(0);
    expect((await rowOf(id)).status).toBe("deleted");
  });

  it("leaves what is there, and doubts the bucket rather than that all of many are gone", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const one = { companyId: as.companyId, documentId: id, version: 1 };
    const whole = { ...sweeping(), marks: marksOf({ after: lastId, missing: [one] }) };
    expect(await sweepLostObjects(whole, new Date(), 1)).toBe(0);
    // Ten that follow each other, and none of them was ever stored.
    const stem = crypto.randomUUID().slice(0, -1);
    await superuserDatabase().execute(sql`
      insert into documents select (jsonb_populate_record(d, jsonb_build_object('id', ${stem}::text || n, 'due_at', null))).*
      from documents d, generate_series(0, 9) n where d.id = ${id}::uuid`);
    const doubtful = { ...sweeping(), marks: marksOf({ after: before(`${stem}0`), missing: [] }) };
    await expect(sweepLostObjects(doubtful, new Date(), 10)).rejects.toThrow("the bucket has none");
    expect((await rowOf(`${stem}0`)).status).toBe("ready");
    await endRowsOf(as);
  });

  it.runIf(s3.capabilities.listUploads)("gives up S3 uploads that no row knows once they are old", async () => {
    const as = await makePerson();
    const { body } = await begin(as, 9 * mebibyte);
    const store = storeAt(s3);
    const [known] = (await store.listUploads(`test/${as.companyId}/`)).items;
    const ofNobody = `test/${as.companyId}/${crypto.randomUUID()}/1`;
    await store.createUpload(ofNobody);
    // A reply was lost, and the row knows another.
    await store.createUpload(`test/${as.companyId}/${body.document_id}/1`);
    await sweepOrphansOf(as, inDays(0));
    expect((await store.listUploads(`test/${as.companyId}/`)).items).toHaveLength(3);
    // Long before the open upload itself expires, seen from its row.
    await change(body.document_id, {});
    await superuserDatabase().update(documents).set({ dueAt: null }).where(eq(documents.id, body.document_id));
    await sweepOrphansOf(as, inDays(9));
    expect((await store.listUploads(`test/${as.companyId}/`)).items).toEqual([known]);
  });
});

describe("a queue of the sweep that is longer than a turn", () => {
  it("does not keep a lease that has ended waiting", async () => {
    const as = await makePerson();
    const { id } = await upload(as);
    const db = superuserDatabase();
    await db.execute(sql`
      insert into documents select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(),
        'due_at', now() - interval '1 day'))).* from documents d, generate_series(1, 200) where d.id = ${id}::uuid`);
    const { body } = await begin(as, 10);
    await putAll(as, body, noise(10));
    await change(body.document_id, { status: "completing", fence: 1 });
    const { due } = await sweep();
    expect((await rowOf(body.document_id)).status).toBe("ready");
    // Two calls each, besides what else was due.
    expect(due).toBeGreaterThan(50);
    const left = and(eq(documents.companyId, as.companyId), isNotNull(documents.dueAt));
    expect(await db.$count(documents, left)).toBeLessThan(150);
    await endRowsOf(as);
  });

  it("has no document in it that is over and to which no address of S3 was given", async () => {
    const as = await makePerson();
    const [proxy, aborted, signed] = [
      await upload(as),
      await begin(as, 10),
      await begin(as, 10, { transport: "direct" }),
    ];
    for (const { body } of [aborted, signed])
      await call(`${s3Path}/uploads/${body.session_id}`, { method: "DELETE", as });
    const dueOf = async (documentId: string) => (await rowOf(documentId)).dueAt;
    expect([await dueOf(proxy.id), await dueOf(aborted.body.document_id)]).toEqual([null, null]);
    expect(await dueOf(signed.body.document_id)).toBeInstanceOf(Date);
    await call(`${s3Path}/documents/${proxy.id}`, { method: "DELETE", as });
    expect(await dueOf(proxy.id)).toBeNull();
  });
});
