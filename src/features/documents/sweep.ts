import { AppError } from "../../shared/errors.ts";
import type { CompanyId, DocumentId } from "../../shared/ids.ts";
import { incomingVersion, parseKey, type ObjectKey } from "./domain/keys.ts";
import { isOrphanedObject, isOrphanedUpload, type KnownDocument } from "./domain/orphans.ts";
import { maxDuePerSweep, orphanGraceSeconds, orphanPagesPerSweep } from "./limits.ts";
import type { PageOptions } from "./object-store.ts";
import { keyOf, secondsAfter, type DocumentDependencies } from "./ports.ts";
import type { DueDocument, SweepRepository, Upload } from "./repository.ts";
import { claimAbort, finishAbort } from "./verbs/abort-upload.ts";
import { completeUpload } from "./verbs/complete-upload.ts";
import { claimDeletion, finishDeletion } from "./verbs/delete-document.ts";
import { giveScanUp, nextScanAt, requestScan } from "./verbs/scan.ts";
import { isSingle } from "./verbs/sign-parts.ts";

export interface DocumentSweep {
  readonly due: number;
  readonly orphans: number;
  readonly failures: readonly { readonly documentId: DocumentId; readonly error: unknown }[];
}

type SweepDependencies = DocumentDependencies & { readonly sweeps: SweepRepository };

/** What was left half done, or ran out of time, of any company. Bounded; two at once do no harm: each thing is claimed. */
export async function sweepDocuments(deps: SweepDependencies, at: Date): Promise<DocumentSweep> {
  const due = await deps.sweeps.findDue(at, maxDuePerSweep);
  const failures: { documentId: DocumentId; error: unknown }[] = [];
  for (const one of due) {
    try {
      await heal(deps, one, at);
    } catch (error) {
      failures.push({ documentId: one.documentId, error });
      // To the end of the queue, so that one that always fails does not stand in the way of the others. Not beyond now: in
      // some states that would be a lease nobody holds, and the next call would wait for it.
      await deps.documents.postpone(one, one.documentId, deps.clock.now(), at);
    }
  }
  return { due: due.length, orphans: await sweepOrphans(deps, at), failures };
}

async function heal(deps: DocumentDependencies, { companyId, documentId }: DueDocument, at: Date): Promise<void> {
  const caller = { companyId };
  const found = await deps.documents.findUpload(caller, { documentId }, at);
  if (found === undefined) return;
  switch (found.upload.document.status) {
    case "planned":
    case "uploading":
    case "aborting": {
      const { moved, current } = await claimAbort(deps, caller, { documentId });
      if (moved && current !== undefined) await finishAbort(deps, caller, current);
      return;
    }
    case "completing":
      return completeOrGiveUp(deps, found.upload, at);
    case "deleting": {
      const { moved, current } = await claimDeletion(deps, caller, { documentId });
      if (moved && current !== undefined) await finishDeletion(deps, caller, current);
      return;
    }
    case "scanning":
      return askAgain(deps, found.upload, at);
    case "ready":
    case "quarantined":
    case "aborted":
    case "expired":
    case "deleted":
      await clearIncoming(deps, found.upload);
      return deps.documents.postpone(caller, documentId, null, at);
  }
}

/** What fails each time, as when S3 cannot read its own object, ends when its time is over: it holds a place, and its folder. */
async function completeOrGiveUp(deps: DocumentDependencies, { document, session }: Upload, at: Date): Promise<void> {
  const caller = { companyId: document.companyId };
  const ref = { documentId: document.id };
  try {
    await completeUpload(deps, caller, ref);
  } catch (error) {
    // Parts are missing: the upload is open again, and ends when its time is over.
    if (error instanceof AppError && error.code !== "unavailable") return;
    if (session.expiresAt <= at) {
      const { moved, current } = await claimAbort(deps, caller, ref, "it could not be completed in its time");
      if (moved && current !== undefined) await finishAbort(deps, caller, current);
    }
    throw error;
  }
}

const clearIncoming = async (deps: DocumentDependencies, upload: Upload): Promise<void> =>
  isSingle(upload) ? deps.store.delete(keyOf(deps, upload.document, incomingVersion)) : undefined;

async function askAgain(deps: DocumentDependencies, upload: Upload, at: Date): Promise<void> {
  const { document } = upload;
  const caller = { companyId: document.companyId };
  await clearIncoming(deps, upload);
  const next = nextScanAt(document.changedAt, at);
  if (next === undefined) return giveScanUp(deps, document);
  // First the time, then the question: who dies in between asks again later, and nobody asks every minute.
  await deps.documents.postpone(caller, document.id, next, at);
  return requestScan(deps, document);
}

/**
 * Objects and multipart uploads at S3 that no row of ours needs. Each call looks at one of 256 shares of the keys, by the
 * minute, so that all are seen every few hours and nothing has to be remembered. What is young is left alone.
 */
async function sweepOrphans(deps: SweepDependencies, at: Date): Promise<number> {
  const share = (Math.floor(at.getTime() / 60_000) % 256).toString(16).padStart(2, "0");
  const prefix = `${deps.settings.environment}/${share}`;
  const before = secondsAfter(at, -orphanGraceSeconds);
  const { store } = deps;
  const objects = await gather((page) => store.list(prefix, page));
  const oldObjects = objects.filter(({ modifiedAt }) => modifiedAt < before);
  const removedObjects = await removeOrphans(deps, oldObjects, isOrphanedKey, ({ key }) => store.delete(key));
  if (!store.capabilities.listUploads) return removedObjects;
  const uploads = await gather((page) => store.listUploads(prefix, page));
  const oldUploads = uploads.filter(({ startedAt }) => startedAt < before);
  const isOrphan = ({ uploadId }: { uploadId: string }, _: ObjectKey, row: KnownDocument | undefined) =>
    isOrphanedUpload(uploadId, row);
  return removedObjects + (await removeOrphans(deps, oldUploads, isOrphan, (upload) => store.abortUpload(upload)));
}

const isOrphanedKey = (_: unknown, { version }: ObjectKey, row: KnownDocument | undefined) =>
  isOrphanedObject(version, row);

async function gather<T>(read: (page: PageOptions) => Promise<{ items: readonly T[]; cursor?: string }>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < orphanPagesPerSweep; page += 1) {
    const found = await read({ cursor });
    items.push(...found.items);
    cursor = found.cursor;
    if (cursor === undefined) break;
  }
  return items;
}

async function removeOrphans<T extends { readonly key: string }>(
  deps: SweepDependencies,
  things: readonly T[],
  isOrphan: (thing: T, key: ObjectKey, row: KnownDocument | undefined) => boolean,
  remove: (thing: T) => Promise<unknown>,
): Promise<number> {
  const byCompany = new Map<CompanyId, { thing: T; key: ObjectKey }[]>();
  for (const thing of things) {
    const key = parseKey(thing.key);
    if (key !== undefined) byCompany.set(key.companyId, [...(byCompany.get(key.companyId) ?? []), { thing, key }]);
  }
  let removed = 0;
  for (const [companyId, named] of byCompany) {
    const rows = await deps.sweeps.findKnown(companyId, new Set(named.map(({ key }) => key.documentId)));
    for (const { thing, key } of named) {
      if (!isOrphan(thing, key, rows.get(key.documentId))) continue;
      await remove(thing);
      removed += 1;
    }
  }
  return removed;
}
