import type { ProviderFault, WorkloadService } from "../../features/simulation/roles/workload-provider.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { readAtMost } from "../bounded-body.ts";

export interface WorkloadServiceOptions {
  readonly url: string;
  readonly token: string;
  readonly requestId: string;
  readonly meter: CallMeter;
  /** From the question to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** The configured workload service over HTTP: docs/design/workload-provider.md. No retries: whoever simulates waits. */
export function createWorkloadService(options: WorkloadServiceOptions): WorkloadService {
  const { url, token, requestId, meter, timeoutMs, maxAnswerBytes } = options;
  return {
    async ask(question) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await meter.track("workloads", async () => {
          const response = await fetch(url, {
            method: "POST",
            headers: {
              Authorization: `Bearer ${token}`,
              "Content-Type": "application/json",
              Accept: "application/json",
              "X-Request-Id": requestId,
            },
            body: JSON.stringify(question),
            // The token is for this address, not for where it points.
            redirect: "manual",
            signal,
          });
          if (response.status !== 200) {
            await response.body?.cancel();
            return failed("refused");
          }
          const bytes = await readAtMost(response.body, maxAnswerBytes);
          return bytes === undefined ? failed("too_large") : parsed(bytes);
        });
      } catch {
        return failed(signal.aborted ? "timed_out" : "unreachable");
      }
    },
  };
}

const failed = (fault: ProviderFault) => ({ ok: false, fault }) as const;

function parsed(bytes: Uint8Array) {
  try {
    return {
      ok: true,
      answer: JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)) as unknown,
    } as const;
  } catch {
    return failed("malformed");
  }
}
