import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../shared/ids.ts";
import type { UserProfile } from "../users/index.ts";

export interface LoginRecord {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly passwordHash: string | null;
  readonly passwordVersion: number;
  readonly isActive: boolean;
}

export interface NewSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly companyId: CompanyId;
  /** The session is only made while this is still the account's password version. */
  readonly passwordVersion: number;
  readonly familyDigest: Uint8Array;
  readonly refreshDigest: Uint8Array;
  readonly at: Date;
  readonly expiresAt: Date;
  readonly audit: AuditEntry;
  /** Set when the stored hash has old parameters. */
  readonly newPasswordHash: string | undefined;
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

export interface AuthRepository {
  /** Who signs in with this address, in whichever company. One round trip. */
  findLogin(email: string): Promise<LoginRecord | undefined>;
  /**
   * Makes the session with its audit row, ends the surplus of old ones, and returns the profile; undefined when the
   * account changed since it was verified. One round trip.
   */
  openSession(session: NewSession): Promise<UserProfile | undefined>;
  recordRefusal(entry: AuditEntry): Promise<void>;
  hasSuperAdmin(): Promise<boolean>;
  /** Makes the first Super Admin; "exists" once there is one, "email_taken" when the address is in use. */
  createFirstSuperAdmin(admin: NewSuperAdmin): Promise<UserProfile | "exists" | "email_taken">;
}
