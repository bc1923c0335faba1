/** What a ZIP archive's central directory says, as far as it lies in the bytes at hand. Nothing is unpacked. */
export interface ZipListing {
  readonly names: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const entryLength = 46;
/** An archive of more entries is judged by its first ones. */
const maxEntries = 20_000;
/** ZIP64 writes this where the true number stands elsewhere. */
const elsewhere = 0xffffffff;

/**
 * @param tail the last bytes of the file
 * @returns undefined when there is no central directory in them: no archive, a broken one, or a directory too large
 */
export function listZip(tail: Uint8Array, fileSize: number): ZipListing | undefined {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const end = findEnd(view);
  if (end === undefined) return undefined;
  const offset = view.getUint32(end + 16, true) - (fileSize - tail.length);
  return offset < 0 || offset >= end ? undefined : readEntries(view, tail, offset, end);
}

function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - endLength; at >= 0; at -= 1) if (view.getUint32(at, true) === endSignature) return at;
  return undefined;
}

function readEntries(view: DataView, bytes: Uint8Array, from: number, end: number): ZipListing | undefined {
  const decoder = new TextDecoder();
  const names: string[] = [];
  let packedBytes = 0;
  let unpackedBytes = 0;
  for (let at = from; at + entryLength <= end && names.length < maxEntries;) {
    if (view.getUint32(at, true) !== entrySignature) break;
    const [packed, unpacked] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const nameEnd = at + entryLength + view.getUint16(at + 28, true);
    if (nameEnd > end) break;
    names.push(decoder.decode(bytes.subarray(at + entryLength, nameEnd)));
    packedBytes += packed === elsewhere ? 0 : packed;
    // A size that needs ZIP64 is at least this large.
    unpackedBytes += unpacked;
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return names.length === 0 ? undefined : { names, packedBytes, unpackedBytes };
}
