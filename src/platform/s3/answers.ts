import type { Page, PartTag, PendingUpload, StoredObject, StoredPart } from "../../features/documents/object-store.ts";
import { childrenOf, childText, escapeXml, type XmlElement } from "./xml.ts";

// S3's documents as values. Each reader returns undefined for a document that is not what it should be.

/** A code such as `NoSuchUpload` of an error document, which may come with any status, 200 included. */
export function readErrorCode(root: XmlElement | undefined): string | undefined {
  return root?.name === "Error" ? codeIn(root) : undefined;
}

function codeIn(error: XmlElement): string {
  const code = childText(error, "Code") ?? "";
  return /^[A-Za-z0-9.]{1,64}$/.test(code) ? code : "Unreadable";
}

/** A text that the answer must have, of the document of that name. */
export function readText(root: XmlElement | undefined, document: string, name: string): string | undefined {
  const text = root?.name === document ? childText(root, name) : undefined;
  return text === "" ? undefined : text;
}

export interface PartsPage {
  readonly parts: readonly StoredPart[];
  /** Absent on the last page. */
  readonly next?: string;
}

export function readParts(root: XmlElement | undefined): PartsPage | undefined {
  if (root?.name !== "ListPartsResult") return undefined;
  const parts = all(childrenOf(root, "Part"), (part) => {
    const [partNumber, size, etag] = [numberIn(part, "PartNumber"), numberIn(part, "Size"), childText(part, "ETag")];
    return partNumber === undefined || size === undefined || !etag ? undefined : { partNumber, size, etag };
  });
  const page = parts && pageOf(root, parts);
  const last = page?.items.at(-1);
  return page && { parts, ...(page.more && last ? { next: String(last.partNumber) } : {}) };
}

export function readUploads(root: XmlElement | undefined): Page<PendingUpload> | undefined {
  if (root?.name !== "ListMultipartUploadsResult") return undefined;
  const items = all(childrenOf(root, "Upload"), (upload) => {
    const [key, uploadId, startedAt] = [
      childText(upload, "Key"),
      childText(upload, "UploadId"),
      dateIn(upload, "Initiated"),
    ];
    return !key || !uploadId || !startedAt ? undefined : { key, uploadId, startedAt };
  });
  return items && pageOf(root, items);
}

export function readObjects(root: XmlElement | undefined): Page<StoredObject & { readonly key: string }> | undefined {
  if (root?.name !== "ListBucketResult") return undefined;
  const items = all(childrenOf(root, "Contents"), (object) => {
    const [key, etag] = [childText(object, "Key"), childText(object, "ETag")];
    const [size, modifiedAt] = [numberIn(object, "Size"), dateIn(object, "LastModified")];
    return !key || !etag || size === undefined || !modifiedAt ? undefined : { key, etag, size, modifiedAt };
  });
  return items && pageOf(root, items);
}

/** The body of CompleteMultipartUpload. */
export function writeCompletion(parts: readonly PartTag[]): string {
  const listed = parts.map(
    ({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join("")}</CompleteMultipartUpload>`;
}

/** The body of DeleteObjects. Quiet: only what was refused is told. */
export function writeDeletion(keys: readonly string[]): string {
  const listed = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${listed.join("")}</Delete>`;
}

/** Which keys DeleteObjects refused, and the code of each. What was not there is no refusal. */
export function readRefusedKeys(root: XmlElement | undefined): ReadonlyMap<string, string> | undefined {
  if (root?.name !== "DeleteResult") return undefined;
  const refused = all(childrenOf(root, "Error"), (error): [string, string] | undefined => {
    const key = childText(error, "Key");
    return key ? [key, codeIn(error)] : undefined;
  });
  return refused && new Map(refused.filter(([, code]) => code !== "NoSuchKey"));
}

/** Every element as a value, or undefined when one of them is not readable. */
function all<T>(elements: readonly XmlElement[], read: (element: XmlElement) => T | undefined): T[] | undefined {
  const values: T[] = [];
  for (const element of elements) {
    const value = read(element);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** What follows goes on after the last item: not every server names it where there is only one. */
function pageOf<T>(root: XmlElement, items: readonly T[]): Page<T> | undefined {
  const truncated = childText(root, "IsTruncated");
  if (truncated === "false" || truncated === undefined) return { items, more: false };
  return truncated === "true" && items.length > 0 ? { items, more: true } : undefined;
}

function numberIn(element: XmlElement, name: string): number | undefined {
  const text = childText(element, name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function dateIn(element: XmlElement, name: string): Date | undefined {
  const date = new Date(childText(element, name) ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
