import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ObjectStore, PartTag } from "../../../../src/features/documents/object-store.ts";
import type { FaultRule } from "../../../support/node/s3-front/faults.ts";
import { clearFaults, control, injectFault, recordedCalls } from "../../../support/workerd/front-clients.ts";
import { sha256, someBytes, streamOf, value } from "../../../support/workerd/some-bytes.ts";
import { frontOf, s3Servers, s3ServersUp, storeAt } from "../../../support/workerd/stores.ts";

const newKey = (): string => `test/${crypto.randomUUID()}/${crypto.randomUUID()}/1`;

beforeAll(s3ServersUp);

/** What a caller sees of a fault of S3's: that it is there, and none of S3's words. The log gets its code. */
async function expectUnavailable(call: Promise<unknown>, s3: string | RegExp): Promise<void> {
  const error: unknown = await call.then(
    () => "nothing went wrong",
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "unavailable", cause: { s3: expect.stringMatching(s3) } });
  const { message, detail, cause } = error as { message: string; detail: string; cause: Error };
  expect([message, detail, cause.message].join(" ")).not.toMatch(/vendor|http:|127\.0\.0\.1/);
}

/** Every call of the port that reaches S3, and S3's name of it. */
const calls: readonly (readonly [operation: string, call: (store: ObjectStore, key: string) => Promise<unknown>])[] = [
  ["CreateMultipartUpload", (store, key) => store.createUpload(key)],
  [
    "UploadPart",
    (store, key) => store.uploadPart({ key, uploadId: "u", partNumber: 1, size: 9, body: streamOf(someBytes(9)) }),
  ],
  ["CompleteMultipartUpload", (store, key) => store.completeUpload({ key, uploadId: "u" }, [])],
  ["AbortMultipartUpload", (store, key) => store.abortUpload({ key, uploadId: "u" })],
  ["PutObject", (store, key) => store.put(key, someBytes(9))],
  ["PutObject", (store, key) => store.putStreamed(key, { size: 9, body: streamOf(someBytes(9)) })],
  ["HeadObject", (store, key) => store.head(key)],
  ["GetObject", (store, key) => store.get(key)],
  ["DeleteObject", (store, key) => store.delete(key)],
  ["DeleteObjects", (store, key) => store.deleteTogether([key])],
  ["ListObjectsV2", (store, key) => store.list(key)],
];
const listings: typeof calls = [
  ["ListParts", (store, key) => store.listParts({ key, uploadId: "u" })],
  ["ListMultipartUploads", (store, key) => store.listUploads(key)],
];

