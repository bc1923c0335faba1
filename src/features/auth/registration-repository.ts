import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import type { QueuedMail } from "../../shared/mail.ts";

export interface NewRegistration {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly companyName: string;
  readonly tokenDigest: Uint8Array;
  readonly at: Date;
  readonly expiresAt: Date;
  readonly audit: AuditEntry;
  readonly mail: QueuedMail;
  /** What happens instead when the address has an account. */
  readonly takenAudit: AuditEntry;
  readonly takenMail: QueuedMail;
}

export interface Confirmation {
  readonly registrationId: string;
  readonly tokenDigest: Uint8Array;
  /** Ids of what it makes. */
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly at: Date;
  readonly audits: readonly AuditEntry[];
}

export interface RegistrationRepository {
  /**
   * Keeps the registration, in place of an earlier one of the address, and mails its token; or, when the address has an
   * account, mails that instead. The same work and one round trip for both.
   */
  register(registration: NewRegistration): Promise<void>;
  /** Makes the company and its first Admin of a registration, once. "email_taken" when the address has an account by now. */
  confirm(confirmation: Confirmation): Promise<"done" | "not_good" | "email_taken">;
}
