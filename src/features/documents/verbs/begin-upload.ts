import type { Actor } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import { idempotentTry, keyReused } from "../../../shared/idempotency.ts";
import type { DocumentId, UploadId } from "../../../shared/ids.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import type { FolderPath } from "../domain/names.ts";
import { planUpload } from "../domain/parts.ts";
import {
  maxHashedBytes,
  maxOpenUploadsPerCompany,
  maxProxyPartBytes,
  openEndedLimits,
  sessionSeconds,
  uploadsByNetwork,
  uploadsByUser,
} from "../limits.ts";
import { auditOf, secondsAfter, type DocumentDependencies, type UploadDependencies } from "../ports.ts";
import { foldersFull, folderLeaving, storageFull } from "../refusals.ts";
import type { Initiation, NewUpload, Upload } from "../repository.ts";
import { abortUpload } from "./abort-upload.ts";
import { openAtStore } from "./open-at-store.ts";

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
  const begun = admitted(await deps.documents.initiate(actor, upload, audit, wanted));
  try {
    return await openAtStore(deps, actor, begun);
  } catch (error) {
    // Nobody was told of the session, and without a key nobody finds it again: it must not hold a place till it expires.
    if (wanted === undefined) await abortUpload(deps, actor, { sessionId: begun.session.id }).catch(() => undefined);
    throw error;
  }
}

function newUpload(deps: DocumentDependencies, actor: Actor, request: UploadRequest): NewUpload {
  const { sizeBytes, transport, sha256, role, ...rest } = request;
  const at = deps.clock.now();
  const openEnded = sizeBytes === undefined;
  const plan = openEnded
    ? { strategy: "MULTIPART", size: 0, partSize: openEndedLimits.partBytes, partCount: openEndedLimits.parts }
    : planUpload(sizeBytes);
  if (transport === "proxy" && plan.partSize > maxProxyPartBytes)
    throw refused("declared_size_bytes", "is too large to pass through us; use transport direct");
  if (sha256 !== undefined && !(plan.size > 0 && plan.size <= maxHashedBytes))
    throw refused("sha256", `is checked of documents whose size is told, up to ${maxHashedBytes} bytes; leave it out`);
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
      throw storageFull();
    case "folder_being_deleted":
      throw folderLeaving();
    case "too_many_folders":
      throw foldersFull();
  }
}

const refused = (path: string, message: string): AppError =>
  new AppError("validation_failed", `${path}: ${message}.`, { errors: [{ path, message }] });
