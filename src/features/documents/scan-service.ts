import { AppError } from "../../shared/errors.ts";
import type { DocumentId } from "../../shared/ids.ts";
import type { DocumentDependencies, VerdictSignatures } from "./ports.ts";
import type { DocumentRecord } from "./repository.ts";
import { takeVerdict, type Verdict } from "./verbs/scan.ts";

export interface ScanService {
  /** Lets the scanner in. @throws AppError `unauthorized` */
  admit(headers: Parameters<VerdictSignatures["verify"]>[0], body: string): Promise<void>;
  /** @throws AppError `not_found`, `scan_outdated` */
  take(documentId: DocumentId, verdict: Verdict): Promise<DocumentRecord>;
}

export const createScanService = (deps: DocumentDependencies, signatures: VerdictSignatures): ScanService => ({
  async admit(headers, body) {
    if (await signatures.verify(headers, body)) return;
    throw new AppError(
      "unauthorized",
      "The signature of this verdict is missing, wrong or too old. Sign it anew, and look at the clock and the secret.",
    );
  },
  take: (documentId, verdict) => takeVerdict(deps, documentId, verdict),
});
