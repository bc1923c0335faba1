import type { MiddlewareHandler } from "hono";
import { AppError } from "./errors.ts";

/**
 * Beyond the limit this much is still read and thrown away, so that the client hears the answer; then it is cut off. Most
 * clients that are refused in mid-body report a broken connection instead of the refusal.
 */
const drainBytes = 16 * 1024 * 1024;
const jsonType = /^application\/json\s*(;.*)?$/i;

/**
 * Guards a JSON body: 415 unless it says `application/json` and comes as it is, 413 beyond `maxBytes` (by Content-Length before a byte is
 * kept, and by counting), 400 unless it is UTF-8. The platform would put U+FFFD in place of bytes that are not.
 * Where it is not required, there may be none.
 */
export function guardJsonBody(maxBytes: number, required = true): MiddlewareHandler {
  return async (c, next) => {
    const body: ReadableStream<Uint8Array<ArrayBuffer>> | null = c.req.raw.body;
    if (!required && (body === null || c.req.header("content-length") === "0")) {
      // Clients that always say what they send would have their nothing read as JSON; over HTTP it is an empty stream.
      const headers = new Headers(c.req.raw.headers);
      headers.delete("content-type");
      c.req.raw = new Request(c.req.raw, { headers });
      return next();
    }
    const declared = Number(c.req.header("content-length"));
    if (declared > maxBytes) {
      if (declared > maxBytes + drainBytes) await body?.cancel();
      else if (body !== null) await readBounded(body, 0);
      throw tooLarge(maxBytes);
    }
    if (!jsonType.test(c.req.header("content-type") ?? ""))
      throw new AppError(
        "unsupported_media_type",
        "Send the body as JSON with the header Content-Type: application/json.",
      );
    if (!/^(identity)?$/i.test(c.req.header("content-encoding") ?? ""))
      throw new AppError("unsupported_media_type", "Send the body as it is, without a Content-Encoding.", {
        headers: { "Accept-Encoding": "identity" },
      });
    if (body !== null) {
      const bytes = await readBounded(body, maxBytes);
      if (bytes === undefined) throw tooLarge(maxBytes);
      if (!isUtf8(bytes)) throw new AppError("malformed_json", "The body is not UTF-8. Send JSON encoded as UTF-8.");
      c.req.raw = new Request(c.req.raw, { body: bytes });
    }
    return next();
  };
}

/** Undefined when it is longer; then most of what remains has been read as well. */
async function readBounded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<ArrayBuffer | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
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
  if (size > maxBytes) return undefined;
  return new Blob(chunks).arrayBuffer();
}

function isUtf8(bytes: ArrayBuffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const tooLarge = (maxBytes: number): AppError =>
  new AppError("payload_too_large", `The body may have at most ${maxBytes} bytes.`);
