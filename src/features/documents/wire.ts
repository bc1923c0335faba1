import type { z } from "@hono/zod-openapi";
import { toCursor, type Page } from "../../shared/pagination.ts";
import type { FoundPart } from "./domain/parts.ts";
import type { UploadedPart } from "./object-store.ts";
import type { SignedPart } from "./verbs/sign-parts.ts";
import { isSingle } from "./verbs/sign-parts.ts";
import type { DocumentRecord, HistoryEntry, Upload } from "./repository.ts";
import type { documentSchema } from "./schemas.ts";

export const documentToWire = (document: DocumentRecord): z.infer<typeof documentSchema> => ({
  id: document.id,
  status: document.status,
  original_filename: document.originalFilename,
  content_type: document.contentType,
  detected_content_type: document.detectedContentType,
  size_bytes: document.sizeBytes,
  sha256: document.sha256,
  role: document.role,
  folder_path: document.folderPath,
  custom_metadata: document.customMetadata,
  legal_hold: document.legalHold,
  quarantine_reason: document.quarantineReason,
  created_by: document.createdBy,
  created_at: document.createdAt.toISOString(),
  completed_at: document.completedAt?.toISOString() ?? null,
});

export const signedPartToWire = ({ partNumber, size, url, headers, expiresAt }: SignedPart) => ({
  part_number: partNumber,
  size,
  url,
  headers: { ...headers },
  expires_at: expiresAt.toISOString(),
});

export const storedPartToWire = ({ partNumber, etag, size, sha256 }: UploadedPart) => ({
  part_number: partNumber,
  etag,
  size,
  sha256,
});

/** A Content-Length. Digits only: what is no length is as good as none. */
export const lengthOf = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

export const partToWire = ({ partNumber, etag, size, sha256 }: FoundPart) => ({
  part_number: partNumber,
  etag,
  size: size ?? null,
  sha256: sha256 ?? null,
});

export const planToWire = (upload: Upload) => {
  const { document, session } = upload;
  return {
    session_id: session.id,
    document_id: document.id,
    upload_strategy: isSingle(upload) ? ("SINGLE" as const) : ("MULTIPART" as const),
    transport: session.transport,
    part_size: session.partSize,
    part_count: session.partCount,
    expires_at: session.expiresAt.toISOString(),
  };
};

export const historyToWire = ({ id, at, actorUserId, action, reason, changes, requestId }: HistoryEntry) => ({
  id,
  at: at.toISOString(),
  actor_user_id: actorUserId,
  action,
  reason,
  changes,
  request_id: requestId,
});

export const pageToWire = <T, W>({ items, next }: Page<T>, toWire: (item: T) => W) => ({
  items: items.map(toWire),
  next_cursor: next === undefined ? null : toCursor(next),
});
