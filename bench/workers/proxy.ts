import { AwsClient } from "aws4fetch";
import { createObjectStore } from "../../src/platform/s3/object-store.ts";

interface Environment {
  readonly S3_ENDPOINT: string;
}

const key = "bench/6f1c1f6e-0b5e-4d0e-9a86-0d6c0a3c2f11/0f6a2f4b-4a6f-4a3e-8d7b-2a1b0c9d8e7f/1";
const upload = { key, uploadId: "bench", partNumber: 1 };
const settings = { bucket: "etter-documents", accessKeyId: "id", secretAccessKey: "secret", region: "auto" };

/** As our route does it: hashed on the way, its length and end checked. */
async function throughAdapter(endpoint: string, body: ReadableStream<Uint8Array>, size: number): Promise<Response> {
  const none = { listParts: false, listUploads: false, deleteObjects: false };
  const config = { ...settings, endpoint, capabilities: none };
  const meter = { track: <T>(_part: string, call: () => Promise<T>) => call() };
  const store = createObjectStore({ config, clock: { now: () => new Date() }, meter, requestId: "bench" });
  const sent = await store.uploadPart({ ...upload, size, body });
  return Response.json(sent, { status: sent.ok ? 200 : 500 });
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
    if (body === null) return Response.json({ message: "ready" });
    if (pathname === "/bare") return bare(S3_ENDPOINT, body);
    return throughAdapter(S3_ENDPOINT, body, Number(request.headers.get("content-length")));
  },
};
