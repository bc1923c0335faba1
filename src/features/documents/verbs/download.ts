import type { Actor } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import type { DocumentId } from "../../../shared/ids.ts";
import { visibleStates, type DocumentState } from "../domain/states.ts";
import { downloadUrlSeconds } from "../limits.ts";
import type { ByteRange } from "../object-store.ts";
import { auditOf, keyOf, secondsAfter, type Capability, type DocumentDependencies } from "../ports.ts";
import { deadAddress, notReady, objectMissing, unknownDocument } from "../refusals.ts";
import type { DocumentRecord } from "../repository.ts";

/** An address to read a ready document from. @throws AppError `not_found`, `document_not_ready`, `document_quarantined` */
export async function grantDownload(
  deps: DocumentDependencies,
  actor: Actor,
  id: DocumentId,
): Promise<{ url: string; expiresInSeconds: number }> {
  const at = deps.clock.now();
  const document = await deps.documents.recordDownload(actor, id, auditOf(deps, actor, "document.download", id, at));
  if (document === undefined || !visibleStates.includes(document.status)) throw unknownDocument();
  if (document.status !== "ready") throw notReady(document);
  const expiresAt = secondsAfter(at, downloadUrlSeconds);
  const url = await contentAddress(deps, { purpose: "download", actor, documentId: id, expiresAt });
  return { url, expiresInSeconds: downloadUrlSeconds };
}

/**
 * An address of our own, not of S3: a signature of S3's stays good until it runs out, ours is looked at on every use, so
 * that a document that is quarantined or deleted cannot be read a moment later, nor any by whose session has ended.
 */
export async function contentAddress(
  { capabilities, settings }: Pick<DocumentDependencies, "capabilities" | "settings">,
  capability: Capability & { readonly purpose: keyof typeof readableStates },
): Promise<string> {
  return `${settings.baseUrl}/content/${await capabilities.seal(capability)}`;
}

/** Those who were given an address of their own earlier do not read what is being scanned anew. */
const readableStates = { download: ["ready"], "scan-read": ["scanning", "ready"] } as const satisfies Partial<
  Record<Capability["purpose"], readonly DocumentState[]>
>;

export interface ContentRequest {
  /** Headers of HTTP, as they came. */
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** What HEAD asks: everything but the bytes. S3 is not asked then. */
  readonly headOnly: boolean;
}

export interface Content {
  readonly document: DocumentRecord;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Bytes in `body`, or that would be. */
  readonly length: number;
  readonly etag: string;
  /** Undefined for the whole. */
  readonly range: ByteRange | undefined;
}

/** @throws AppError `not_found`, `unauthorized`, `range_not_satisfiable`, `unavailable`, and as `grantDownload` */
export async function readContent(deps: DocumentDependencies, token: string, wanted: ContentRequest): Promise<Content> {
  const document = await readableBy(deps, token);
  const etag = etagOf(document);
  if (wanted.headOnly) return { document, body: null, length: document.sizeBytes, etag, range: undefined };
  const isStale = wanted.ifRange !== undefined && wanted.ifRange.trim() !== etag;
  const range = isStale ? undefined : rangeOf(wanted.range, document.sizeBytes);
  const got = await deps.store.get(keyOf(deps, document, document.version), range);
  if (got.ok) return { document, body: got.value.body, length: got.value.length, etag, range };
  if (got.reason === "no_such_range") throw unsatisfiable(document.sizeBytes);
  // Deleted between the two looks, and then the row says so; else the sweep looks for it, too, and quarantines what is lost.
  await readableBy(deps, token);
  deps.onFault("document_object_missing", document.id, new Error("a document that can be read has no object"));
  throw objectMissing();
}

/** The document that an address is for, as it stands now. */
async function readableBy(deps: DocumentDependencies, token: string): Promise<DocumentRecord> {
  const at = deps.clock.now();
  const capability = await deps.capabilities.open(token, at);
  if (capability?.purpose !== "download" && capability?.purpose !== "scan-read") throw deadAddress();
  const { documentId, purpose } = capability;
  const readable: readonly DocumentState[] = readableStates[purpose];
  const caller = purpose === "download" ? capability.actor : { companyId: capability.companyId };
  const found = await deps.documents.findUpload(caller, { documentId }, at);
  const document = found?.upload.document;
  if (document === undefined || !visibleStates.includes(document.status)) throw deadAddress();
  if (!readable.includes(document.status)) throw notReady(document);
  return document;
}

/** Ours, not S3's: known before S3 is asked. The bytes under a version never change. */
const etagOf = ({ id, version }: DocumentRecord): string => `"${id}.${version}"`;

/** RFC 9110: one range is served; several, or what is no byte range, are ignored, which the RFC allows. */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") {
    if (Number(to) === 0) throw unsatisfiable(size);
    return { first: Math.max(0, size - Number(to)), last: size - 1 };
  }
  if (Number(from) >= size) throw unsatisfiable(size);
  if (to !== "" && Number(to) < Number(from)) return undefined;
  return { first: Number(from), last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

const unsatisfiable = (size: number): AppError =>
  new AppError("range_not_satisfiable", `The document has ${size} bytes; ask for some of them.`, {
    headers: { "Content-Range": `bytes */${size}` },
  });
