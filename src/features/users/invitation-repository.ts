import type { Actor, Group } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { IdempotentTry } from "../../shared/idempotency.ts";
import type { UserId } from "../../shared/ids.ts";
import type { QueuedMail } from "../../shared/mail.ts";
import type { Target, UserProfile } from "./repository.ts";

/** What goes out to somebody: a token of theirs, and the mail that is right for them. */
export interface InvitationMails {
  readonly target: Target;
  /** SHA-256 of the token's secret. */
  readonly digest: Uint8Array;
  readonly expiresAt: Date;
  readonly audit: AuditEntry;
  /** With the token. The statement fills in address, names and group. */
  readonly mail: QueuedMail;
  /** Goes instead when the address has an account in another company. */
  readonly takenMail: QueuedMail;
  readonly wanted: IdempotentTry | undefined;
}

export interface NewPerson extends InvitationMails {
  readonly email: string;
  readonly group: Group;
  readonly firstName: string;
  readonly lastName: string;
}

export type Invited =
  | { readonly outcome: "invited"; readonly user: UserProfile }
  /** The key was used before, with the same body: what it made. */
  | { readonly outcome: "repeated"; readonly id: UserId }
  | { readonly outcome: "key_reused" | "no_company" | "email_taken" };

export type InvitedAgain = "invited" | "repeated" | "key_reused" | "missing" | "group_above_own" | "not_pending";

/** Each call is one round trip, and the same statements whether or not the address has an account elsewhere. */
export interface InvitationRepository {
  /** Makes the account, its token, audit and mail. */
  invite(actor: Actor, person: NewPerson): Promise<Invited>;
  /** A new token and mail for somebody who has not accepted yet; the token before is void. */
  inviteAgain(actor: Actor, invitation: InvitationMails): Promise<InvitedAgain>;
}
