import type { Delivery } from "../../features/email/ports.ts";
import { readAtMost } from "../bounded-body.ts";

/** Of an answer only an id or an error's name is wanted. */
const maxAnswerBytes = 64 * 1024;

export interface MailAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What it says as JSON; undefined if it is none, or too long. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export const later = (fault: "no_answer" | "busy" | "not_accepted", retryAfterSeconds?: number): Delivery =>
  retryAfterSeconds === undefined ? { outcome: "later", fault } : { outcome: "later", fault, retryAfterSeconds };

/** One call, from the first byte to the last of its answer. Undefined when it did not come to an answer in time. */
export async function callMailService(ask: (signal: AbortSignal) => Promise<Response>, timeoutMs: number) {
  try {
    const response = await ask(AbortSignal.timeout(timeoutMs));
    const { status, headers } = response;
    const bytes = await readAtMost(response.body, maxAnswerBytes);
    return { status, headers, body: bytes && parsed(bytes) } satisfies MailAnswer;
  } catch {
    return undefined;
  }
}

function parsed(bytes: Uint8Array): MailAnswer["body"] {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? (value as MailAnswer["body"]) : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After in seconds; dates are not understood, and mean our own pause. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}

const maxIdLength = 200;

/** A service's own id of a mail, as far as it is fit to be stored. */
export const messageIdOf = (value: unknown): string | null =>
  typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? value.slice(0, maxIdLength) : null;
