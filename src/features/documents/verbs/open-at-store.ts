import type { Actor } from "../../../shared/access.ts";
import { invariant } from "../../../shared/errors.ts";
import { multipartVersion } from "../domain/keys.ts";
import { auditOf, keyOf, type DocumentDependencies } from "../ports.ts";
import { uploadExpired, uploadOver } from "../refusals.ts";
import type { Upload } from "../repository.ts";

/** Opens the multipart upload of a planned document; any other is open already. Safe to repeat and to run twice at once. */
export async function openAtStore(deps: DocumentDependencies, actor: Actor, upload: Upload): Promise<Upload> {
  const { document, session } = upload;
  if (document.status !== "planned") return upload;
  const at = deps.clock.now();
  if (at >= session.expiresAt) throw uploadExpired();
  const key = keyOf(deps, document, multipartVersion);
  const { uploadId } = await deps.store.createUpload(key);
  const ref = { sessionId: session.id };
  const { moved, current } = await deps.documents.transition(
    actor,
    ref,
    { to: "uploading", at, onlyFrom: ["planned"], s3UploadId: uploadId },
    auditOf(deps, actor, "document.open", document.id, at),
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
