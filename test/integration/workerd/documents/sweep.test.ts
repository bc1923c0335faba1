import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../../src/config/index.ts";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { documents, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { call, useVariables, workerEnv } from "../../../support/workerd/api.ts";
import { makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { s3Servers, s3ServersUp, storeAt, storeVariables } from "../../../support/workerd/stores.ts";
import {
  begin,
  beginOpenEnded,
  complete,
  mebibyte,
  noise,
  objectsOf,
  pdf,
  putAll,
  putPart,
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

/** The minute in which this company's share of the keys is looked at, or the same one some days later. */
function inShareOf({ companyId }: Person, days: number): Date {
  const share = Number.parseInt(companyId.slice(0, 2), 16);
  const minute = Math.floor((Date.now() + days * 86_400_000) / 60_000);
  return new Date((minute - (minute % 256) + 256 + share) * 60_000);
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
    expect((await sweep()).failures).toEqual([]);
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
    await sweep(inShareOf(as, 0));
    expect(await objectsOf(as)).toHaveLength(4);
    await sweep(inShareOf(as, 9));
    expect((await objectsOf(as)).toSorted()).toEqual([foreign, `test/${as.companyId}/${id}/1`].toSorted());
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
    await sweep(inShareOf(as, 0));
    expect((await store.listUploads(`test/${as.companyId}/`)).items).toHaveLength(3);
    // Long before the open upload itself expires, seen from its row.
    await change(body.document_id, {});
    await superuserDatabase().update(documents).set({ dueAt: null }).where(eq(documents.id, body.document_id));
    await sweep(inShareOf(as, 9));
    expect((await store.listUploads(`test/${as.companyId}/`)).items).toEqual([known]);
  });
});
