import type { Context, MiddlewareHandler } from "hono";
import { AppError } from "./errors.ts";

/** Beyond the limit this much is still read and thrown away, so that the client hears the answer; then it is cut off. */
const drainBytes = 1024 * 1024;
const jsonType = /^application\/json\s*(;.*)?$/i;

/**
 * Guards a JSON body: 415 unless it says `application/json`, 413 beyond `maxBytes` (by Content-Length before a byte is
 * read, by counting where there is none).
 */
export function guardJsonBody(maxBytes: number): MiddlewareHandler {
  return async (c, next) => {
    const declared = c.req.header("content-length");
    if (declared !== undefined && Number(declared) > maxBytes) {
      await c.req.raw.body?.cancel();
      throw tooLarge(maxBytes);
    }
    if (!jsonType.test(c.req.header("content-type") ?? ""))
      throw new AppError("unsupported_media_type", "Send the body as JSON with the header Content-Type: application/json.");
    if (declared === undefined && c.req.raw.body !== null) await bufferBody(c, c.req.raw.body, maxBytes);
    await next();
  };
}

async function bufferBody(c: Context, body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size <= maxBytes) chunks.push(value);
    if (size > maxBytes + drainBytes) {
      await reader.cancel();
      break;
    }
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  c.req.raw = new Request(c.req.raw, { body: await new Blob(chunks).arrayBuffer() });
}

const tooLarge = (maxBytes: number): AppError =>
  new AppError("payload_too_large", `The body may have at most ${maxBytes} bytes.`);
