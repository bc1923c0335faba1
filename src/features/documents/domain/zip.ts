/** What a ZIP archive's central directory says. Nothing is unpacked. */
export interface ZipListing {
  readonly names: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** Where the directory lies in the file. */
export interface ZipDirectory extends Told {
  /** Whether all programs find it there: its comment ends the file, and each record says the same. */
  readonly agreed: boolean;
}

interface Told {
  readonly offset: number;
  readonly size: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const end64Length = 56;
const locator64Length = 20;
const entryLength = 46;
const maxCommentLength = 0xffff;
/** ZIP64 writes this where the true number stands elsewhere. */
const elsewhere = 0xffffffff;
const sizesTag = 1;

/**
 * Finds the directory by the record at the file's end, which programs that open archives go by. It ends where that record begins, or
 * ZIP64's. Where a record names another place, programs do not agree: some count from where an archive begins behind something else.
 * @param tail the last bytes of the file
 * @returns undefined for what does not end as an archive does
 */
export function findZipDirectory(tail: Uint8Array, fileSize: number): ZipDirectory | undefined {
  const view = viewOf(tail);
  const end = findEnd(view);
  if (end === undefined) return undefined;
  const before = fileSize - tail.length;
  const told = { offset: view.getUint32(end + 16, true), size: view.getUint32(end + 12, true) };
  const locator = end - locator64Length;
  if (locator < 0 || view.getUint32(locator, true) !== locator64Signature) return endingAt(before + end, told);
  const end64 = numberAt(view, locator + 8) - before;
  if (!(end64 >= 0 && end64 + end64Length <= locator) || view.getUint32(end64, true) !== end64Signature)
    return endingAt(before + end, told, false);
  const true64 = { offset: numberAt(view, end64 + 48), size: numberAt(view, end64 + 40) };
  const agree = (name: keyof Told): boolean => told[name] === elsewhere || told[name] === true64[name];
  return endingAt(before + end64, true64, agree("offset") && agree("size"));
}

const endingAt = (end: number, { offset, size }: Told, agreed = true): ZipDirectory | undefined =>
  size <= end ? { offset: end - size, size, agreed: agreed && offset + size === end } : undefined;

/** @returns undefined for what is no directory from its first byte to its last */
export function listZip(directory: Uint8Array): ZipListing | undefined {
  const view = viewOf(directory);
  const decoder = new TextDecoder();
  const names: string[] = [];
  let packedBytes = 0;
  let unpackedBytes = 0;
  let at = 0;
  while (at < directory.length) {
    if (at + entryLength > directory.length || view.getUint32(at, true) !== entrySignature) return undefined;
    const nameEnd = at + entryLength + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > directory.length) return undefined;
    names.push(decoder.decode(directory.subarray(at + entryLength, nameEnd)));
    const { packed, unpacked } = sizesOf(view, at, nameEnd, extraEnd);
    packedBytes += packed;
    unpackedBytes += unpacked;
    at = next;
  }
  return { names, packedBytes, unpackedBytes };
}

/** From the last place where it may be; only one whose comment reaches to the file's end is one. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - endLength;
  for (let at = last; at >= Math.max(0, last - maxCommentLength); at -= 1)
    if (view.getUint32(at, true) === endSignature && view.getUint16(at + 20, true) === last - at) return at;
  return undefined;
}

/** A size that stands elsewhere, and is not there either, is at least so large; packed it is nothing. */
function sizesOf(view: DataView, at: number, extra: number, extraEnd: number): { packed: number; unpacked: number } {
  let [packed, unpacked] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const isElsewhere = [unpacked === elsewhere, packed === elsewhere];
  if (packed === elsewhere) packed = 0;
  for (let field = extra; field + 4 <= extraEnd; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== sizesTag) continue;
    const end = Math.min(extraEnd, field + 4 + view.getUint16(field + 2, true));
    let value = field + 4;
    if (isElsewhere[0] === true && value + 8 <= end) {
      unpacked = numberAt(view, value);
      value += 8;
    }
    if (isElsewhere[1] === true && value + 8 <= end) packed = numberAt(view, value);
    break;
  }
  return { packed, unpacked };
}

const numberAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