describe.each(s3Servers)("%s on a bad day", (_, config) => {
  const store = storeAt(config);
  const front = frontOf(config);
  const { listParts } = config.capabilities;
  const meets = (rule: FaultRule): Promise<void> => injectFault(front, rule);

  afterEach(async () => {
    await clearFaults(front);
    await control(front, "start");
  });

  async function read(key: string): Promise<Uint8Array> {
    return new Uint8Array(await new Response(value(await store.get(key)).body).arrayBuffer());
  }

  async function beginUpload() {
    const key = newKey();
    return { key, ...(await store.createUpload(key)) };
  }

  const sendPart = (upload: { key: string; uploadId: string }, bytes = someBytes(400_000), partNumber = 1) =>
    store.uploadPart({ ...upload, partNumber, size: bytes.length, body: streamOf(bytes) });

  describe.each(listParts ? [...calls, ...listings] : calls)("%s", (operation, call) => {
    it.each([
      ["slow-down", `^${operation} 503${operation === "HeadObject" ? "" : " SlowDown"} FRONT0FAULT$`],
      ["internal-error", `^${operation} 500`],
      ["skewed-clock", `^${operation} 403`],
      ["lost-reply", `^${operation} unanswered$`],
      ["drop", `^${operation} unanswered$`],
    ] as const)("and %s: unavailable", async (fault, s3) => {
      // A call without a body has no middle in which it could break.
      const hasBody = ["UploadPart", "PutObject", "CompleteMultipartUpload", "DeleteObjects"].includes(operation);
      await meets({ fault: fault === "drop" && !hasBody ? "lost-reply" : fault, operation });
      await expectUnavailable(call(store, newKey()), new RegExp(s3));
    });
  });

  it("gives up a call that hangs, and says which", async () => {
    await meets({ fault: "hang", operation: "HeadObject" });
    await expectUnavailable(store.head(newKey()), "HeadObject unanswered");
  });

  it("is down: every call is unavailable at once, and the next after it is back works", async () => {
    const key = newKey();
    await control(front, "stop");
    for (const [operation, call] of calls) await expectUnavailable(call(store, key), `^${operation} unanswered$`);
    await control(front, "start");
    await store.put(key, someBytes(9));
  });

  it.each([-20, 20])("refuses a clock that is %d minutes off", async (minutes) => {
    const off = storeAt(config, { now: () => new Date(Date.now() + minutes * 60_000) });
    await expectUnavailable(off.list(newKey()), "^ListObjectsV2 403");
  });

  it("says in a 200 that it could not complete: unavailable, and the second call completes", async () => {
    const upload = await beginUpload();
    const tag = value(await sendPart(upload));
    await meets({ fault: "error-in-200", operation: "CompleteMultipartUpload", key: upload.key });
    await expectUnavailable(store.completeUpload(upload, [tag]), "^CompleteMultipartUpload 200 InternalError");
    expect(await store.head(upload.key)).toBeUndefined();
    value(await store.completeUpload(upload, [tag]));
    expect(sha256(await read(upload.key))).toBe(sha256(someBytes(400_000)));
  });

  it.each(["lost-reply", "cut-reply"] as const)("completes, %s: the object is there for who looks", async (fault) => {
    const upload = await beginUpload();
    const tag = value(await sendPart(upload));
    await meets({ fault, operation: "CompleteMultipartUpload", key: upload.key });
    await expectUnavailable(store.completeUpload(upload, [tag]), "^CompleteMultipartUpload");
    expect(await store.head(upload.key)).toMatchObject({ size: 400_000 });
    const again = await store.completeUpload(upload, [tag]);
    expect(again.ok || again.reason === "no_such_upload").toBe(true);
    expect(sha256(await read(upload.key))).toBe(sha256(someBytes(400_000)));
  });

  it.each([
    ["lost-reply", {}],
    ["drop", { afterBytes: 100_000 }],
    ["early-refusal", {}],
  ] as const)("%s of a part: unavailable, and sent again it is the part", async (fault, how) => {
    const upload = await beginUpload();
    await meets({ fault, operation: "UploadPart", key: upload.key, ...how });
    await expectUnavailable(sendPart(upload, someBytes(400_000, 7)), "^UploadPart");
    if (listParts) {
      const there = value(await store.listParts(upload)).map(({ size }) => size);
      expect(there).toEqual(fault === "lost-reply" ? [400_000] : []);
    }
    const tag = value(await sendPart(upload));
    value(await store.completeUpload(upload, [tag]));
    expect(sha256(await read(upload.key))).toBe(sha256(someBytes(400_000)));
  });

  it("refuses a part whose body never ends: unavailable, without waiting for it", async () => {
    const upload = await beginUpload();
    await meets({ fault: "early-refusal", operation: "UploadPart", key: upload.key });
    const { readable, writable } = new FixedLengthStream(400_000);
    const writer = writable.getWriter();
    writer.write(someBytes(100_000)).catch(() => undefined);
    const part = { ...upload, partNumber: 1, size: 400_000, body: readable };
    await expectUnavailable(store.uploadPart(part), "^UploadPart 503 SlowDown|^UploadPart unanswered");
  });

  it("is slow: nothing is lost", async () => {
    const upload = await beginUpload();
    await meets({ fault: "slow", operation: "*", delayMs: 300, times: 3, key: upload.key });
    const tag: PartTag = value(await sendPart(upload));
    value(await store.completeUpload(upload, [tag]));
    expect(sha256(await read(upload.key))).toBe(sha256(someBytes(400_000)));
  });

  it("breaks off in the middle of an object: reading it fails, and does not end early", async () => {
    const key = newKey();
    await store.put(key, someBytes(200_000));
    await meets({ fault: "cut-reply", operation: "GetObject", key });
    await expect(read(key)).rejects.toThrow();
    expect(sha256(await read(key))).toBe(sha256(someBytes(200_000)));
  });

  it("stalls in the middle of an object: who reads it is not kept waiting for ever", { timeout: 60_000 }, async () => {
    const key = newKey();
    await store.put(key, someBytes(200_000));
    await meets({ fault: "stall-reply", operation: "GetObject", key, times: 3 });
    await Promise.all([
      expectUnavailable(store.read(key), "^GetObject unanswered$"),
      expectUnavailable(store.read(key, { first: 0, last: 150_000 }), "^GetObject unanswered$"),
      expectUnavailable(store.hash(key), "^GetObject unanswered$"),
    ]);
    expect(value(await store.hash(key))).toEqual({ sha256: sha256(someBytes(200_000)), size: 200_000 });
  });

  it("hears the request's id with every call", async () => {
    const requestId = `test-${crypto.randomUUID()}`;
    const key = newKey();
    await storeAt(config, { requestId }).put(key, someBytes(1_000));
    const [call] = await recordedCalls(front, requestId);
    expect(call).toMatchObject({ kind: "s3", statements: [`PutObject ${key}`], bytes: 1_000 });
  });
});
