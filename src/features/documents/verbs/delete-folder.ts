import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { FolderDeletionId } from "../../../shared/ids.ts";
import { endOfAbort } from "../domain/states.ts";
import type { FolderPath } from "../domain/names.ts";
import type { DeletionStep, FolderDeletionRef, SettledDocument, TakenDocument } from "../folder-repository.ts";
import {
  clearedAtOnce,
  deletionCallSeconds,
  deletionIdleSeconds,
  deletionOneByOne,
  deletionTogether,
  leaseSeconds,
} from "../limits.ts";
import { auditOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { folderLeaving, folderNotEmpty, unknownFolder } from "../refusals.ts";
import type { Caller } from "../repository.ts";
import { clearAborted } from "./abort-upload.ts";
import { clearDeleted, dueAfterDeletion, keysOf } from "./delete-document.ts";

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
  const { ended } = await continueDeletion(deps, actor, begun, { batches: paceOf(deps).call, until });
  return { id: begun.id, ended };
}

export const paceOf = ({ store }: Pick<DocumentDependencies, "store">) =>
  store.capabilities.deleteObjects ? deletionTogether : deletionOneByOne;

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
    const wanted = goesOn ? paceOf(deps).batch : 0;
    const { took, taken, ended } = await deps.deletions.step(
      caller,
      deletion,
      stepOf(deps, caller, deletion, settled, wanted),
    );
    if (took === 0) return { ended };
    ({ settled, failed } = await clear(deps, taken));
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

interface Clearing {
  readonly settled: readonly SettledDocument[];
  /** Whether the store did not do its part. That it refuses one object says nothing of the others. */
  readonly failed: boolean;
}

/** A few calls at once. When the store fails, those not yet begun are left to the sweep of documents. */
async function clear(deps: DocumentDependencies, taken: readonly TakenDocument[]): Promise<Clearing> {
  const settled: SettledDocument[] = [];
  const groups = groupsOf(deps, taken);
  let failed = false;
  for (let first = 0; first < groups.length; first += clearedAtOnce) {
    const some = groups.slice(first, first + clearedAtOnce);
    if (failed) settled.push(...some.flat().map(leftAlone(deps)));
    else
      for (const cleared of await Promise.all(some.map((group) => clearGroup(deps, group)))) {
        settled.push(...cleared.settled);
        failed ||= cleared.failed;
      }
  }
  return { settled, failed };
}

/** What S3 clears together, the most of it first: an upload that is given up has steps of its own, which may outlast the lease. */
function groupsOf(deps: DocumentDependencies, taken: readonly TakenDocument[]): TakenDocument[][] {
  const groups: TakenDocument[][] = [];
  const whole = taken.filter((one) => !isGivenUp(one));
  const { atOnce } = paceOf(deps);
  for (let first = 0; first < whole.length; first += atOnce) groups.push(whole.slice(first, first + atOnce));
  return [...groups, ...taken.filter(isGivenUp).map((one) => [one])];
}

const isGivenUp = ({ document }: TakenDocument): boolean => document.status === "aborting";

const leftAlone =
  (deps: DocumentDependencies) =>
  ({ document: { id, fence } }: TakenDocument): SettledDocument => ({
    id,
    fence,
    dueAt: deps.clock.now(),
    failed: false,
  });

async function clearGroup(deps: DocumentDependencies, group: readonly TakenDocument[]): Promise<Clearing> {
  const keys = (one: TakenDocument) => keysOf(deps, one, one.wasDue);
  try {
    const [first] = group;
    if (group.length > 1) {
      const refused = await deps.store.deleteTogether(group.flatMap(keys));
      const settled = group.map((one) => {
        const code = keys(one)
          .map((key) => refused.get(key))
          .find((found) => found !== undefined);
        return code === undefined ? cleared(deps, one) : notCleared(deps, one, new Error(`DeleteObjects ${code}`));
      });
      return { settled, failed: false };
    }
    if (first !== undefined)
      await (isGivenUp(first) ? clearAborted(deps, first) : clearDeleted(deps, first, first.wasDue));
    return { settled: group.map((one) => cleared(deps, one)), failed: false };
  } catch (error) {
    return { settled: group.map((one) => notCleared(deps, one, error)), failed: true };
  }
}

function cleared({ clock }: DocumentDependencies, taken: TakenDocument): SettledDocument {
  const { id, fence } = taken.document;
  const at = clock.now();
  const to = isGivenUp(taken) ? endOfAbort(at, taken.session.expiresAt) : "deleted";
  return { id, fence, to, dueAt: dueAfterDeletion(taken, at), failed: false };
}

function notCleared(
  { clock, onFault }: DocumentDependencies,
  { document: { id, fence } }: TakenDocument,
  error: unknown,
): SettledDocument {
  onFault("document_cleanup_late", id, error);
  return { id, fence, dueAt: clock.now(), failed: true };
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
