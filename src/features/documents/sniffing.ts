import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { fileTypeFromBuffer } from "file-type";
import { invariant, unavailable } from "../../shared/errors.ts";
import { readExactly } from "./exact-bytes.ts";
import { judgeContent, type ContentVerdict } from "./domain/content.ts";
import { headBytes, tailBytes } from "./limits.ts";
import type { ObjectStore } from "./object-store.ts";

/** The bytes of an object, or of a range of it; undefined when it is not there. @throws AppError `unavailable` when it broke off */
export async function readBytes(
  store: ObjectStore,
  key: string,
  range?: { first: number; last: number },
): Promise<{ bytes: Uint8Array; size: number } | undefined> {
  const found = await store.get(key, range);
  if (!found.ok) return undefined;
  const bytes = await readExactly(found.value.body, found.value.length);
  if (bytes === undefined) throw unavailable("S3", new Error("an object broke off in the middle"));
  return { bytes, size: found.value.size };
}

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
  return { ...verdict, sha256: bytesToHex(sha256(bytes)) };
}

/** A larger one by its beginning, and its end, where an archive keeps its directory. */
export async function judgeStored(
  store: ObjectStore,
  key: string,
  declaredType: string,
  size: number,
): Promise<ContentVerdict> {
  const [head, tail] = await Promise.all([
    readBytes(store, key, { first: 0, last: Math.min(size, headBytes) - 1 }),
    readBytes(store, key, { first: Math.max(0, size - tailBytes), last: size - 1 }),
  ]);
  invariant(head && tail, "an object that was just seen can be read");
  const sniffedType = await sniff(head.bytes);
  return judgeContent({ declaredType, sniffedType, head: head.bytes, tail: tail.bytes, size });
}

/** A file made to trip the library over is a file it does not know. */
const sniff = (bytes: Uint8Array): Promise<string | undefined> =>
  fileTypeFromBuffer(bytes).then(
    (found) => found?.mime,
    () => undefined,
  );
