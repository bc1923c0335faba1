import { and, desc, eq, gt, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import { byteaParam } from "../../platform/db/bytes.ts";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import type { SessionEndReason } from "../../platform/db/ended-sessions.ts";
import { insertMailFrom } from "../../platform/db/outbox.ts";
import { lockPerson } from "../../platform/db/person-lock.ts";
import { toProfile } from "../../platform/db/profile.ts";
import { sessions, users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import { AppError, invariant } from "../../shared/errors.ts";
import type { SessionId } from "../../shared/ids.ts";
import { toPage } from "../../shared/pagination.ts";
import type { NewSession, Rotation, RotationOutcome, SessionRepository } from "./session-repository.ts";
import { endSurplus, insertSessionFrom, profileOfSession } from "./session-rows.drizzle.ts";

export function createSessionRepository(database: Database): SessionRepository {
  return {
    async openSession(session, newPasswordHash) {
      const scope = { kind: "company", companyId: session.companyId } as const;
      const [, , [row]] = await database.batch(scope, (db) => [
        insertSession(db, session, newPasswordHash),
        endSurplus(db, session),
        profileOfSession(db, session),
      ]);
      return row && toProfile(row);
    },
    rotate: (rotation) => rotate(database, rotation),
    async listOwn(actor, { limit, after }, at) {
      const older =
        after && or(lt(sessions.createdAt, after.at), and(eq(sessions.createdAt, after.at), lt(sessions.id, after.id)));
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select()
          .from(sessions)
          .where(and(ownLive(actor, at), older))
          .orderBy(desc(sessions.createdAt), desc(sessions.id))
          .limit(limit + 1),
      ]);
      const mine = rows.map(({ id, userAgent, ip, createdAt, lastUsedAt, expiresAt }) => {
        return { id: id as SessionId, device: userAgent, ip, createdAt, lastUsedAt, expiresAt };
      });
      return toPage(mine, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
    },
    endOne: async (actor, id, audit) =>
      (await end(database, actor, sql`id = ${id}::uuid`, "revoked", audit)).length > 0,
    async endOwn(actor, scope, audit) {
      const which = {
        current: sql`id = ${actor.sessionId}::uuid`,
        others: sql`id <> ${actor.sessionId}::uuid`,
        all: sql`true`,
      };
      return end(database, actor, which[scope], "logout", audit);
    },
    async isLive(actor, at) {
      try {
        await database.batch({ kind: "session", actor, at }, (db) => [db.execute(sql`select`)]);
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === "unauthorized") return false;
        throw error;
      }
    },
  };
}

/** One statement: the session exists if, and only if, the account is as it was verified; then its audit row and log-in time follow. */
const insertSession = (db: HttpDatabase, session: NewSession, newPasswordHash: string | undefined) =>
  db.execute(sql`
    with account as (
      update ${users} set last_login_at = ${session.at.toISOString()}::timestamptz,
        password_hash = coalesce(${newPasswordHash ?? null}, password_hash)
      where company_id = ${session.companyId} and id = ${session.userId} and is_active and deleted_at is null
        and email_verified_at is not null and password_version = ${session.passwordVersion}
      returning company_id, id
    ), session as (${insertSessionFrom(sql`account`, session)})
    ${insertAuditFrom(sql`session`, session.audit)}`);

async function rotate(database: Database, rotation: Rotation): Promise<RotationOutcome> {
  const { companyId, sessionId } = rotation;
  const [{ rows }, [profile]] = await database.batch({ kind: "company", companyId }, (db) => [
    db.execute<{ verdict: Verdict; expires_at: string | null }>(rotateStatement(rotation)),
    profileOfSession(db, { companyId, id: sessionId }),
  ]);
  const found = rows[0];
  if (found === undefined) return { kind: "unknown" };
  if (found.verdict !== "current") return { kind: found.verdict };
  invariant(profile && found.expires_at, "a session just rotated has a user and an end");
  return { kind: "rotated", user: toProfile(profile), expiresAt: new Date(found.expires_at) };
}

