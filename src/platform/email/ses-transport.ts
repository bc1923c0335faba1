import { AwsClient } from "aws4fetch";
import type { Delivery, MailTransport } from "../../features/email/ports.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { callMailService, later, messageIdOf, retryAfterSeconds, type MailAnswer } from "./mail-call.ts";

export interface SesTransportOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sender: string;
  readonly meter: CallMeter;
  readonly timeoutMs: number;
}

/**
 * SES v2, SendEmail. It knows no idempotency key: when its answer is lost, the mail may come twice. Our id travels along as
 * a header and a tag, so that twins can be told; docs/design/mail.md says what is and is not guaranteed.
 */
export function createSesTransport(options: SesTransportOptions): MailTransport {
  const { endpoint, region, accessKeyId, secretAccessKey, sender, meter, timeoutMs } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "ses", retries: 0 });
  return {
    async send({ id, to, subject, html, text }) {
      const utf8 = (value: string) => ({ Data: value, Charset: "UTF-8" });
      const body = JSON.stringify({
        FromEmailAddress: sender,
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: utf8(subject),
            Body: { Text: utf8(text), Html: utf8(html) },
            Headers: [{ Name: "X-Etter-Mail-Id", Value: id }],
          },
        },
        EmailTags: [{ Name: "etter-mail-id", Value: id }],
      });
      const ask = (signal: AbortSignal): Promise<Response> =>
        client.fetch(`${endpoint}/v2/email/outbound-emails`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body,
          redirect: "manual",
          signal,
        });
      return deliveryOf(await meter.track("mail", () => callMailService(ask, timeoutMs)));
    },
  };
}

/** Errors of SES that are about this mail and stay; all others are about the account, the sender or the moment. */
const permanent = new Set(["MessageRejected", "BadRequestException"]);
/** … unless they say "Email address is not verified", which an operator mends: the sender's domain, or the sandbox. */
const unverified = /not verified/i;

function deliveryOf(answer: MailAnswer | undefined): Delivery {
  if (answer === undefined) return later("no_answer");
  const { status, headers, body } = answer;
  if (status === 200) return { outcome: "accepted", messageId: messageIdOf(body?.["MessageId"]) };
  if (status === 429 || status >= 500) return later("busy", retryAfterSeconds(headers));
  const error = errorName(headers.get("x-amzn-errortype") ?? body?.["__type"]);
  if (status === 400 && permanent.has(error) && !unverified.test(String(body?.["message"])))
    return { outcome: "never", fault: "rejected" };
  if (throttled.has(error)) return later("busy");
  return later("not_accepted");
}

/** Told as 400 by some of AWS' own front ends. */
const throttled = new Set(["TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"]);

/** `com.amazonaws.sesv2#MessageRejected`, `MessageRejected:http://…` → `MessageRejected`. */
const errorName = (value: unknown): string =>
  typeof value === "string" ? (/(?:^|#)(\w+)(?::|$)/.exec(value)?.[1] ?? "") : "";
