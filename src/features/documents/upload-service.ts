import type { Actor } from "../../shared/access.ts";
import type { DocumentId, UploadId } from "../../shared/ids.ts";
import { incomingVersion, multipartVersion } from "./domain/keys.ts";
import type { FoundPart } from "./domain/parts.ts";
import { sessionStateOf, type SessionState } from "./domain/states.ts";
import type { UploadedPart } from "./object-store.ts";
import { keyOf, type DocumentDependencies, type UploadDependencies } from "./ports.ts";
import { incomplete, unknownUpload } from "./refusals.ts";
import type { Caller, DocumentRecord, Upload } from "./repository.ts";
import { abortUpload } from "./verbs/abort-upload.ts";
import { beginUpload, openAtStore, type UploadRequest } from "./verbs/begin-upload.ts";
import { completeUpload } from "./verbs/complete-upload.ts";
import { putPart, type PartRequest } from "./verbs/put-part.ts";
import { takeVerdict, type ScanVerdict } from "./verbs/scan.ts";
import {
  firstParts,
  isSingle,
  refuseOutside,
  refuseUnlessOpen,
  signParts,
  type SignedPart,
} from "./verbs/sign-parts.ts";

export interface UploadView {
  readonly upload: Upload;
  readonly state: SessionState;
  /** Those that are there, in order. Empty once the upload is over. */
  readonly parts: readonly FoundPart[];
}

export interface UploadService {
  begin(
    actor: Actor,
    request: UploadRequest,
    idempotencyKey: string | undefined,
  ): Promise<{ upload: Upload; parts: readonly SignedPart[] }>;
  /** @throws AppError `not_found`, `validation_failed`, `upload_expired`, `upload_over`, `upload_completing` */
  sign(actor: Actor, sessionId: UploadId, partNumbers: readonly number[]): Promise<readonly SignedPart[]>;
  putPart(actor: Actor, part: PartRequest): Promise<UploadedPart>;
  /** @throws AppError `not_found` */
  get(actor: Actor, sessionId: UploadId): Promise<UploadView>;
  /** `told` are the tags of parts that the client sent directly, for a store that cannot list them. */
  complete(actor: Actor, sessionId: UploadId, told: readonly FoundPart[]): Promise<DocumentRecord>;
  abort(actor: Actor, sessionId: UploadId): Promise<void>;
  /** @throws AppError `not_found` */
  takeVerdict(caller: Caller, documentId: DocumentId, verdict: ScanVerdict): Promise<DocumentRecord>;
}

export function createUploadService(deps: UploadDependencies): UploadService {
  return {
    async begin(actor, request, idempotencyKey) {
      const upload = await beginUpload(deps, actor, request, idempotencyKey);
      refuseUnlessOpen(upload, deps.clock.now());
      return { upload, parts: await signParts(deps, upload, firstParts(upload)) };
    },
    async sign(actor, sessionId, partNumbers) {
      const at = deps.clock.now();
      const found = await deps.documents.findUpload(actor, { sessionId }, at);
      if (found === undefined) throw unknownUpload();
      refuseUnlessOpen(found.upload, at);
      for (const [index, number] of partNumbers.entries())
        refuseOutside(found.upload, number, `part_numbers[${index}]`);
      return signParts(deps, await openAtStore(deps, actor, found.upload), partNumbers);
    },
    putPart: (actor, part) => putPart(deps, actor, part),
    async get(actor, sessionId) {
      const at = deps.clock.now();
      const found = await deps.documents.findUpload(actor, { sessionId }, at, true);
      if (found === undefined) throw unknownUpload();
      const { document, session } = found.upload;
      const state = sessionStateOf(document.status, session.expiresAt, at);
      const parts = state === "open" ? await partsThere(deps, found.upload, found.parts) : [];
      return { upload: found.upload, state, parts };
    },
    complete: (actor, sessionId, told) => complete(deps, actor, sessionId, told),
    abort: (actor, sessionId) => abortUpload(deps, actor, sessionId),
    takeVerdict: (caller, documentId, verdict) => takeVerdict(deps, caller, documentId, verdict),
  };
}

async function complete(
  deps: DocumentDependencies,
  actor: Actor,
  sessionId: UploadId,
  told: readonly FoundPart[],
): Promise<DocumentRecord> {
  const twice = told.length !== new Set(told.map(({ partNumber }) => partNumber)).size;
  if (twice) throw incomplete({ missing: [], wrong: [] }, "parts names a part twice. Name each part once.");
  return completeUpload(deps, actor, { sessionId }, told);
}

/** What S3 says where it can be asked, our own rows otherwise. */
async function partsThere(
  deps: DocumentDependencies,
  upload: Upload,
  known: readonly FoundPart[],
): Promise<readonly FoundPart[]> {
  const { document, session } = upload;
  if (isSingle(upload)) {
    const object = await deps.store.head(keyOf(deps, document, incomingVersion));
    return object === undefined ? [] : [{ partNumber: 1, etag: object.etag, size: object.size }];
  }
  if (session.s3UploadId === null) return [];
  if (!deps.store.capabilities.listParts) return known.toSorted((a, b) => a.partNumber - b.partNumber);
  const listed = await deps.store.listParts({
    key: keyOf(deps, document, multipartVersion),
    uploadId: session.s3UploadId,
  });
  return listed.ok ? listed.value : [];
}
