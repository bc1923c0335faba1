import { bytesToHex } from "@noble/hashes/utils.js";
import { fileTypeFromBuffer } from "file-type";
import { invariant } from "../../shared/errors.ts";
import { judgeContent, type ContentVerdict } from "./domain/content.ts";
import { headBytes, tailBytes } from "./limits.ts";
import type { ObjectStore } from "./object-store.ts";

/** A document small enough to be held whole is judged by all of its bytes. */
export async function judgeWhole(
  declaredType: string,
  bytes: Uint8Array,
): Promise<ContentVerdict & { sha256: string }> {
  const verdict = judgeContent({
    declaredType,
    sniffedType: await sniff(bytes),
    head: bytes,
    tail: bytes,
    size: bytes.length,
  });
  return { ...verdict, sha256: bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) };
}

/** A larger one by its beginning, and its end, where an archive keeps its directory. */
export async function judgeStored(
  store: ObjectStore,
  key: string,
  declaredType: string,
  size: number,
): Promise<ContentVerdict> {
  const [head, tail] = await Promise.all([
    store.read(key, { first: 0, last: Math.min(size, headBytes) - 1 }),
    store.read(key, { first: Math.max(0, size - tailBytes), last: size - 1 }),
  ]);
  invariant(head.ok && tail.ok, "an object that was just seen can be read");
  const sniffedType = await sniff(head.value.bytes);
  return judgeContent({ declaredType, sniffedType, head: head.value.bytes, tail: tail.value.bytes, size });
}

/** A file made to trip the library over is a file it does not know. */
const sniff = (bytes: Uint8Array): Promise<string | undefined> =>
  fileTypeFromBuffer(bytes).then(
    (found) => found?.mime,
    () => undefined,
  );
