import type { Actor, Group } from "../../shared/access.ts";
import type { Reading } from "../../shared/acting.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";

/** What a person's profile shows. */
export interface UserProfile {
  readonly id: UserId;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly group: Group;
  readonly isActive: boolean;
  readonly emailVerified: boolean;
  readonly company: { readonly id: CompanyId; readonly name: string; readonly logoUrl: string | null };
  readonly imageUrl: string | null;
  readonly themeConfig: Record<string, unknown> | null;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

/** Undefined leaves a field as it is, null empties it. */
export interface ProfilePatch {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly imageUrl?: string | null | undefined;
  readonly themeConfig?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface PeopleFilter {
  /** A part of the address, in lower case. */
  readonly email?: string | undefined;
  readonly group?: Group | undefined;
  readonly isActive?: boolean | undefined;
  readonly companyId?: CompanyId | undefined;
}

/** Each call is one round trip, which also checks the caller's session. */
export interface UserRepository {
  findOwn(actor: Actor, at: Date): Promise<UserProfile | undefined>;
  /** Sets and audits what is given. Undefined when the account has gone. */
  updateOwn(actor: Actor, patch: ProfilePatch, audit: AuditEntry): Promise<UserProfile | undefined>;
  /** Somebody the reader may see. */
  find(reading: Reading, id: UserId): Promise<UserProfile | undefined>;
  /** People the reader may see, newest first, from `after` on. */
  list(
    reading: Reading,
    filter: PeopleFilter,
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<UserProfile>>;
  /** Writes down that the caller was refused. */
  recordRefusal(actor: Actor, audit: AuditEntry): Promise<void>;
}

/** Somebody, in the company they were found in. */
export interface Target {
  readonly id: UserId;
  readonly companyId: CompanyId;
}

export interface AccountPatch {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly group?: Group | undefined;
  readonly isActive?: boolean | undefined;
}

/** Nobody is there (any more), they are above the caller, or the last who can let others in. Then nothing has happened. */
export type Unchanged = "missing" | "group_above_own" | "last_keeper";

export interface Changed {
  readonly ended: readonly SessionId[];
  readonly user: UserProfile;
}

/**
 * What is done to other people's accounts. Each call looks at the account under the locks of its company, acts, ends
 * sessions, voids mailed tokens and audits, all or nothing.
 */
export interface AccountRepository {
  /** Sessions end when the group changes or the account is deactivated. One round trip. */
  change(actor: Actor, target: Target, patch: AccountPatch, audit: AuditEntry): Promise<Changed | Unchanged>;
  /** Closes the account for ever, and keeps the row for what points at it. One round trip. */
  remove(actor: Actor, target: Target, audit: AuditEntry): Promise<readonly SessionId[] | Unchanged>;
  /** Ends all sessions. One round trip. */
  endSessions(actor: Actor, target: Target, audit: AuditEntry): Promise<readonly SessionId[] | Unchanged>;
  /**
   * Closes the account where it is and opens it, under the same id, in another company. Several round trips: what one company's
   * context shows decides what is written in another's.
   */
  move(
    actor: Actor,
    target: Target,
    to: CompanyId,
    patch: AccountPatch,
    audits: { readonly out: AuditEntry; readonly in: AuditEntry },
  ): Promise<Changed | Unchanged | "no_company" | "email_taken">;
}
