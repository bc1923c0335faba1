import type { DocumentId } from "../../../shared/ids.ts";
import { incomingVersion } from "../domain/keys.ts";
import { openStates, visibleStates } from "../domain/states.ts";
import { incomingGraceSeconds, leaseSeconds } from "../limits.ts";
import { auditOf, keyOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { held, stillCompleting, unknownDocument } from "../refusals.ts";
import type { Caller, DocumentRecord, DocumentRef, Stored, Upload } from "../repository.ts";
import { claimAbort, finishAbort, giveLeaseBack } from "./abort-upload.ts";
import { isSingle } from "./sign-parts.ts";

/**
 * Gone for everybody once the row says so, in one statement that a legal hold forbids; then the object goes. When S3 is
 * not there, calling again goes on, and so does the sweep. Of an upload under way, which may be known by its document alone,
 * nothing is to be kept: it is given up. @throws AppError `not_found`, `document_held`, `upload_completing`
 */
export async function deleteDocument(deps: DocumentDependencies, caller: Caller, id: DocumentId): Promise<void> {
  const { moved, current } = await claimDeletion(deps, caller, { documentId: id });
  if (moved && current !== undefined) return finishDeletion(deps, caller, current);
  // Another one is at it.
  if (current?.document.status === "deleting") return;
  if (current === undefined || !visibleStates.includes(current.document.status)) throw unknownDocument();
  if (!openStates.includes(current.document.status)) throw held();
  const given = await claimAbort(deps, caller, { documentId: id });
  if (given.moved && given.current !== undefined) return finishAbort(deps, caller, given.current);
  // Else another one has given it up. One that has just been completed can be deleted when its caller knows.
  if (given.current !== undefined && visibleStates.includes(given.current.document.status)) throw stillCompleting();
}

export function claimDeletion(
  deps: DocumentDependencies,
  caller: Caller,
  ref: DocumentRef & { documentId: DocumentId },
) {
  const at = deps.clock.now();
  const dueAt = secondsAfter(at, leaseSeconds);
  const audit = auditOf(deps, caller, "document.delete", ref.documentId, at);
  return deps.documents.transition(
    caller,
    ref,
    { to: "deleting", at, claim: true, dueAt, unlessHeld: true, quarantineReason: null, leaveFolder: true },
    audit,
  );
}

/** May be repeated from the start. */
export async function finishDeletion(deps: DocumentDependencies, caller: Caller, upload: Upload): Promise<void> {
  const { document } = upload;
  try {
    await clearDeleted(deps, upload);
  } catch (error) {
    // The lease is given back, so that the next call goes on at once.
    await giveLeaseBack(deps, caller, document);
    throw error;
  }
  const at = deps.clock.now();
  const due = { dueAt: dueAfterDeletion(upload, at), dueIfSigned: true };
  const change = { to: "deleted", at, fence: document.fence, ...due, leaveFolder: true } as const;
  const audit = auditOf(deps, caller, "document.delete_end", document.id, at);
  await deps.documents.transition(caller, { documentId: document.id }, change, audit);
}

/** Takes a document's objects from the store: what came in as well, unless that is known to be gone. May be repeated. */
export async function clearDeleted(
  deps: Pick<DocumentDependencies, "store" | "settings">,
  stored: Stored,
  incomingToo = true,
): Promise<void> {
  for (const key of keysOf(deps, stored, incomingToo)) await deps.store.delete(key);
}

export function keysOf(deps: Pick<DocumentDependencies, "settings">, stored: Stored, incomingToo: boolean): string[] {
  const { document } = stored;
  const versions = isSingle(stored) && incomingToo ? [document.version, incomingVersion] : [document.version];
  return versions.map((version) => keyOf(deps, document, version));
}

/** When the sweep must clear the incoming object once more: an address that was signed may still write for a while after completion. */
export function dueAfterDeletion(
  { document, session }: { document: Pick<DocumentRecord, "completedAt">; session: Stored["session"] },
  at: Date,
): Date | null {
  const isOpen = document.completedAt === null || at < secondsAfter(document.completedAt, incomingGraceSeconds);
  return isSingle({ session }) && isOpen ? secondsAfter(at, incomingGraceSeconds) : null;
}
