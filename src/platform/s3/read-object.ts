import { createHash } from "node:crypto";
import type { ByteRange, ObjectBody, ObjectStore, Outcome } from "../../features/documents/object-store.ts";
import { outcome, unexpected, unreachable, type S3Request, type S3Requests } from "./requests.ts";

/** Some megabytes have to arrive as well. */
const readTimeoutMs = 20_000;
/** The next piece has not come: S3 is gone. */
const stallTimeoutMs = 20_000;
/** In all, so that whoever completes an upload still holds its lease afterwards. */
const hashTimeoutMs = 75_000;
/** All that hashing holds in memory. */
const pieceBytes = 1024 * 1024;

type Reading = Pick<ObjectStore, "get" | "read" | "hash">;

/** Objects as streams for others, as bytes, and as their hash. What is read here has its time; a stream for others has theirs. */
export const reading = (s3: S3Requests): Reading => ({
  get: (key, range) => openObject(s3, getRequest(key, range)),
  async read(key, range) {
    const request = getRequest(key, range);
    const found = await openObject(s3, request, AbortSignal.timeout(readTimeoutMs));
    if (!found.ok) return found;
    const { body, length, size } = found.value;
    const bytes = new Uint8Array(length);
    let at = 0;
    await eachPiece(request, body, (piece) => {
      if (at + piece.byteLength <= length) bytes.set(piece, at);
      at += piece.byteLength;
    });
    if (at !== length) throw brokenOff(request);
    return { ok: true, value: { bytes, size } };
  },
  async hash(key) {
    const request = getRequest(key);
    const patience = patienceOf(stallTimeoutMs, hashTimeoutMs);
    try {
      const found = await openObject(s3, request, patience.signal);
      if (!found.ok) return found;
      const hash = createHash("sha256");
      let size = 0;
      await eachPiece(request, found.value.body, (piece) => {
        patience.moved();
        hash.update(piece);
        size += piece.byteLength;
      });
      if (size !== found.value.size) throw brokenOff(request);
      return { ok: true, value: { sha256: hash.digest("hex"), size } };
    } finally {
      patience.end();
    }
  },
});

const getRequest = (key: string, range?: ByteRange): S3Request => ({
  operation: "GetObject",
  method: "GET",
  key,
  headers: range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` },
});

async function openObject(
  s3: S3Requests,
  request: S3Request,
  life?: AbortSignal,
): Promise<Outcome<ObjectBody, "no_such_key" | "no_such_range">> {
  const { response, answer } = await s3.open(request, life);
  if (answer)
    return outcome(
      answer,
      { NoSuchKey: "no_such_key", InvalidRange: "no_such_range" },
      (): ObjectBody | undefined => undefined,
    );
  const value = readBody(response, request.headers?.["range"] !== undefined);
  if (value) return { ok: true, value };
  await response.body?.cancel();
  throw unexpected({ ...request, status: response.status, headers: response.headers, code: "UnreadableHeaders" });
}

function readBody(response: Response, ranged: boolean): ObjectBody | undefined {
  const { status, headers } = response;
  const body: ReadableStream<Uint8Array> | null = response.body;
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers.get("content-range") ?? "") ?? [];
  const etag = headers.get("etag");
  const whole = numberOf(headers.get("content-length"));
  if (!etag || body === null) return undefined;
  if (!ranged) return status === 200 && whole !== undefined ? { body, length: whole, size: whole, etag } : undefined;
  if (status !== 206 || first === undefined) return undefined;
  return { body, length: Number(last) - Number(first) + 1, size: Number(total), etag };
}

/** Reads a body to its end, in pieces whose memory is used again. @throws AppError `unavailable` when it breaks off or its time is over */
async function eachPiece(
  { operation }: S3Request,
  body: ReadableStream<Uint8Array>,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  const reader = body.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(pieceBytes);
  for (;;) {
    const { value, done } = await reader
      .readAtLeast(buffer.byteLength, new Uint8Array(buffer))
      .catch((error: unknown) => {
        throw unreachable(operation, error);
      });
    if (done || value === undefined) return;
    take(value);
    buffer = value.buffer;
  }
}

const brokenOff = ({ operation }: S3Request): Error =>
  unreachable(operation, new Error("an object broke off in the middle"));

/** A signal that ends what has not moved for so long, or is not over after so long. */
function patienceOf(stallMs: number, totalMs: number) {
  const stop = new AbortController();
  const total = setTimeout(() => stop.abort(), totalMs);
  let stall = setTimeout(() => stop.abort(), stallMs);
  return {
    signal: stop.signal,
    moved() {
      clearTimeout(stall);
      stall = setTimeout(() => stop.abort(), stallMs);
    },
    end() {
      clearTimeout(total);
      clearTimeout(stall);
    },
  };
}

export const numberOf = (text: string | null): number | undefined =>
  /^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined;
