import type { AuditAction } from "../../../shared/audit.ts";
import { incomingVersion, multipartVersion } from "../domain/keys.ts";
import { compareParts, lastOf, minPartBytes, type FoundPart } from "../domain/parts.ts";
import { storedWholeStates, type DocumentState } from "../domain/states.ts";
import { completionPollMs, completionWaitMs, incomingGraceSeconds, leaseSeconds, scanRetrySeconds } from "../limits.ts";
import { auditOf, keyOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { incomplete, stillCompleting, unknownUpload, uploadExpired, uploadLost, uploadOver } from "../refusals.ts";
import type { Caller, DocumentRecord, DocumentRef, TransitionResult, Upload } from "../repository.ts";
import { judgeWhole } from "../sniffing.ts";
import { finishAbort } from "./abort-upload.ts";
import { isWhole, judge, short, type Assembly, type Whole } from "./assembly.ts";
import { requestScan } from "./scan.ts";
import { isSingle, s3UploadIdOf, shapeOf } from "./sign-parts.ts";

/**
 * Puts the parts together, looks at the content, and makes the document ready, scanned or quarantined. Of many calls at
 * once one works, under a lease; the others wait for its outcome and give the same answer. Safe to repeat.
 * Two round trips to Postgres, however many parts. @throws AppError `upload_incomplete`, `upload_expired`, `upload_over`, …
 */
export async function completeUpload(
  deps: DocumentDependencies,
  caller: Caller,
  ref: DocumentRef,
  told: readonly FoundPart[] = [],
): Promise<DocumentRecord> {
  const twice = told.length !== new Set(told.map(({ partNumber }) => partNumber)).size;
  if (twice) throw incomplete({ missing: [], wrong: [] }, "parts names a part twice. Name each part once.");
  const deadline = deps.clock.now().getTime() + completionWaitMs;
  let pause: number = completionPollMs.first;
  for (;;) {
    const claimed = await claim(deps, caller, ref, told);
    const { current } = claimed;
    if (current === undefined) throw unknownUpload();
    if (claimed.moved) return assemble(deps, caller, current, claimed.parts, told);
    const settled = outcomeOf(current, deps.clock.now());
    if (settled !== undefined) return settled;
    if (deps.clock.now().getTime() + pause > deadline) throw stillCompleting();
    await deps.wait(pause);
    pause = Math.min(pause * 2, completionPollMs.most);
  }
}

/** With the lease is kept how many parts there are to be: whoever goes on after a crash has no list, and joins no fewer. */
async function claim(
  deps: DocumentDependencies,
  caller: Caller,
  ref: DocumentRef,
  told: readonly FoundPart[],
): Promise<TransitionResult> {
  const at = deps.clock.now();
  const lease = { claim: true, dueAt: secondsAfter(at, leaseSeconds), unlessExpired: true };
  // Who asks again and again for what is not all there fills no history.
  const auditUnlessLast = { action: "document.incomplete" } as const;
  return deps.documents.transition(
    caller,
    ref,
    { to: "completing", at, ...lease, auditUnlessLast, ...(told.length === 0 ? {} : { namedParts: lastOf(told) }) },
    auditOf(deps, caller, "document.complete_begin", ref.documentId ?? null, at),
    !deps.store.capabilities.listParts,
  );
}

/** The answer where there is nothing to do; undefined while another one is completing. */
function outcomeOf({ document, session }: Upload, now: Date): DocumentRecord | undefined {
  if (storedWholeStates.includes(document.status)) return document;
  if (document.status === "expired") throw uploadExpired();
  if (document.status === "aborting" || document.status === "aborted") throw uploadOver("aborted");
  if (document.status === "deleting" || document.status === "deleted") throw unknownUpload();
  if (document.status === "completing") return undefined;
  if (now >= session.expiresAt) throw uploadExpired();
  // Planned: nothing can have been sent. Uploading: another one found parts missing just now; this one looks for itself.
  if (document.status === "planned") throw incomplete(compareParts(shapeOf({ document, session }), []));
  return undefined;
}

async function assemble(
  deps: DocumentDependencies,
  caller: Caller,
  upload: Upload,
  known: readonly FoundPart[],
  told: readonly FoundPart[],
): Promise<DocumentRecord> {
  let assembly: Assembly;
  try {
    assembly = await (isSingle(upload) ? deps.inRoom(() => takeIn(deps, upload)) : join(deps, upload, known, told));
  } catch (error) {
    // The lease is given back: the next call, or the sweep, looks at what S3 has and goes on from there.
    await settle(deps, caller, upload, "completing", { dueAt: deps.clock.now() }).catch(() => undefined);
    throw error;
  }
  if (assembly.outcome === "incomplete") {
    const { missing, wrong, refusal } = assembly;
    // What was named was for whoever goes on after a crash: the next call names its own.
    const open = { dueAt: upload.session.expiresAt, namedParts: null };
    await settle(deps, caller, upload, "uploading", open, { missing, wrong });
    throw refusal;
  }
  if (assembly.outcome === "lost") {
    const lost = await settle(deps, caller, upload, "aborting", { dueAt: deps.clock.now(), leaveFolder: true });
    if (lost.moved) await finishAbort(deps, caller, upload);
    throw uploadLost();
  }
  return finish(deps, caller, upload, assembly);
}

async function finish(
  deps: DocumentDependencies,
  caller: Caller,
  upload: Upload,
  assembly: Whole,
): Promise<DocumentRecord> {
  const at = deps.clock.now();
  const { fault } = assembly;
  const to: DocumentState = fault !== undefined ? "quarantined" : deps.scanner.enabled ? "scanning" : "ready";
  const { current } = await settle(deps, caller, upload, to, {
    ...(to === "scanning"
      ? { dueAt: secondsAfter(at, scanRetrySeconds.first) }
      : { dueAt: secondsAfter(at, incomingGraceSeconds), dueIfSigned: true }),
    completedAt: at,
    detectedContentType: assembly.detectedType,
    sizeBytes: assembly.size,
    quarantineReason: fault ?? null,
    sha256: assembly.sha256,
    ...(assembly.version === undefined ? {} : { version: assembly.version }),
  });
  const document = current?.document;
  // Another one took over when our lease had run out, and came to an outcome of its own.
  if (document === undefined || !storedWholeStates.includes(document.status)) throw stillCompleting();
  if (isSingle(upload)) await clearIncoming(deps, caller, document);
  if (document.status === "scanning") await requestScan(deps, document);
  return document;
}

/** What came in is stored. If S3 does not take it away now, the sweep does. */
async function clearIncoming(deps: DocumentDependencies, caller: Caller, document: DocumentRecord): Promise<void> {
  try {
    await deps.store.delete(keyOf(deps, document, incomingVersion));
  } catch (error) {
    deps.onFault("document_cleanup_late", document.id, error);
    const at = deps.clock.now();
    const dueAt = document.dueAt ?? secondsAfter(at, incomingGraceSeconds);
    await deps.documents.postpone(caller, document.id, dueAt, at, document.fence).catch(() => undefined);
  }
}

type Settlement = Omit<Parameters<DocumentDependencies["documents"]["transition"]>[2], "to" | "at" | "fence">;

/** What each outcome is called. A lease that is given back is none. */
const auditedAs: Partial<Record<DocumentState, AuditAction>> = {
  uploading: "document.incomplete",
  aborting: "document.lost",
  scanning: "document.complete",
  ready: "document.complete",
  quarantined: "document.complete",
};

async function settle(
  deps: DocumentDependencies,
  caller: Caller,
  { document }: Upload,
  to: DocumentState,
  more: Settlement,
  found: { readonly missing?: number; readonly wrong?: number } = {},
): Promise<TransitionResult> {
  const at = deps.clock.now();
  const action = auditedAs[to];
  const changes = { status: to, quarantine_reason: more.quarantineReason ?? null, ...found };
  const once = action === "document.incomplete" ? { auditUnlessLast: { action, changes } } : {};
  const audit = action === undefined ? undefined : auditOf(deps, caller, action, document.id, at, { changes });
  return deps.documents.transition(
    caller,
    { documentId: document.id },
    { to, at, fence: document.fence, ...more, ...once },
    audit,
  );
}

/**
 * A SINGLE upload: read whole from where its URL wrote it, checked, and stored under the number of our lease. What came in
 * stays until the row says so: a try that is cut short before is made again from the start.
 */
async function takeIn(deps: DocumentDependencies, { document }: Upload): Promise<Assembly> {
  const read = await deps.store.read(keyOf(deps, document, incomingVersion));
  if (!read.ok) return short({ missing: [1], wrong: [] });
  const found = read.value;
  if (found.size !== document.sizeBytes) return short({ missing: [], wrong: [1] });
  const verdict = await judgeWhole(document.contentType, found.bytes);
  if (document.sha256 !== null && document.sha256 !== verdict.sha256) {
    const why = "The bytes that were sent have another SHA-256 than was declared. Send part 1 again, then complete.";
    return short({ missing: [], wrong: [1] }, why);
  }
  const version = document.fence;
  await deps.store.put(keyOf(deps, document, version), found.bytes);
  return { outcome: "whole", size: found.size, ...verdict, version };
}

/** A MULTIPART upload. Whatever S3 answers, the object itself has the last word: a reply may have been lost. */
async function join(
  deps: DocumentDependencies,
  upload: Upload,
  known: readonly FoundPart[],
  told: readonly FoundPart[],
): Promise<Assembly> {
  const { document } = upload;
  const ref = { key: keyOf(deps, document, multipartVersion), uploadId: s3UploadIdOf(upload) };
  const parts = deps.store.capabilities.listParts
    ? await deps.store.listParts(ref)
    : // All parts of an open-ended upload passed through us: what is not known is not there.
      ({ ok: true, value: upload.session.openEnded ? known : [...known, ...told] } as const);
  if (parts.ok) {
    const found = expectedOf(upload, parts.value);
    if (found.missing.length + found.wrong.length > 0) {
      // All of them may be missing because an earlier try has put them together already.
      if (await isWhole(deps, upload)) return judge(deps, upload);
      const areUnheardOf = !deps.store.capabilities.listParts && upload.session.transport === "direct";
      return short(found, areUnheardOf ? partsUnnamed : undefined);
    }
    const completed = await deps.store.completeUpload(ref, found.whole);
    if (!completed.ok && completed.reason === "part_too_small")
      return short({ missing: [], wrong: shortOf(parts.value) }, partsShort);
    if (!completed.ok && completed.reason !== "no_such_upload") return short({ missing: [], wrong: [] }, partsChanged);
  }
  return judge(deps, upload);
}

const partsUnnamed =
  "Some parts are missing. This S3 does not say which parts it has: name each that you sent directly, with the ETag its PUT was answered with, in parts: [{part_number, etag}, …].";

const partsChanged =
  "S3 has other parts than those that were to be put together. Read the upload, send what is missing, then complete again.";

const partsShort = `Every part but the last must have ${minPartBytes} bytes or more. Send the listed parts again, larger.`;

const shortOf = (parts: readonly FoundPart[]): number[] => {
  const last = lastOf(parts);
  const short = parts.filter(
    ({ partNumber, size }) => partNumber !== last && size !== undefined && size < minPartBytes,
  );
  return short.map(({ partNumber }) => partNumber).toSorted((a, b) => a - b);
};

/** How many parts an open-ended upload has, only the client can say; where no list ever did, those that are there are all. */
function expectedOf(upload: Upload, parts: readonly FoundPart[]) {
  if (!upload.session.openEnded) return compareParts(shapeOf(upload), parts);
  const partCount = upload.session.namedParts ?? lastOf(parts);
  const ofAnySize = parts.map((part) => ({ ...part, size: undefined }));
  return compareParts({ size: 0, partSize: 0, partCount }, ofAnySize);
}
