import type { Delivery, MailTransport } from "../../features/email/ports.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { callMailService, later, messageIdOf, retryAfterSeconds, type MailAnswer } from "./mail-call.ts";

export interface HttpTransportOptions {
  readonly url: string;
  /** Undefined for the local sink, which asks for none. */
  readonly token: string | undefined;
  readonly sender: string;
  readonly requestId: string;
  readonly meter: CallMeter;
  readonly timeoutMs: number;
}

/** A mail service that takes JSON and honours Idempotency-Key: the contract is in docs/design/mail.md. */
export function createHttpTransport(options: HttpTransportOptions): MailTransport {
  const { url, token, sender, requestId, meter, timeoutMs } = options;
  return {
    async send({ id, to, subject, html, text }) {
      const ask = (signal: AbortSignal): Promise<Response> =>
        fetch(url, {
          method: "POST",
          headers: {
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
            "Content-Type": "application/json",
            Accept: "application/json",
            "Idempotency-Key": id,
            "X-Request-Id": requestId,
          },
          body: JSON.stringify({ from: sender, to, subject, html, text }),
          // The token and the mail are for this address, not for where it points.
          redirect: "manual",
          signal,
        });
      return deliveryOf(await meter.track("mail", () => callMailService(ask, timeoutMs)));
    },
  };
}

function deliveryOf(answer: MailAnswer | undefined): Delivery {
  if (answer === undefined) return later("no_answer");
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) return { outcome: "accepted", messageId: messageIdOf(body?.["id"]) };
  if (status === 400 || status === 413 || status === 422) return { outcome: "never", fault: "rejected" };
  if ([408, 409, 425, 429].includes(status) || status >= 500) return later("busy", retryAfterSeconds(headers));
  return later("not_accepted");
}
