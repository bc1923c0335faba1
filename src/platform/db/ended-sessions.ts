import { and, eq, isNull, ne } from "drizzle-orm";
import type { CompanyId, SessionId, UserId } from "../../shared/ids.ts";
import type { HttpDatabase, Transaction } from "./client.ts";
import { sessions } from "./schema/index.ts";

export type SessionEndReason =
  | "logout"
  | "revoked"
  | "too_many"
  | "refresh_reused"
  | "password_changed"
  | "password_reset"
  | "group_changed"
  | "company_moved"
  | "deactivated"
  | "deleted";

export interface SessionEnding {
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly reason: SessionEndReason;
  readonly at: Date;
  /** The session that stays: the caller's own. */
  readonly exceptSessionId?: SessionId;
}

/**
 * Ends the live sessions of a person and returns their ids. Goes into the batch or unit of work of its cause; every access
 * token of an ended session is refused from the commit on. Streams learn of it by `SessionGate`.
 */
export const endSessions = (db: HttpDatabase | Transaction, ending: SessionEnding) =>
  // The builders are the same; a union of them loses the overloads of `returning`.
  (db as HttpDatabase)
    .update(sessions)
    .set({ endedAt: ending.at, endReason: ending.reason })
    .where(
      and(
        eq(sessions.companyId, ending.companyId),
        eq(sessions.userId, ending.userId),
        isNull(sessions.endedAt),
        ending.exceptSessionId === undefined ? undefined : ne(sessions.id, ending.exceptSessionId),
      ),
    )
    .returning({ id: sessions.id });
