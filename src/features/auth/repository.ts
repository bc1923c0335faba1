import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../shared/ids.ts";
import type { QueuedMail } from "../../shared/mail.ts";
import type { MailedTokenPurpose } from "../../shared/mailed-token.ts";
import type { UserProfile } from "../users/index.ts";
import type { NewSession } from "./session-repository.ts";

export interface LoginRecord {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly passwordHash: string | null;
  readonly passwordVersion: number;
  readonly isActive: boolean;
}

export interface NewSuperAdmin {
  readonly id: UserId;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
  readonly at: Date;
  readonly audit: AuditEntry;
}

/** What a person's password is compared with, and what it must not be made of. */
export interface PasswordRecord {
  readonly passwordHash: string | null;
  readonly passwordVersion: number;
  readonly email: string;
  readonly companyName: string;
  /** When the session began that asks. */
  readonly sessionCreatedAt: Date;
}

/** Whom a mailed token is for, while it can be used. */
export interface TokenHolder {
  readonly email: string;
  readonly companyName: string;
}

export interface UsedToken {
  readonly purpose: Exclude<MailedTokenPurpose, "verify">;
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly digest: Uint8Array;
  readonly at: Date;
}

export interface AuthRepository {
  /** Who signs in with this address, in whichever company; proved addresses only. One round trip. */
  findLogin(email: string): Promise<LoginRecord | undefined>;
  /** Of a known caller if `actor` is given. @throws AppError `unauthorized` when that one's session has ended */
  recordRefusal(entry: AuditEntry, actor?: Actor): Promise<void>;
  hasSuperAdmin(): Promise<boolean>;
  /** Makes the first Super Admin; "exists" once there is one, "email_taken" when the address is in use. */
  createFirstSuperAdmin(admin: NewSuperAdmin): Promise<UserProfile | "exists" | "email_taken">;

  /** Of the session's own user. @throws AppError `unauthorized` */
  getPassword(actor: Actor, at: Date): Promise<PasswordRecord>;
  /**
   * Sets the password, ends all sessions and opens `session` instead, voids mailed tokens, audits and mails: all of it or,
   * when the password has changed since it was looked at or the caller's session has ended, nothing (undefined). One round trip.
   */
  changePassword(change: {
    readonly actor: Actor;
    readonly session: NewSession;
    readonly passwordHash: string;
    readonly mail: QueuedMail;
  }): Promise<{ readonly ended: readonly SessionId[]; readonly user: UserProfile } | undefined>;

  /** Issues a reset token, audits and mails, if the account is still there. One round trip. */
  requestReset(
    token: UsedToken & { readonly expiresAt: Date; readonly audit: AuditEntry; readonly mail: QueuedMail },
  ): Promise<void>;
  /** Looks whom the token is for, and leaves it as it is. */
  findTokenHolder(token: UsedToken): Promise<TokenHolder | undefined>;
  /** Uses the token up, sets the password, ends all sessions, audits and mails; undefined when it is not good any more. */
  resetPassword(
    token: UsedToken & { readonly passwordHash: string; readonly audit: AuditEntry; readonly mail: QueuedMail },
  ): Promise<readonly SessionId[] | undefined>;
  /** Uses the token up: the person has an account that signs in. "email_taken" leaves it as it is. */
  acceptInvitation(
    token: UsedToken & {
      readonly passwordHash: string;
      readonly firstName: string;
      readonly lastName: string;
      readonly audit: AuditEntry;
    },
  ): Promise<"done" | "not_good" | "email_taken">;
}
