import type { Actor } from "../../shared/access.ts";
import type { FoundPart } from "./domain/parts.ts";
import { sessionStateOf, type SessionState } from "./domain/states.ts";
import type { UploadedPart } from "./object-store.ts";
import type { UploadDependencies } from "./ports.ts";
import { unknownUpload } from "./refusals.ts";
import type { DocumentRecord, SessionRef, Upload } from "./repository.ts";
import { abortUpload } from "./verbs/abort-upload.ts";
import { beginUpload, type UploadRequest } from "./verbs/begin-upload.ts";
import { completeUpload } from "./verbs/complete-upload.ts";
import { partsThere } from "./verbs/parts-there.ts";
import { putPart, type PartRequest } from "./verbs/put-part.ts";
import { firstParts, openForParts, signParts, type SignedPart } from "./verbs/sign-parts.ts";

export interface UploadView {
  readonly upload: Upload;
  readonly state: SessionState;
  /** Those that are there, in order. Empty once the upload is over. */
  readonly parts: readonly FoundPart[];
}

export interface UploadService {
  /** The same key again gives the same upload; no parts once it is over. */
  begin(
    actor: Actor,
    request: UploadRequest,
    idempotencyKey: string | undefined,
  ): Promise<{ upload: Upload; parts: readonly SignedPart[] }>;
  /** @throws AppError `not_found`, `validation_failed`, `upload_expired`, `upload_over`, `upload_completing` */
  sign(actor: Actor, ref: SessionRef, partNumbers: readonly number[]): Promise<readonly SignedPart[]>;
  putPart(actor: Actor, part: PartRequest): Promise<UploadedPart>;
  /** @throws AppError `not_found` */
  get(actor: Actor, ref: SessionRef): Promise<UploadView>;
  /** `told` are the tags of parts that the client sent directly, for a store that cannot list them. */
  complete(actor: Actor, ref: SessionRef, told: readonly FoundPart[]): Promise<DocumentRecord>;
  abort(actor: Actor, ref: SessionRef): Promise<void>;
}

export function createUploadService(deps: UploadDependencies): UploadService {
  return {
    async begin(actor, request, idempotencyKey) {
      const upload = await beginUpload(deps, actor, request, idempotencyKey);
      const { document, session } = upload;
      const isOpen = sessionStateOf(document.status, session.expiresAt, deps.clock.now()) === "open";
      return { upload, parts: isOpen ? await signParts(deps, upload, firstParts(upload)) : [] };
    },
    async sign(actor, ref, partNumbers) {
      const upload = await openForParts(deps, actor, ref, partNumbers, (index) => `part_numbers[${index}]`);
      return signParts(deps, upload, partNumbers);
    },
    putPart: (actor, part) => putPart(deps, actor, part),
    async get(actor, ref) {
      const at = deps.clock.now();
      const found = await deps.documents.findUpload(actor, ref, at, true);
      if (found === undefined) throw unknownUpload();
      const { document, session } = found.upload;
      const state = sessionStateOf(document.status, session.expiresAt, at);
      const parts = state === "open" ? await partsThere(deps, found.upload, found.parts) : [];
      return { upload: found.upload, state, parts };
    },
    complete: (actor, ref, told) => completeUpload(deps, actor, ref, told),
    abort: (actor, ref) => abortUpload(deps, actor, ref),
  };
}
