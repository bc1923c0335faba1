import { incomingVersion, multipartVersion } from "../domain/keys.ts";
import { endOfAbort, type DocumentState } from "../domain/states.ts";
import { incomingGraceSeconds, leaseSeconds } from "../limits.ts";
import { auditOf, keyOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { stillCompleting, unknownUpload, uploadOver } from "../refusals.ts";
import type { Caller, DocumentRecord, DocumentRef, SessionRef, Stored, Upload } from "../repository.ts";
import { isSingle } from "./sign-parts.ts";

/** Gives an upload up. Safe to repeat. @throws AppError `not_found`, `upload_completing`, `upload_over` */
export async function abortUpload(deps: DocumentDependencies, caller: Caller, ref: SessionRef): Promise<void> {
  const { moved, current } = await claimAbort(deps, caller, ref);
  if (current === undefined) throw unknownUpload();
  if (moved) return finishAbort(deps, caller, current);
  const ended: readonly DocumentState[] = ["aborting", "aborted", "expired"];
  if (ended.includes(current.document.status)) return;
  throw current.document.status === "completing" ? stillCompleting() : uploadOver("completed");
}

/**
 * Takes the lease under which one worker aborts; also from one whose lease has run out, or who has given it back because the
 * upload could not be completed.
 */
export function claimAbort(deps: DocumentDependencies, caller: Caller, ref: DocumentRef, reason?: string) {
  const at = deps.clock.now();
  const dueAt = secondsAfter(at, leaseSeconds);
  const onlyFrom: readonly DocumentState[] = ["planned", "uploading", "completing", "aborting"];
  const why = reason === undefined ? {} : { reason };
  const audit = auditOf(deps, caller, "document.abort", ref.documentId ?? null, at, why);
  const change = { to: "aborting", at, claim: true, dueAt, onlyFrom, leaveFolder: true } as const;
  return deps.documents.transition(caller, ref, change, audit);
}

/** Whatever there may be at S3 goes, then the row is settled. May be repeated from the start. */
export async function finishAbort(deps: DocumentDependencies, caller: Caller, upload: Upload): Promise<void> {
  const { document, session } = upload;
  try {
    await clearAborted(deps, upload);
  } catch (error) {
    await giveLeaseBack(deps, caller, document);
    throw error;
  }
  const at = deps.clock.now();
  const to = endOfAbort(at, session.expiresAt);
  await deps.documents.transition(
    caller,
    { documentId: document.id },
    {
      to,
      at,
      fence: document.fence,
      dueAt: secondsAfter(at, incomingGraceSeconds),
      dueIfSigned: true,
      leaveFolder: true,
    },
    auditOf(deps, caller, "document.abort_end", document.id, at, { changes: { status: to } }),
  );
}

export async function giveLeaseBack(
  deps: DocumentDependencies,
  caller: Caller,
  document: DocumentRecord,
): Promise<void> {
  const at = deps.clock.now();
  // If this does not get through either, the lease runs out by itself.
  await deps.documents.postpone(caller, document.id, at, at, document.fence).catch(() => undefined);
}

/** Takes from the store whatever there may be of an upload. May be repeated. */
export async function clearAborted(
  deps: Pick<DocumentDependencies, "store" | "settings">,
  upload: Stored,
): Promise<void> {
  const { document, session } = upload;
  if (isSingle(upload)) return deps.store.delete(keyOf(deps, document, incomingVersion));
  // Never opened, as far as we were told: nothing can have been sent.
  if (session.s3UploadId === null) return;
  const key = keyOf(deps, document, multipartVersion);
  await deps.store.abortUpload({ key, uploadId: session.s3UploadId });
  // A completion whose reply was lost has left an object.
  await deps.store.delete(key);
}
