import {
  allowedTypes,
  canonicalType,
  compoundFormats,
  compoundType,
  executableTypes,
  isTextType,
  unknownType,
  zipFormats,
} from "./content-types.ts";
import { listZip, type ZipListing } from "./zip.ts";

/** Why a document cannot be read. The first ones are found by looking at its bytes. */
export const quarantineReasons = [
  "type_mismatch",
  "type_not_allowed",
  "executable",
  "macro_document",
  "malware_signature",
  "archive_bomb",
  "archive_unreadable",
  "size_mismatch",
  "sha256_mismatch",
  "infected",
  "scan_failed",
  "object_missing",
  "by_hand",
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

export interface Content {
  readonly declaredType: string;
  /** What the sniffing library makes of `head`; undefined when it knows no such signature. */
  readonly sniffedType: string | undefined;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** The bytes of an archive's directory, where one was found, and whether all programs find it there. */
  readonly directory: { readonly bytes: Uint8Array; readonly agreed: boolean } | undefined;
  /** What is wrong with a compound file between `head` and `tail`. */
  readonly between?: QuarantineReason | undefined;
}

export interface ContentVerdict {
  readonly detectedType: string;
  readonly fault: QuarantineReason | undefined;
}

/** Unpacks to this many times its size, or more, and to a gigabyte: no document does. */
const bombRatio = 100;
const bombBytes = 1024 ** 3;

// In halves, so that scanners do not take this file for the test virus.
const eicar = new TextEncoder().encode("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
const shebang = new TextEncoder().encode("#!");
const zipType = "application/zip";
const zipSignature = Uint8Array.of(0x50, 0x4b, 0x03, 0x04);
/** How compound files write the name of a storage: two bytes a letter. */
const vbaProject = Uint8Array.from("_VBA_PROJECT".split("").flatMap((letter) => [letter.charCodeAt(0), 0]));
/** The class of what Windows Installer runs (000C1084 and its neighbours, from the second byte on), which the root of a compound file names. */
const installer = Uint8Array.of(0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46);
export const longestCompoundMark = Math.max(vbaProject.length, installer.length);

/** By these names Java and Android run an archive, whatever else it is. */
const programEntry = /^(META-INF\/MANIFEST\.MF|classes\d*\.dex)$/i;
const macroEntry = /(^|\/)(vbaProject\.bin$|Basic\/|Scripts\/)/i;

/** Pure: the same bytes and claim always give the same verdict. */
export function judgeContent(content: Content): ContentVerdict {
  const { declaredType, directory } = content;
  // Also one behind a picture or a page: programs find an archive by its end.
  const isSure = directory?.agreed === true || !isArchive(content);
  const archive = isSure && directory !== undefined ? listZip(directory.bytes) : undefined;
  const detected = detect(content, archive);
  const fault =
    danger(content, detected, archive) ??
    (fits(canonicalType(declaredType), detected, content) ? undefined : misfit(detected));
  return { detectedType: detected, fault };
}

/** The library's word, made more exact where an archive's directory says more; text and unknown bytes last. */
function detect({ sniffedType, head, declaredType }: Content, archive: ZipListing | undefined): string {
  const sniffed = sniffedType === undefined ? undefined : canonicalType(sniffedType);
  if ((sniffed === undefined || sniffed === zipType) && isArchive({ sniffedType, head })) {
    const declared = canonicalType(declaredType);
    const folder = zipFormats[declared];
    const holds = folder !== undefined && archive?.names.some((name) => name.startsWith(folder)) === true;
    return holds ? declared : zipType;
  }
  if (sniffed !== undefined) return sniffed;
  if (!isText(head)) return unknownType;
  const declared = canonicalType(declaredType);
  return isTextType(declared) ? declared : "text/plain";
}

/** Also one that begins as a part of several does. */
const isArchive = ({ sniffedType, head }: Pick<Content, "sniffedType" | "head">): boolean =>
  startsWith(head, zipSignature) || sniffedType === zipType;

function danger(
  { head, tail, sniffedType, between }: Content,
  detected: string,
  archive: ZipListing | undefined,
): QuarantineReason | undefined {
  // Those of a document that was read whole are the same.
  const ends = head === tail ? [head] : [head, tail];
  if (ends.some((bytes) => includes(bytes, eicar))) return "malware_signature";
  if (executableTypes.has(detected) || startsWith(head, shebang)) return "executable";
  if (detected.includes("macroenabled")) return "macro_document";
  const inCompound = detected === compoundType ? [...ends.map(compoundFault), between] : [];
  const fault = inCompound.find((one) => one !== undefined);
  if (fault !== undefined) return fault;
  // What a program may find in it, nobody here has seen.
  if (archive === undefined) return isArchive({ sniffedType, head }) ? "archive_unreadable" : undefined;
  if (archive.names.some((name) => programEntry.test(name))) return "executable";
  if (archive.names.some((name) => macroEntry.test(name))) return "macro_document";
  const { packedBytes, unpackedBytes } = archive;
  return unpackedBytes >= bombBytes && unpackedBytes >= packedBytes * bombRatio ? "archive_bomb" : undefined;
}

/** What some bytes of a compound file say it is, other than a plain document. */
export function compoundFault(bytes: Uint8Array): QuarantineReason | undefined {
  if (includes(bytes, installer)) return "executable";
  return includes(bytes, vbaProject) ? "macro_document" : undefined;
}

/** Does the claim hold for what was found? A caller who claims `application/octet-stream` claims nothing. */
function fits(declared: string, detected: string, content: Content): boolean {
  if (detected === unknownType) return declared === unknownType;
  if (isTextType(detected)) return isTextType(declared) || declared === unknownType;
  if (!allowedTypes.has(detected)) return false;
  if (declared === detected || declared === unknownType) return true;
  if (detected === compoundType) return compoundFormats.has(declared);
  if (declared === zipType) return isArchive(content);
  return sameContainer(declared, detected);
}

/** One container, two names: MP4 with or without pictures, Ogg and WebM likewise; HEIC and HEIF. */
function sameContainer(declared: string, detected: string): boolean {
  const [kind, format] = detected.split("/");
  if (kind === "audio" || kind === "video") return new RegExp(`^(audio|video)/${format}$`).test(declared);
  return kind === "image" && /^image\/(heic|heif)(-sequence)?$/.test(declared) && /^hei[cf]$/.test(format ?? "");
}

const misfit = (detected: string): QuarantineReason =>
  allowedTypes.has(detected) || detected === unknownType || isTextType(detected) ? "type_mismatch" : "type_not_allowed";

/** UTF-16 by its mark, or no NUL and valid UTF-8 (the last character may be cut), or older text. */
function isText(bytes: Uint8Array): boolean {
  if (startsWith(bytes, Uint8Array.of(0xff, 0xfe)) || startsWith(bytes, Uint8Array.of(0xfe, 0xff))) return true;
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes, { stream: true });
    return true;
  } catch {
    return isOneByteText(bytes);
  }
}

/** Older text, one byte a letter: no control characters but tab, line ends and form feed. */
const isOneByteText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13);

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/** Nothing is copied where only the first byte is right: there are files of nothing else. */
function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  return false;
}