type Verdict = "ended" | "current" | "raced" | "reused";

/**
 * Reads the row under its lock, so that of many at once each sees what the one before has made of it; then does what
 * follows. A row of another family, or none, is no row.
 */
function rotateStatement(rotation: Rotation): SQL {
  const { companyId, sessionId, raceSeconds, idleSeconds, absoluteSeconds } = rotation;
  const at = sql`${rotation.at.toISOString()}::timestamptz`;
  const seconds = (count: number): SQL => sql`make_interval(secs => ${count}::int)`;
  const sent = byteaParam(rotation.refreshDigest);
  const reason: SessionEndReason = "refresh_reused";
  return sql`
    with presented as (
      select s.id, s.user_id, u.email, case
        when s.ended_at is not null or s.expires_at <= ${at} or s.created_at + ${seconds(absoluteSeconds)} <= ${at}
          or not u.is_active or u.deleted_at is not null then 'ended'
        when s.refresh_digest = ${sent} then 'current'
        when s.previous_digest = ${sent} and s.rotated_at > ${at} - ${seconds(raceSeconds)} then 'raced'
        else 'reused' end as verdict
      from ${sessions} s join ${users} u on u.company_id = s.company_id and u.id = s.user_id
      where s.company_id = ${companyId}::uuid and s.id = ${sessionId}::uuid
        and s.family_digest = ${byteaParam(rotation.familyDigest)}
      for update of s
    ), rotated as (
      update ${sessions} s set refresh_digest = ${byteaParam(rotation.nextDigest)}, previous_digest = s.refresh_digest,
        rotated_at = ${at}, last_used_at = ${at},
        expires_at = least(${at} + ${seconds(idleSeconds)}, s.created_at + ${seconds(absoluteSeconds)})
      from presented p where s.company_id = ${companyId}::uuid and s.id = p.id and p.verdict = 'current'
      returning s.id, s.expires_at
    ), reused as (
      update ${sessions} s set ended_at = ${at}, end_reason = ${reason}
      from presented p where s.company_id = ${companyId}::uuid and s.id = p.id and p.verdict = 'reused'
      returning s.id, p.user_id, p.email
    ), audited as (${insertAuditFrom(sql`reused`, rotation.reuseAudit)}),
    ended as (select from presented where verdict = 'ended'),
    ended_audited as (${insertAuditFrom(sql`ended`, rotation.endedAudit)}),
    mailed as (${insertMailFrom(sql`reused`, rotation.reuseMail, { to: sql`reused.email`, userId: sql`reused.user_id` })})
    select p.verdict, to_char(r.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as expires_at
    from presented p left join rotated r on true`;
}

const ownLive = (actor: Actor, at: Date) =>
  and(
    eq(sessions.companyId, actor.companyId),
    eq(sessions.userId, actor.userId),
    isNull(sessions.endedAt),
    gt(sessions.expiresAt, at),
  );

/** Ends those of the caller's live sessions that `which` says, with one audit row if there was any. */
async function end(
  database: Database,
  actor: Actor,
  which: SQL,
  reason: SessionEndReason,
  audit: AuditEntry,
): Promise<readonly SessionId[]> {
  const at = sql`${audit.at.toISOString()}::timestamptz`;
  const [, { rows }] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
    lockPerson(db, actor),
    db.execute<{ id: string }>(sql`
      with ended as (
        update ${sessions} set ended_at = ${at}, end_reason = ${reason}
        where company_id = ${actor.companyId}::uuid and user_id = ${actor.userId}::uuid and ended_at is null
          and expires_at > ${at} and ${which}
        returning id
      ), audited as (${insertAuditFrom(sql`ended`, audit)})
      select id from ended`),
  ]);
  return rows.map(({ id }) => id as SessionId);
}
