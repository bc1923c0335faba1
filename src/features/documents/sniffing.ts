import { bytesToHex } from "@noble/hashes/utils.js";
import { fileTypeFromBuffer } from "file-type";
import { invariant } from "../../shared/errors.ts";
import {
  compoundFault,
  judgeContent,
  longestCompoundMark,
  type ContentVerdict,
  type QuarantineReason,
} from "./domain/content.ts";
import { compoundType } from "./domain/content-types.ts";
import { findZipDirectory, type ZipDirectory } from "./domain/zip.ts";
import { headBytes, maxCompoundBytes, maxDirectoryBytes, pieceBytes, tailBytes } from "./limits.ts";
import type { ObjectStore } from "./object-store.ts";

/** A document small enough to be held whole is judged by all of its bytes. */
export async function judgeWhole(
  declaredType: string,
  bytes: Uint8Array,
): Promise<ContentVerdict & { sha256: string }> {
  const place = findZipDirectory(bytes, bytes.length);
  const directory = place && { ...place, bytes: bytes.subarray(place.offset, place.offset + place.size) };
  const verdict = judgeContent({ declaredType, sniffedType: await sniff(bytes), head: bytes, tail: bytes, directory });
  return { ...verdict, sha256: bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) };
}

/** A larger one by its beginning, and its end, where an archive says where its directory is; an older Office document throughout. */
export async function judgeStored(
  store: ObjectStore,
  key: string,
  declaredType: string,
  size: number,
): Promise<ContentVerdict> {
  const read: Read = async (first, last) => {
    const found = await store.read(key, { first, last });
    invariant(found.ok, "an object that was just seen can be read");
    return found.value.bytes;
  };
  const [head, tail] = await Promise.all([
    read(0, Math.min(size, headBytes) - 1),
    read(Math.max(0, size - tailBytes), size - 1),
  ]);
  const sniffedType = await sniff(head);
  const place = findZipDirectory(tail, size);
  const found = place && (await directoryAt(place, tail, size - tail.length, read));
  const directory = place && found && { ...place, bytes: found };
  const between = sniffedType === compoundType ? await lookBetween(size, read) : undefined;
  return judgeContent({ declaredType, sniffedType, head, tail, directory, between });
}

type Read = (first: number, last: number) => Promise<Uint8Array>;

/** A compound file keeps the names of what it holds wherever it likes, so it is looked at throughout, over the edges of pieces as well. */
async function lookBetween(size: number, read: Read): Promise<QuarantineReason | undefined> {
  if (size > maxCompoundBytes) return "archive_unreadable";
  for (let first = headBytes - longestCompoundMark; first < size - tailBytes; first += pieceBytes) {
    const last = Math.min(size, first + pieceBytes + longestCompoundMark) - 1;
    const fault = compoundFault(await read(first, last));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

async function directoryAt(
  { offset, size }: ZipDirectory,
  tail: Uint8Array,
  tailAt: number,
  read: Read,
): Promise<Uint8Array | undefined> {
  if (offset >= tailAt) return tail.subarray(offset - tailAt, offset - tailAt + size);
  return size <= maxDirectoryBytes ? read(offset, offset + size - 1) : undefined;
}

/** A file made to trip the library over is a file it does not know. */
const sniff = (bytes: Uint8Array): Promise<string | undefined> =>
  fileTypeFromBuffer(bytes).then(
    (found) => found?.mime,
    () => undefined,
  );
