import type { DocumentId } from "../../../shared/ids.ts";
import { incomingGraceSeconds, scanGiveUpSeconds, scanRetrySeconds, scanUrlSeconds } from "../limits.ts";
import { auditOf, secondsAfter, type DocumentDependencies, type Scanner } from "../ports.ts";
import { scanOutdated, seen, unknownDocument } from "../refusals.ts";
import type { DocumentRecord, Transition } from "../repository.ts";
import { contentAddress } from "./download.ts";

export interface Verdict {
  /** What the scanner was given with the document. */
  readonly scan: string;
  readonly verdict: "clean" | "infected" | "error";
  /** The scanner's own word for what it found, or for what went wrong. */
  readonly reason: string | undefined;
}

/** Where none is configured; nothing is ever asked of it. */
export const noScanner: Scanner = { enabled: false, request: () => Promise.resolve() };

/** Asks for a scan. One that does not get through is asked for again by the sweep: the document stays unreadable till then. */
export async function requestScan(deps: DocumentDependencies, document: DocumentRecord): Promise<void> {
  const at = deps.clock.now();
  const { companyId, id: documentId, changedAt: since } = document;
  const expiresAt = secondsAfter(since, scanGiveUpSeconds);
  const scan = await deps.capabilities.seal({ purpose: "scan", companyId, documentId, since, expiresAt });
  const readUntil = secondsAfter(at, scanUrlSeconds);
  const url = await contentAddress(deps, { purpose: "scan-read", companyId, documentId, expiresAt: readUntil });
  const verdictUrl = `${deps.settings.baseUrl}/scans/${documentId}`;
  await deps.scanner
    .request({ scan, document, url, verdictUrl })
    .catch((error: unknown) => deps.onFault("document_scan_late", documentId, error));
}

/** When to ask again, by how long was waited already; undefined when it is time to give up. */
export function nextScanAt(since: Date, at: Date): Date | undefined {
  const waited = (at.getTime() - since.getTime()) / 1000;
  if (waited >= scanGiveUpSeconds) return undefined;
  return secondsAfter(at, Math.min(Math.max(waited, scanRetrySeconds.first), scanRetrySeconds.most));
}

/** No verdict came in a day. That never means clean. */
export async function giveScanUp(deps: DocumentDependencies, document: DocumentRecord): Promise<void> {
  const at = deps.clock.now();
  const caller = { companyId: document.companyId };
  const audit = auditOf(deps, caller, "document.scan", document.id, at, { reason: "error: no verdict in a day" });
  await deps.documents.transition(caller, { documentId: document.id }, settled(at, "scan_failed"), audit);
}

/**
 * Takes a verdict whose signature was checked. Only `clean`, and only for this round of scanning, makes a document
 * readable. `infected` also closes one that is readable. `error` changes nothing: the sweep asks again. A document that
 * is settled stays as it is. @throws AppError `not_found`, `scan_outdated`
 */
export async function takeVerdict(
  deps: DocumentDependencies,
  documentId: DocumentId,
  { scan, verdict, reason }: Verdict,
): Promise<DocumentRecord> {
  const at = deps.clock.now();
  const capability = await deps.capabilities.open(scan, at);
  if (capability?.purpose !== "scan" || capability.documentId !== documentId) throw unknownDocument();
  const caller = { companyId: capability.companyId };
  if (verdict === "error") {
    const found = await deps.documents.findUpload(caller, { documentId }, at);
    deps.onFault("document_scan_error", documentId, scannerError(reason));
    return seen(found?.upload.document);
  }
  const audit = auditOf(deps, caller, "document.scan", documentId, at, {
    reason: reason === undefined ? verdict : `${verdict}: ${reason}`,
  });
  const change: Transition =
    verdict === "clean" ? { ...settled(at, null), onlySince: capability.since } : settled(at, "infected");
  const { moved, current } = await deps.documents.transition(caller, { documentId }, change, audit);
  const document = seen(current?.document);
  if (!moved && document.status === "scanning") throw scanOutdated();
  return document;
}

/** The log has an error's name and not its words. */
const scannerError = (reason = "unnamed"): Error =>
  Object.assign(new Error("the scanner could not say"), { name: `ScannerError ${reason}` });

/** What an address wrote in while it was scanned is cleared away once more, hence `dueAt`. */
function settled(at: Date, quarantineReason: "infected" | "scan_failed" | null): Transition {
  const due = { dueAt: secondsAfter(at, incomingGraceSeconds), dueIfSigned: true };
  if (quarantineReason === null) return { to: "ready", at, ...due, quarantineReason, onlyFrom: ["scanning"] };
  const onlyFrom = quarantineReason === "infected" ? (["scanning", "ready"] as const) : (["scanning"] as const);
  return { to: "quarantined", at, ...due, quarantineReason, onlyFrom };
}
