import type { Actor } from "../../../shared/access.ts";
import type { DocumentId } from "../../../shared/ids.ts";
import { scanRetrySeconds } from "../limits.ts";
import { auditOf, secondsAfter, type DocumentDependencies } from "../ports.ts";
import { arrived } from "../refusals.ts";
import type { DocumentRecord } from "../repository.ts";
import { requestScan } from "./scan.ts";

/**
 * Nobody overrules the scanner: where there is one, what was approved is scanned (again) and readable when that says
 * clean. Otherwise it is readable at once. Safe to repeat. @throws AppError `not_found`, `document_not_ready`
 */
export async function approveDocument(
  deps: DocumentDependencies,
  actor: Actor,
  id: DocumentId,
  reason: string,
): Promise<DocumentRecord> {
  const at = deps.clock.now();
  const audit = auditOf(deps, actor, "document.approve", id, at, { reason });
  const next = deps.scanner.enabled
    ? ({ to: "scanning", dueAt: secondsAfter(at, scanRetrySeconds.first) } as const)
    : ({ to: "ready" } as const);
  const change = { ...next, at, quarantineReason: null, onlyFrom: ["quarantined"] } as const;
  const result = await deps.documents.transition(actor, { documentId: id }, change, audit);
  const document = arrived(["ready", "scanning"], result);
  if (result.moved && document.status === "scanning") await requestScan(deps, document);
  return document;
}
