import type { Actor } from "../../../shared/access.ts";
import { AppError, invariant } from "../../../shared/errors.ts";
import { idempotentTry, keyReused } from "../../../shared/idempotency.ts";
import type { DocumentId, UploadId } from "../../../shared/ids.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { contentDisposition, type FolderPath } from "../domain/names.ts";
import { multipartVersion } from "../domain/keys.ts";
import { planUpload } from "../domain/parts.ts";
import {
  maxOpenUploadsPerCompany,
  maxProxyPartBytes,
  openEndedLimits,
  sessionSeconds,
  uploadsByNetwork,
  uploadsByUser,
} from "../limits.ts";
import { auditOf, keyOf, secondsAfter, type DocumentDependencies, type UploadDependencies } from "../ports.ts";
import { foldersFull, folderLeaving, uploadExpired, uploadOver } from "../refusals.ts";
import type { Initiation, NewUpload, Upload } from "../repository.ts";

export interface UploadRequest {
  readonly originalFilename: string;
  readonly contentType: string;
  /** Undefined where the client cannot say: Uppy's protocol does not. Its parts pass through us, where they are counted. */
  readonly sizeBytes: number | undefined;
  readonly sha256: string | undefined;
  readonly role: string | undefined;
  readonly folderPath: FolderPath;
  readonly customMetadata: Readonly<Record<string, unknown>>;
  readonly transport: "direct" | "proxy";
}

/**
 * Stores the document's row and its session, then opens the upload at S3. Two round trips to Postgres, one for what fits
 * into one PUT. @throws AppError `rate_limited`, `too_many_uploads`, `storage_full`, `idempotency_key_reused`, …
 */
export async function beginUpload(
  deps: UploadDependencies,
  actor: Actor,
  request: UploadRequest,
  idempotencyKey: string | undefined,
): Promise<Upload> {
  await enforceRates(deps.limiter, [
    { policy: uploadsByNetwork, key: networkOf(deps.origin.ip) },
    { policy: uploadsByUser, key: actor.userId },
  ]);
  const wanted = idempotentTry("POST upload", idempotencyKey, request);
  const upload = newUpload(deps, actor, request);
  const { document } = upload;
  const changes = { original_filename: document.originalFilename, size_bytes: document.sizeBytes };
  const audit = auditOf(deps, actor, "document.upload", document.id, document.createdAt, { changes });
  return openAtStore(deps, actor, admitted(await deps.documents.initiate(actor, upload, audit, wanted)));
}

function newUpload(deps: DocumentDependencies, actor: Actor, request: UploadRequest): NewUpload {
  const { sizeBytes, transport, sha256, role, ...rest } = request;
  const at = deps.clock.now();
  const openEnded = sizeBytes === undefined;
  const plan = openEnded
    ? { strategy: "MULTIPART", size: 0, partSize: openEndedLimits.partBytes, partCount: openEndedLimits.parts }
    : planUpload(sizeBytes);
  if (transport === "proxy" && plan.partSize > maxProxyPartBytes) throw tooLargeForProxy();
  return {
    document: {
      ...rest,
      id: deps.random.uuid() as DocumentId,
      companyId: actor.companyId,
      createdBy: actor.userId,
      sizeBytes: plan.size,
      sha256: sha256 ?? null,
      role: role ?? null,
      createdAt: at,
      status: plan.strategy === "SINGLE" ? "uploading" : "planned",
    },
    session: {
      id: deps.random.uuid() as UploadId,
      transport,
      partSize: plan.partSize,
      partCount: plan.partCount,
      openEnded,
      expiresAt: secondsAfter(at, sessionSeconds),
    },
    quotaBytes: deps.settings.quotaBytes,
  };
}

function admitted(initiation: Initiation): Upload {
  switch (initiation.outcome) {
    case "created":
    case "repeated":
      return initiation.upload;
    case "key_reused":
      throw keyReused();
    case "too_many":
      throw new AppError(
        "too_many_uploads",
        `Your company has ${maxOpenUploadsPerCompany} uploads under way. Complete or abort some.`,
        { retryAfterSeconds: 60 },
      );
    case "storage_full":
      throw new AppError(
        "storage_full",
        "Your company's storage has no room for this document. Delete some, or ask for more.",
      );
    case "folder_being_deleted":
      throw folderLeaving();
    case "too_many_folders":
      throw foldersFull();
  }
}

/** Opens the multipart upload of a planned document; any other is open already. Safe to repeat and to run twice at once. */
export async function openAtStore(deps: DocumentDependencies, actor: Actor, upload: Upload): Promise<Upload> {
  const { document, session } = upload;
  if (document.status !== "planned") return upload;
  const at = deps.clock.now();
  if (at >= session.expiresAt) throw uploadExpired();
  const key = keyOf(deps, document, multipartVersion);
  const { uploadId } = await deps.store.createUpload({
    key,
    contentType: document.contentType,
    contentDisposition: contentDisposition(document.originalFilename),
  });
  const ref = { sessionId: session.id };
  const { moved, current } = await deps.documents.transition(
    actor,
    ref,
    { to: "uploading", at, onlyFrom: ["planned"], s3UploadId: uploadId },
    undefined,
  );
  if (!moved)
    await deps.store
      .abortUpload({ key, uploadId })
      .catch((error: unknown) => deps.onFault("document_cleanup_late", document.id, error));
  invariant(current, "an upload's row is never taken away");
  if (moved) return { ...current, session: { ...current.session, s3UploadId: uploadId } };
  if (current.document.status !== "uploading") throw uploadOver("aborted");
  return current;
}

const tooLargeForProxy = (): AppError => {
  const message = "is too large to pass through us; use transport direct";
  return new AppError("validation_failed", `declared_size_bytes: ${message}.`, {
    errors: [{ path: "declared_size_bytes", message }],
  });
};
