import type { MailTemplate } from "../../shared/mail.ts";
import { mailedTokenEnd, type MailedTokenPurpose } from "../../shared/mailed-token.ts";
import { firstPauseSeconds, longestPauseSeconds, maxAttempts } from "./limits.ts";
import type { ClaimedMail, Delivery, Verdict } from "./ports.ts";

type Attempted = Pick<ClaimedMail, "template" | "createdAt" | "attempts">;

/** The mails that carry a token, and what it is for. */
export const tokenPurposes: Partial<Record<MailTemplate, MailedTokenPurpose>> = {
  verify_email: "verify",
  invitation: "invite",
  password_reset: "reset",
};

/** When the token expires that a mail carries; a mail without one may come late. */
function isTooLate({ template, createdAt }: Attempted, at: Date): boolean {
  const purpose = tokenPurposes[template];
  return purpose !== undefined && at >= mailedTokenEnd(purpose, createdAt);
}

/** What ends a mail before anybody is asked to send it. The attempt that is one too many is that of senders that died. */
export function verdictBefore(mail: Attempted, at: Date): Verdict | undefined {
  if (mail.attempts > maxAttempts) return { status: "dead", reason: "attempts_exhausted" };
  if (isTooLate(mail, at)) return { status: "dead", reason: "expired" };
  return undefined;
}

/** `jitter` is 0 … 1. */
export function verdictAfter(mail: Attempted, delivery: Delivery, at: Date, jitter: number): Verdict {
  if (delivery.outcome === "accepted") return { status: "sent", messageId: delivery.messageId };
  if (delivery.outcome === "never") return { status: "dead", reason: delivery.fault };
  const asked = Math.min(delivery.retryAfterSeconds ?? 0, longestPauseSeconds);
  const dueAt = new Date(at.getTime() + Math.max(pauseSeconds(mail.attempts, jitter), asked) * 1000);
  if (mail.attempts >= maxAttempts || isTooLate(mail, dueAt)) return { status: "dead", reason: delivery.fault };
  return { status: "queued", dueAt, fault: delivery.fault };
}

/** Doubles with each attempt; between half of it and all of it, so that mails held up together do not return together. */
function pauseSeconds(attempts: number, jitter: number): number {
  const full = Math.min(firstPauseSeconds * 2 ** (attempts - 1), longestPauseSeconds);
  return full / 2 + (full / 2) * jitter;
}
