import type { CompanyId } from "../../shared/ids.ts";
import type { MailContent } from "../../shared/mail.ts";

/** A mail as a mail service gets it. */
export interface OutgoingMail {
  /** The outbox' id of it: a service that has taken this id before must not send again. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Why a mail has not gone, in our words. Stored and audited: never a service's own text, which may quote the address. */
export type DeliveryFault =
  /** No answer in time, or a broken line. It may have been taken all the same. */
  | "no_answer"
  /** It has too much to do, or trouble of its own. */
  | "busy"
  /** It does not accept us: key, sender, account or address of the service. An operator mends that. */
  | "not_accepted"
  /** It will never take this mail. */
  | "rejected";

export type Delivery =
  | { readonly outcome: "accepted"; readonly messageId: string | null }
  | { readonly outcome: "later"; readonly fault: DeliveryFault; readonly retryAfterSeconds?: number }
  | { readonly outcome: "never"; readonly fault: DeliveryFault };

export interface MailTransport {
  /** Hands one mail over. Never throws, and tries once. */
  send(mail: OutgoingMail): Promise<Delivery>;
}

export type DeadReason = DeliveryFault | "expired" | "attempts_exhausted" | "token_unreadable";

export type ClaimedMail = MailContent & {
  readonly id: string;
  readonly companyId: CompanyId;
  readonly to: string;
  readonly sealedToken: Uint8Array | null;
  readonly createdAt: Date;
  /** This claim included. */
  readonly attempts: number;
};

/** What becomes of a claimed mail. */
export type Verdict =
  | { readonly status: "sent"; readonly messageId: string | null }
  | { readonly status: "queued"; readonly dueAt: Date; readonly fault: DeliveryFault }
  | { readonly status: "dead"; readonly reason: DeadReason };

export interface MailBacklog {
  /** Mails not settled yet, up to `maxCounted`. */
  readonly waiting: number;
  /** Age of the oldest of them. */
  readonly oldestSeconds: number | null;
  /** Mails given up in the last `keepDeadDays`, up to `maxCounted`. */
  readonly dead: number;
}

export interface ClaimRequest {
  readonly at: Date;
  readonly leaseUntil: Date;
  readonly limit: number;
  /** Only these; all that is due if not given. */
  readonly ids?: readonly string[];
}

export interface Outbox {
  /** Takes due mails for this sender alone until `leaseUntil`, companies in turn. One round trip. */
  claim(request: ClaimRequest): Promise<ClaimedMail[]>;
  /** Stores what became of a claim; a dead one is told to its company's audit. False when another sender has it by now. */
  settle(mail: ClaimedMail, verdict: Verdict, at: Date): Promise<boolean>;
  backlog(at: Date): Promise<MailBacklog>;
  /** Deletes what was settled long ago; tells how many. */
  sweep(before: { sent: Date; dead: Date }, limit: number): Promise<number>;
}
