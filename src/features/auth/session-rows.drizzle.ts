import { and, desc, eq, isNull, sql, type SQL } from "drizzle-orm";
import { byteaParam } from "../../platform/db/bytes.ts";
import type { HttpDatabase } from "../../platform/db/client.ts";
import type { SessionEndReason } from "../../platform/db/ended-sessions.ts";
import { profileColumns } from "../../platform/db/profile.ts";
import { companies, sessions, users } from "../../platform/db/schema/index.ts";
import type { CompanyId, SessionId } from "../../shared/ids.ts";
import { maxSessionsPerUser } from "./limits.ts";
import type { NewSession } from "./session-repository.ts";

/** The body of a CTE that makes the session if, and only if, `account` (a CTE with company_id and id) has a row. */
export const insertSessionFrom = (account: SQL, session: NewSession): SQL => sql`
  insert into ${sessions} (id, company_id, user_id, family_digest, refresh_digest, created_at, last_used_at, expires_at, ip, user_agent)
  select ${session.id}::uuid, company_id, id, ${byteaParam(session.familyDigest)}, ${byteaParam(session.refreshDigest)},
    ${session.createdAt.toISOString()}::timestamptz, ${session.at.toISOString()}::timestamptz, ${session.expiresAt.toISOString()}::timestamptz,
    ${session.audit.origin.ip ?? null}, ${session.audit.origin.userAgent ?? null}
  from ${account} returning id`;

/**
 * Ends what is beyond the most sessions a person may have, those used longest ago first. A statement of its own: the one
 * before has locked the account, so of two sign-ins at once the second counts what the first has made.
 */
export function endSurplus(db: HttpDatabase, { companyId, userId, at }: NewSession) {
  const mine = and(eq(sessions.companyId, companyId), eq(sessions.userId, userId), isNull(sessions.endedAt));
  const reason: SessionEndReason = "too_many";
  const surplus = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(mine)
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.createdAt), desc(sessions.id))
    .offset(maxSessionsPerUser);
  return db
    .update(sessions)
    .set({ endedAt: at, endReason: reason })
    .where(and(mine, sql`${sessions.id} in ${surplus}`));
}

/** The profile of whose live session it is. */
export function profileOfSession(db: HttpDatabase, session: { companyId: CompanyId; id: SessionId }) {
  return db
    .select(profileColumns)
    .from(sessions)
    .innerJoin(users, and(eq(users.companyId, sessions.companyId), eq(users.id, sessions.userId)))
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(and(eq(sessions.companyId, session.companyId), eq(sessions.id, session.id), isNull(sessions.endedAt)))
    .limit(1);
}
