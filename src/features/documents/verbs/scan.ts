import type { DocumentId } from "../../../shared/ids.ts";
import { auditOf, secondsAfter, type DocumentDependencies, type Scanner } from "../ports.ts";
import { unknownDocument } from "../refusals.ts";
import type { Caller, DocumentRecord } from "../repository.ts";
import { downloadAddress } from "./download.ts";

export type ScanVerdict = "clean" | "infected" | "error";

/** Asks for a scan. One that does not get through is asked for again by the sweep: the document stays unreadable till then. */
export async function requestScan(deps: DocumentDependencies, document: DocumentRecord): Promise<void> {
  const { url } = await downloadAddress(deps, document, secondsAfter(deps.clock.now(), scanUrlSeconds));
  await deps.scanner
    .request({ documentId: document.id, sizeBytes: document.sizeBytes, url })
    .catch((error: unknown) => deps.onFault("document_scan_late", document.id, error));
}

/** Where none is configured; nothing is ever asked of it. */
export const noScanner: Scanner = { enabled: false, request: () => Promise.resolve() };

/** A scanner may have a queue. */
const scanUrlSeconds = 3600;

/** Takes a verdict whose signature was checked. Only `clean` makes a document readable; a second verdict changes nothing. */
export async function takeVerdict(
  deps: DocumentDependencies,
  caller: Caller,
  documentId: DocumentId,
  verdict: ScanVerdict,
): Promise<DocumentRecord> {
  const at = deps.clock.now();
  const audit = auditOf(deps, caller, "document.scan", documentId, at, { reason: verdict });
  const change =
    verdict === "clean"
      ? ({ to: "ready", quarantineReason: null } as const)
      : ({ to: "quarantined", quarantineReason: verdict === "infected" ? "infected" : "scan_failed" } as const);
  const { current } = await deps.documents.transition(
    caller,
    { documentId },
    { ...change, at, onlyFrom: ["scanning"] },
    audit,
  );
  if (current === undefined) throw unknownDocument();
  return current.document;
}
