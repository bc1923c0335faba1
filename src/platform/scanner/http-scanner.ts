import type { Scanner } from "../../features/documents/ports.ts";
import type { CallMeter } from "../../shared/tracing.ts";

export interface HttpScannerOptions {
  readonly url: string;
  readonly token: string;
  readonly requestId: string;
  readonly meter: CallMeter;
  /** For the request to be taken; scanning comes afterwards. */
  readonly timeoutMs: number;
}

/** A malware scanner over HTTP: docs/design/scanner.md. Sent once: the sweep asks again. */
export function createHttpScanner({ url, token, requestId, meter, timeoutMs }: HttpScannerOptions): Scanner {
  return {
    enabled: true,
    async request({ scan, document, url: documentUrl, verdictUrl }) {
      const question = {
        version: 1,
        document_id: document.id,
        scan,
        url: documentUrl,
        verdict_url: verdictUrl,
        size_bytes: document.sizeBytes,
        sha256: document.sha256,
        content_type: document.detectedContentType ?? document.contentType,
      };
      const status = await meter.track("scanner", async () => {
        const response = await fetch(url, {
          method: "POST",
          headers: {
            Authorization: `Bearer ${token}`,
            "Content-Type": "application/json",
            "X-Request-Id": requestId,
          },
          body: JSON.stringify(question),
          // The token is for this address, not for where it points.
          redirect: "manual",
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        return response.status;
      });
      if (status < 200 || status >= 300)
        throw Object.assign(new Error("the scanner refused the request"), { name: `ScannerAnswered ${status}` });
    },
  };
}
