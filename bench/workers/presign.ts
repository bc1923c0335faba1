import { AwsClient } from "aws4fetch";
import { createObjectStore } from "../../src/platform/s3/object-store.ts";

/** What one call of our API may ask for. */
const parts = 100;
const lifetimeSeconds = 900;
const size = 8 * 1024 * 1024;
const key = "production/6f1c1f6e-0b5e-4d0e-9a86-0d6c0a3c2f11/0f6a2f4b-4a6f-4a3e-8d7b-2a1b0c9d8e7f/1";
const uploadId = "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA";
const config = {
  endpoint: "https://s3.example.com",
  bucket: "etter-documents",
  accessKeyId: "id",
  secretAccessKey: "secret",
  region: "eu-central-1",
  capabilities: { listParts: true, listUploads: true, deleteObjects: true },
};
const numbers = Array.from({ length: parts }, (_, index) => index + 1);

/** As a request of ours does it: a store made for it. */
async function withAdapter(): Promise<readonly string[]> {
  const clock = { now: () => new Date() };
  const meter = { track: <T>(_part: string, call: () => Promise<T>) => call() };
  const store = createObjectStore({ config, clock, meter, requestId: "bench" });
  const signed = await Promise.all(
    numbers.map((partNumber) => store.presignPart({ key, uploadId, partNumber, size }, lifetimeSeconds)),
  );
  return signed.map(({ url }) => url);
}

/** The same addresses from the library, as its page shows it. */
async function bare(): Promise<readonly string[]> {
  const client = new AwsClient({ ...config, service: "s3", retries: 0 });
  const headers = { "content-length": String(size) };
  const signed = await Promise.all(
    numbers.map((partNumber) => {
      const url = new URL(`${config.endpoint}/${config.bucket}/${key}`);
      url.searchParams.set("partNumber", String(partNumber));
      url.searchParams.set("uploadId", uploadId);
      url.searchParams.set("X-Amz-Expires", String(lifetimeSeconds));
      return client.sign(url.href, { method: "PUT", headers, aws: { signQuery: true, allHeaders: true } });
    }),
  );
  return signed.map(({ url }) => url);
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== "/adapter" && pathname !== "/bare") return Response.json({ message: "ready" });
    return Response.json(await (pathname === "/adapter" ? withAdapter() : bare()));
  },
};
