import { and, eq, isNull, ne, sql, type SQL } from "drizzle-orm";
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

/** The body of a CTE that does the same if, and only if, `source` (a CTE) has a row. */
export const endSessionsFrom = (source: SQL, { companyId, userId, reason, at }: SessionEnding): SQL => sql`
  update ${sessions} set ended_at = ${at.toISOString()}::timestamptz, end_reason = ${reason}
  where company_id = ${companyId}::uuid and user_id = ${userId}::uuid and ended_at is null and exists (select from ${source})
  returning id`;
