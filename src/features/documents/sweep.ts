import { AppError } from "../../shared/errors.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { incomingVersion } from "./domain/keys.ts";
import { callsPerTurn, healedAtOnce, maxDuePerSweep, sweepSeconds } from "./limits.ts";
import { keyOf, secondsAfter, type DocumentDependencies, type SweepDependencies } from "./ports.ts";
import type { DueDocument } from "./repository.ts";
import { claimAbort, finishAbort } from "./verbs/abort-upload.ts";
import { completeUpload } from "./verbs/complete-upload.ts";
import { claimDeletion, finishDeletion } from "./verbs/delete-document.ts";
import { giveScanUp, nextScanAt, requestScan } from "./verbs/scan.ts";

export interface DocumentSweep {
  /** Documents that were looked at. */
  readonly due: number;
  readonly failures: readonly { readonly documentId: DocumentId; readonly error: unknown }[];
}

/**
 * What was left half done, or ran out of time, of any company: a few at a time, until the turn's time or its calls are
 * used up. Two at once do no harm: each thing is claimed.
 */
export async function sweepDocuments(deps: SweepDependencies, at: Date): Promise<DocumentSweep> {
  const until = secondsAfter(deps.clock.now(), sweepSeconds);
  const queue = [...(await deps.sweeps.findDue(at, maxDuePerSweep))];
  const failures: { documentId: DocumentId; error: unknown }[] = [];
  let due = 0;
  const healInTurn = async (): Promise<void> => {
    while (deps.clock.now() < until && deps.calls() < callsPerTurn.due) {
      const one = queue.shift();
      if (one === undefined) return;
      due += 1;
      try {
        await heal(deps, one, at);
      } catch (error) {
        failures.push({ documentId: one.documentId, error });
        // To the end of the queue, so that one that always fails does not stand in the way of the others. Not beyond now: in
        // some states that would be a lease nobody holds, and the next call would wait for it.
        await deps.documents.postpone(one, one.documentId, deps.clock.now(), at);
      }
    }
  };
  await Promise.all(Array.from({ length: healedAtOnce }, healInTurn));
  return { due, failures };
}

/** By the state it was found in: whoever has changed it since has claimed it, and set a time of his own. */
async function heal(deps: DocumentDependencies, due: DueDocument, at: Date): Promise<void> {
  const { companyId, documentId, status } = due;
  const caller = { companyId };
  switch (status) {
    case "planned":
    case "uploading":
    case "aborting": {
      const { moved, current } = await claimAbort(deps, caller, { documentId });
      if (moved && current !== undefined) await finishAbort(deps, caller, current);
      return;
    }
    case "completing":
      return completeOrGiveUp(deps, due, at);
    case "deleting": {
      const { moved, current } = await claimDeletion(deps, caller, { documentId });
      if (moved && current !== undefined) await finishDeletion(deps, caller, current);
      return;
    }
    case "scanning":
      return askAgain(deps, due, at);
    case "ready":
    case "quarantined":
    case "aborted":
    case "expired":
    case "deleted":
      // Its address may have written once more.
      await deps.store.delete(keyOf(deps, { companyId, id: documentId }, incomingVersion));
      return deps.documents.postpone(caller, documentId, null, at);
  }
}

/** What fails each time, as when S3 cannot read its own object, ends when its time is over: it holds a place, and its folder. */
async function completeOrGiveUp(
  deps: DocumentDependencies,
  { companyId, documentId }: DueDocument,
  at: Date,
): Promise<void> {
  const [caller, ref] = [{ companyId }, { documentId }];
  try {
    await completeUpload(deps, caller, ref);
  } catch (error) {
    // Parts are missing: the upload is open again, and ends when its time is over.
    if (error instanceof AppError && error.code !== "unavailable") return;
    const found = await deps.documents.findUpload(caller, ref, at);
    if (found !== undefined && found.upload.session.expiresAt <= at) {
      const { moved, current } = await claimAbort(deps, caller, ref, "it could not be completed in its time");
      if (moved && current !== undefined) await finishAbort(deps, caller, current);
    }
    throw error;
  }
}

async function askAgain(deps: DocumentDependencies, { companyId, documentId }: DueDocument, at: Date): Promise<void> {
  const caller = { companyId };
  const found = await deps.documents.findUpload(caller, { documentId }, at);
  if (found === undefined) return deps.documents.postpone(caller, documentId, null, at);
  const { document } = found.upload;
  await deps.store.delete(keyOf(deps, document, incomingVersion));
  const next = nextScanAt(document.changedAt, at);
  if (next === undefined) return giveScanUp(deps, document);
  // First the time, then the question: who dies in between asks again later, and nobody asks every minute.
  await deps.documents.postpone(caller, document.id, next, at);
  return requestScan(deps, document);
}
