import { createHash } from "node:crypto";

/** Bytes that no two parts of a test share: another `salt`, other bytes. */
export function someBytes(length: number, salt = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8) * 7 + salt * 101) & 0xff;
  return bytes;
}

/** In hex. Comparing these is quicker than comparing many bytes. */
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** As the body of a request is. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  const { body } = new Response(bytes);
  if (body === null) throw new Error("a response with bytes has a body");
  return body;
}

/** The value of an outcome that must be one. */
export function value<T>(outcome: { ok: true; value: T } | { ok: false; reason: string }): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason}`);
  return outcome.value;
}
