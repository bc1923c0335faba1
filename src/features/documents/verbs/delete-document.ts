import type { DocumentId } from "../../../shared/ids.ts";
import { incomingVersion } from "../domain/keys.ts";
import { visibleStates } from "../domain/states.ts";
import { incomingGraceSeconds, leaseSeconds } from "../limits.ts";
import { auditOf, keyOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { held, notReady, unknownDocument } from "../refusals.ts";
import type { Caller, DocumentRecord, DocumentRef, Stored, Upload } from "../repository.ts";
import { isSingle } from "./sign-parts.ts";

/**
 * Gone for everybody once the row says so, in one statement that a legal hold forbids; then the object goes. When S3 is
 * not there, calling again goes on, and so does the sweep.
 * @throws AppError `not_found`, `document_held`, `document_not_ready`
 */
export async function deleteDocument(deps: DocumentDependencies, caller: Caller, id: DocumentId): Promise<void> {
  const { moved, current } = await claimDeletion(deps, caller, { documentId: id });
  if (moved && current !== undefined) return finishDeletion(deps, caller, current);
  // Another one is at it.
  if (current?.document.status === "deleting") return;
  if (current === undefined || !visibleStates.includes(current.document.status)) throw unknownDocument();
  throw current.document.legalHold ? held() : notReady(current.document);
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

export async function giveLeaseBack(
  deps: DocumentDependencies,
  caller: Caller,
  document: DocumentRecord,
): Promise<void> {
  const at = deps.clock.now();
  // If this does not get through either, the lease runs out by itself.
  await deps.documents.postpone(caller, document.id, at, at, document.fence).catch(() => undefined);
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
  const dueAt = dueAfterDeletion(upload, at);
  const change = { to: "deleted", at, fence: document.fence, dueAt, leaveFolder: true } as const;
  await deps.documents.transition(caller, { documentId: document.id }, change, undefined);
}

/** Takes a document's objects from the store. May be repeated. */
export async function clearDeleted(
  deps: Pick<DocumentDependencies, "store" | "settings">,
  stored: Stored,
): Promise<void> {
  const { document } = stored;
  await deps.store.delete(keyOf(deps, document, document.version));
  if (isSingle(stored)) await deps.store.delete(keyOf(deps, document, incomingVersion));
}

/** When the sweep must clear the incoming object once more: its address may still write for a while after completion. */
export function dueAfterDeletion(
  { document, session }: { document: Pick<DocumentRecord, "completedAt">; session: Stored["session"] },
  at: Date,
): Date | null {
  const isOpen = document.completedAt === null || at < secondsAfter(document.completedAt, incomingGraceSeconds);
  return isSingle({ session }) && isOpen ? secondsAfter(at, incomingGraceSeconds) : null;
}
