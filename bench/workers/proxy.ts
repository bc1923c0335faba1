import { AwsClient } from "aws4fetch";
import type { ObjectStore, Outcome } from "../../src/features/documents/object-store.ts";
import { judgeWhole } from "../../src/features/documents/sniffing.ts";
import { wholeDocumentRoom } from "../../src/platform/memory-room.ts";
import { createObjectStore } from "../../src/platform/s3/object-store.ts";

interface Environment {
  readonly S3_ENDPOINT: string;
}

const key = "bench/6f1c1f6e-0b5e-4d0e-9a86-0d6c0a3c2f11/0f6a2f4b-4a6f-4a3e-8d7b-2a1b0c9d8e7f/1";
const upload = { key, uploadId: "bench", partNumber: 1 };
const settings = { bucket: "etter-documents", accessKeyId: "id", secretAccessKey: "secret", region: "auto" };

function storeAt(endpoint: string): ObjectStore {
  const none = { listParts: false, listUploads: false, deleteObjects: false };
  const config = { ...settings, endpoint, capabilities: none };
  const meter = { track: <T>(_part: string, call: () => Promise<T>) => call() };
  return createObjectStore({ config, clock: { now: () => new Date() }, meter, requestId: "bench" });
}

const told = (outcome: Outcome<unknown, string>): Response =>
  Response.json(outcome, { status: outcome.ok ? 200 : 500 });

/** As completing a SINGLE upload does it, a few at once: read whole, checked, and stored. */
async function takeIn(store: ObjectStore): Promise<Response> {
  const read = await store.read(key);
  if (!read.ok) return told(read);
  await judgeWhole("application/octet-stream", read.value.bytes);
  await store.put(key, read.value.bytes);
  return told({ ok: true, value: read.value.size });
}

/** The least that puts a body through: a signed request whose body is the body. */
async function bare(endpoint: string, body: ReadableStream<Uint8Array>): Promise<Response> {
  const client = new AwsClient({ ...settings, service: "s3", retries: 0 });
  const url = `${endpoint}/${settings.bucket}/${key}?partNumber=1&uploadId=bench`;
  const { headers } = await client.sign(url, { method: "PUT" });
  const answer = await fetch(url, { method: "PUT", headers, body });
  return Response.json({ ok: answer.ok }, { status: answer.status });
}

export default {
  async fetch(request: Request, { S3_ENDPOINT }: Environment): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { body } = request;
    if (pathname === "/complete") return wholeDocumentRoom(() => takeIn(storeAt(S3_ENDPOINT)));
    if (body === null) return Response.json({ message: "ready" });
    if (pathname === "/bare") return bare(S3_ENDPOINT, body);
    // As our route does it: hashed on the way, its length and end checked.
    const size = Number(request.headers.get("content-length"));
    if (pathname === "/single") return told(await storeAt(S3_ENDPOINT).putStreamed(key, { size, body }));
    return told(await storeAt(S3_ENDPOINT).uploadPart({ ...upload, size, body }));
  },
};
