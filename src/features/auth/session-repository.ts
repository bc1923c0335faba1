import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../shared/ids.ts";
import type { QueuedMail } from "../../shared/mail.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { UserProfile } from "../users/index.ts";

export interface NewSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly companyId: CompanyId;
  /** The session is only made while this is still the account's password version. */
  readonly passwordVersion: number;
  readonly familyDigest: Uint8Array;
  readonly refreshDigest: Uint8Array;
  readonly at: Date;
  /** When the person signed in; absolute lifetimes count from here. */
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly audit: AuditEntry;
}

/** A refresh token that was sent, and what takes its place if it is the current one. */
export interface Rotation {
  readonly companyId: CompanyId;
  readonly sessionId: SessionId;
  readonly familyDigest: Uint8Array;
  readonly refreshDigest: Uint8Array;
  readonly nextDigest: Uint8Array;
  readonly at: Date;
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly raceSeconds: number;
  /** Written if the token is a spent one; or if its session has ended. */
  readonly reuseAudit: AuditEntry;
  readonly endedAudit: AuditEntry;
  readonly reuseMail: QueuedMail;
}

export type RotationOutcome =
  /** No session, or none with this family secret; or one that has ended. */
  | { readonly kind: "unknown" | "ended" }
  /** The token before the current one, spent a moment ago. */
  | { readonly kind: "raced" }
  /** A spent token: the session has been ended. */
  | { readonly kind: "reused" }
  | { readonly kind: "rotated"; readonly user: UserProfile; readonly expiresAt: Date };

export interface OwnSession {
  readonly id: SessionId;
  readonly device: string | null;
  readonly ip: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

export interface SessionRepository {
  /**
   * Makes the session with its audit row, ends the surplus of old ones, and returns the profile; undefined when the
   * account changed since it was verified. `newPasswordHash`: when the stored one has old parameters. One round trip.
   */
  openSession(session: NewSession, newPasswordHash: string | undefined): Promise<UserProfile | undefined>;
  /** Classifies a refresh token and does what follows, in one statement. One round trip. */
  rotate(rotation: Rotation): Promise<RotationOutcome>;
  /** The caller's live sessions, newest first. @throws AppError `unauthorized` */
  listOwn(actor: Actor, page: { limit: number; after: PageMark | undefined }, at: Date): Promise<Page<OwnSession>>;
  /** Ends one live session of the caller, and says whether there was one. @throws AppError `unauthorized` */
  endOne(actor: Actor, sessionId: SessionId, audit: AuditEntry): Promise<boolean>;
  /** Ends the caller's sessions, the own one or all others or all. @throws AppError `unauthorized` */
  endOwn(actor: Actor, scope: LogoutScope, audit: AuditEntry): Promise<readonly SessionId[]>;
  isLive(actor: Actor, at: Date): Promise<boolean>;
}

export const logoutScopes = ["current", "others", "all"] as const;
export type LogoutScope = (typeof logoutScopes)[number];
