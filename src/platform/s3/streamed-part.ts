import { createHash } from "node:crypto";

/**
 * What is read from the caller at once, and all that a part holds in memory. With 64 KiB half as much goes through
 * (`npm run bench -- proxy`); from 128 KiB on nothing is gained, nor by a second buffer that is filled meanwhile (0.58 to 0.69 of a
 * bare Worker). workerd has one thread for all of it: 256 MiB take it 0.73 s bare, 0.90 s by this loop without a hash (0.81),
 * 1.13 s with it (0.64). SHA-256 alone is 0.18 s, so that nothing that hashes there comes above 0.80.
 */
const pieceBytes = 1024 * 1024;

export type Streamed =
  | { readonly ok: true; readonly sha256: string }
  /** `cut_off`: the caller's body broke. `refused`: the other side takes no more. */
  | { readonly ok: false; readonly reason: "wrong_size" | "wrong_sha256" | "cut_off" | "refused" };

export interface StreamedBody {
  /** A byte stream, as the body of every request is. */
  readonly from: ReadableStream<Uint8Array>;
  readonly to: WritableStream<Uint8Array>;
  readonly size: number;
  /** In hex. */
  readonly sha256: string | undefined;
  /** Ends it as `refused`. */
  readonly signal: AbortSignal;
  /** Told on whom the passage waits next. */
  onTurn(side: "caller" | "store"): void;
}

/**
 * Passes a body of a known size on, hashing it. The last piece waits until the end of the body is seen and its hash is
 * right: a receiver that was promised `size` bytes and gets fewer keeps nothing. Never rejects.
 */
export async function streamHashed(body: StreamedBody): Promise<Streamed> {
  const reader = body.from.getReader({ mode: "byob" });
  const writer = body.to.getWriter();
  // A failure of either is seen at its next use.
  writer.closed.catch(() => undefined);
  reader.closed.catch(() => undefined);
  // What is left on either side is not waited for: it may never come.
  const halt = (): void => {
    writer.abort(new Error("halted")).catch(() => undefined);
    reader.cancel().catch(() => undefined);
  };
  body.signal.addEventListener("abort", halt, { once: true });
  const streamed = await passOn(reader, writer, body);
  body.signal.removeEventListener("abort", halt);
  if (body.signal.aborted) return { ok: false, reason: "refused" };
  if (!streamed.ok) halt();
  return streamed;
}

async function passOn(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { size, sha256, onTurn }: StreamedBody,
): Promise<Streamed> {
  const hash = createHash("sha256");
  let buffer = new ArrayBuffer(Math.max(1, Math.min(pieceBytes, size)));
  let received = 0;
  let last: Uint8Array | undefined;
  while (received < size) {
    onTurn("caller");
    const piece = await readPiece(reader, buffer);
    if (piece === "broken") return { ok: false, reason: "cut_off" };
    if (piece === "end") return { ok: false, reason: "wrong_size" };
    received += piece.byteLength;
    hash.update(piece);
    onTurn("store");
    if (received >= size) last = piece;
    else if (!(await settled(writer.write(piece)))) return { ok: false, reason: "refused" };
    // Written means taken over, so the memory is ours again.
    buffer = piece.buffer as ArrayBuffer;
  }
  const rest = received > size ? "longer" : await readPiece(reader, new ArrayBuffer(1));
  if (rest === "broken") return { ok: false, reason: "cut_off" };
  if (rest !== "end") return { ok: false, reason: "wrong_size" };
  const actual = hash.digest("hex");
  if (sha256 !== undefined && sha256.toLowerCase() !== actual) return { ok: false, reason: "wrong_sha256" };
  const ended = (last === undefined || (await settled(writer.write(last)))) && (await settled(writer.close()));
  return ended ? { ok: true, sha256: actual } : { ok: false, reason: "refused" };
}

async function readPiece(
  reader: ReadableStreamBYOBReader,
  buffer: ArrayBuffer,
): Promise<Uint8Array | "end" | "broken"> {
  try {
    const { value, done } = await reader.readAtLeast(buffer.byteLength, new Uint8Array(buffer));
    return done || value === undefined ? "end" : value;
  } catch {
    return "broken";
  }
}

const settled = (promise: Promise<void>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );
