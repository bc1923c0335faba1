import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { createBackgroundContainer } from "../../../../src/container.ts";
import { documents, uploadSessions } from "../../../../src/platform/db/schema/index.ts";
import { RequestMeter } from "../../../../src/platform/telemetry/meter.ts";
import { call } from "../../../support/workerd/api.ts";
import { config, makePerson, superuserDatabase, type Person } from "../../../support/workerd/factories.ts";
import { storeAt } from "../../../support/workerd/stores.ts";
import { begin, complete, mebibyte, noise, pdf, putAll, s3Path, upload } from "../../../support/workerd/uploads.ts";

const sweep = (at = new Date()) =>
  createBackgroundContainer(config, env, { requestId: "test-sweep", meter: new RequestMeter(Date.now) }).sweepDocuments(
    at,
  );
const past = new Date(Date.now() - 60_000);
const change = (id: string, values: Partial<typeof documents.$inferInsert>) =>
  superuserDatabase()
    .update(documents)
    .set({ ...values, dueAt: past })
    .where(eq(documents.id, id));
const rowOf = async (id: string) =>
  (await superuserDatabase().select().from(documents).where(eq(documents.id, id)))[0]!;
const objectsOf = async ({ companyId }: Person) =>
  (await storeAt(config.s3).list(`test/${companyId}/`)).items.map(({ key }) => key);

describe("the sweep", () => {
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
    const store = storeAt(config.s3);
    const strays = [`test/${as.companyId}/${crypto.randomUUID()}/1`, `test/${as.companyId}/${id}/7`];
    const foreign = `test/${as.companyId}/not-ours`;
    for (const key of [...strays, foreign])
      await store.put({ key, contentType: "text/plain", body: new Uint8Array(1) });
    // The minute in which this company's share of the keys is looked at, and the same one nine days later.
    const share = Number.parseInt(as.companyId.slice(0, 2), 16);
    const inShare = (days: number) => {
      const minute = Math.floor((Date.now() + days * 86_400_000) / 60_000);
      return new Date((minute - (minute % 256) + 256 + share) * 60_000);
    };
    await sweep(inShare(0));
    expect(await objectsOf(as)).toHaveLength(4);
    await sweep(inShare(9));
    expect((await objectsOf(as)).toSorted()).toEqual([foreign, `test/${as.companyId}/${id}/1`].toSorted());
  });
});
