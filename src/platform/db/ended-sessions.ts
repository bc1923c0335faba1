import { sql, type SQL } from "drizzle-orm";
import type { CompanyId, UserId } from "../../shared/ids.ts";
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
}

/**
 * The body of a CTE that ends the live sessions of a person and returns their ids, if, and only if, `source` (a CTE) has a row.
 * Every access token of an ended session is refused from the commit on. Streams learn of it by `SessionGate`.
 */
export const endSessionsFrom = (source: SQL, { companyId, userId, reason, at }: SessionEnding): SQL => sql`
  update ${sessions} set ended_at = ${at.toISOString()}::timestamptz, end_reason = ${reason}
  where company_id = ${companyId}::uuid and user_id = ${userId}::uuid and ended_at is null and exists (select from ${source})
  returning id`;
