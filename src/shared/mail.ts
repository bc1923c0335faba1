import type { CompanyId, UserId } from "./ids.ts";

/**
 * What each mail says beside its fixed words. No secrets: a token travels sealed. What anybody can have sent by typing an
 * address (registering, asking for a new password) carries nothing else that they typed; an invitation carries the names of an
 * Admin who has signed in and of their company, and how many of them go out is limited.
 */
export interface MailTemplates {
  /** Token. */
  verify_email: Record<never, string>;
  /** Somebody registered with an address that has an account. */
  address_taken: Record<never, string>;
  /** Token. */
  invitation: { inviter_name: string; company_name: string; group: string };
  /** The address has an account in another company. */
  invitation_address_taken: { inviter_name: string; company_name: string };
  /** Token. */
  password_reset: Record<never, string>;
  /** `at`: ISO 8601, UTC. */
  password_changed: { at: string };
  /** `device`: the user agent that used a spent token, or "". */
  session_reused: { at: string; device: string };
  /** `name` may be "". */
  simulation_finished: { simulation_id: string; name: string; status: "completed" | "failed" };
}

export type MailTemplate = keyof MailTemplates;

/** A template with its own data. */
export type MailContent = {
  [T in MailTemplate]: { readonly template: T; readonly data: MailTemplates[T] };
}[MailTemplate];

/** A row of the outbox to be. `id` is also the key by which a mail service knows a repeated attempt. */
export type QueuedMail = MailContent & {
  readonly id: string;
  readonly companyId: CompanyId;
  readonly userId: UserId | null;
  readonly to: string;
  /** What `MailSealer.seal` made of the token that the mail's link carries; null for mails without one. */
  readonly sealedToken: Uint8Array | null;
  readonly at: Date;
};

/** Keeps mailed tokens unreadable while they wait in the outbox. A sealed token opens for its own mail only. */
export interface MailSealer {
  seal(token: string, mailId: string): Promise<Uint8Array>;
  /** Undefined when it was sealed for another mail, under a key that is gone, or is damaged. */
  open(sealed: Uint8Array, mailId: string): Promise<string | undefined>;
}

/** A mail before it has an id and its token is sealed. */
export type MailDraft = MailContent & Pick<QueuedMail, "companyId" | "userId" | "to" | "at">;

/** Makes the row that `insertMailFrom` stores. Whether it is stored is the transaction's business; what is, goes out after the answer. */
export interface MailComposer {
  /** `token`: what the mail's link carries, for templates that have one. */
  compose(draft: MailDraft, token?: string): Promise<QueuedMail>;
}
