import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { FolderDeletionId } from "../../../shared/ids.ts";
import { endOfAbort } from "../domain/states.ts";
import type { FolderPath } from "../domain/names.ts";
import type { DeletionStep, FolderDeletionRef, SettledDocument, TakenDocument } from "../folder-repository.ts";
import {
  clearedAtOnce,
  deletionBatch,
  deletionBatches,
  deletionCallSeconds,
  deletionIdleSeconds,
  leaseSeconds,
} from "../limits.ts";
import { auditOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { folderLeaving, folderNotEmpty, unknownFolder } from "../refusals.ts";
import type { Caller } from "../repository.ts";
import { clearAborted } from "./abort-upload.ts";
import { clearDeleted, dueAfterDeletion } from "./delete-document.ts";

/** Deletes a folder that has nothing in it. @throws AppError `not_found`, `folder_not_empty`, `folder_being_deleted` */
export async function deleteEmptyFolder(deps: DocumentDependencies, actor: Actor, path: FolderPath): Promise<void> {
  const at = deps.clock.now();
  const outcome = await deps.folders.removeEmpty(actor, path, folderAudit(deps, actor, "folder.delete", path, at));
  if (outcome === "unknown") throw unknownFolder();
  if (outcome === "being_deleted") throw folderLeaving();
  if (outcome === "not_empty") throw folderNotEmpty();
}

/**
 * Closes the folder and deletes what is in it and below, as much as one call may; the sweep, or the same call again, goes on.
 * A held document stays, and so do the folders it is in; everything beside it goes.
 * @throws AppError `not_found`, `folder_being_deleted` for a folder in one that is being deleted
 */
export async function deleteFolder(
  deps: DocumentDependencies,
  actor: Actor,
  path: FolderPath,
): Promise<{ id: FolderDeletionId; ended: boolean }> {
  const at = deps.clock.now();
  const times = { at, nextAt: secondsAfter(at, deletionIdleSeconds) };
  const wanted = { id: deps.random.uuid() as FolderDeletionId, path };
  const audit = folderAudit(deps, actor, "folder.delete", path, at, wanted);
  const begun = await deps.deletions.begin(actor, wanted, times, audit);
  if (begun === "unknown") throw unknownFolder();
  if (begun === "being_deleted") throw folderLeaving();
  const until = secondsAfter(at, deletionCallSeconds);
  const { ended } = await continueDeletion(deps, actor, begun, { batches: deletionBatches.call, until });
  return { id: begun.id, ended };
}

/**
 * Takes on batch after batch, as far as `bounds` allow: the rows first, in one statement, then the store, then the rows
 * again. Any number may do so at once, since each document is taken by one. Stops when the store fails.
 */
export async function continueDeletion(
  deps: DocumentDependencies,
  caller: Caller,
  deletion: FolderDeletionRef,
  bounds: { readonly batches: number; readonly until: Date; readonly mayCall?: () => boolean },
): Promise<{ ended: boolean }> {
  let settled: readonly SettledDocument[] = [];
  let failed = false;
  for (let batches = 0; ; batches += 1) {
    const mayGoOn = batches < bounds.batches && deps.clock.now() < bounds.until && bounds.mayCall?.() !== false;
    const goesOn = !failed && mayGoOn;
    const wanted = goesOn ? deletionBatch : 0;
    const { took, taken, ended } = await deps.deletions.step(
      caller,
      deletion,
      stepOf(deps, caller, deletion, settled, wanted),
    );
    if (took === 0) return { ended };
    settled = await clear(deps, taken);
    failed = settled.some(({ to }) => to === undefined);
  }
}

function stepOf(
  deps: DocumentDependencies,
  caller: Caller,
  deletion: FolderDeletionRef,
  settled: readonly SettledDocument[],
  wanted: number,
): DeletionStep {
  const at = deps.clock.now();
  return {
    settled,
    settledIds: settled.map(() => deps.random.uuid()),
    auditIds: Array.from({ length: wanted }, () => deps.random.uuid()),
    at,
    leaseUntil: secondsAfter(at, leaseSeconds),
    nextAt: secondsAfter(at, deletionIdleSeconds),
    audits: {
      document: auditOf(deps, caller, "document.delete", null, at, { changes: { folder_deletion: deletion.id } }),
      end: folderAudit(deps, caller, "folder.delete_end", deletion.path, at, deletion),
    },
  };
}

/** A few at once. When the store fails, those not yet begun are left to the sweep of documents. */
async function clear(deps: DocumentDependencies, taken: readonly TakenDocument[]): Promise<SettledDocument[]> {
  const settled: SettledDocument[] = [];
  let failed = false;
  for (let first = 0; first < taken.length; first += clearedAtOnce) {
    const some = taken.slice(first, first + clearedAtOnce);
    const outcomes: readonly SettledDocument[] = failed
      ? some.map(leftAlone(deps))
      : await Promise.all(some.map((one) => clearOne(deps, one)));
    settled.push(...outcomes);
    failed = outcomes.some(({ to }) => to === undefined);
  }
  return settled;
}

const leftAlone =
  (deps: DocumentDependencies) =>
  ({ document: { id, fence } }: TakenDocument): SettledDocument => ({
    id,
    fence,
    dueAt: deps.clock.now(),
    failed: false,
  });

async function clearOne(deps: DocumentDependencies, taken: TakenDocument): Promise<SettledDocument> {
  const { document, session } = taken;
  const { id, fence } = document;
  try {
    await (document.status === "aborting" ? clearAborted(deps, taken) : clearDeleted(deps, taken, taken.wasDue));
  } catch (error) {
    deps.onFault("document_cleanup_late", id, error);
    return { id, fence, dueAt: deps.clock.now(), failed: true };
  }
  const at = deps.clock.now();
  const to = document.status === "aborting" ? endOfAbort(at, session.expiresAt) : "deleted";
  return { id, fence, to, dueAt: dueAfterDeletion(taken, at), failed: false };
}

export const folderAudit = (
  { random, origin }: Pick<DocumentDependencies, "random" | "origin">,
  caller: Caller,
  action: AuditEntry["action"],
  path: FolderPath,
  at: Date,
  deletion?: FolderDeletionRef,
): AuditEntry => ({
  id: random.uuid(),
  companyId: caller.companyId,
  at,
  actorUserId: caller.userId ?? null,
  action,
  targetType: "folder",
  targetId: path,
  outcome: "done",
  origin,
  ...(deletion === undefined ? {} : { changes: { folder_deletion: deletion.id } }),
});
