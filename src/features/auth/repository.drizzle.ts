import { and, eq, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom, recordRefusal } from "../../platform/db/audit.ts";
import { byteaParam } from "../../platform/db/bytes.ts";
import { sqlState, uniqueViolation, type Database, type HttpDatabase } from "../../platform/db/client.ts";
import { endSessionsFrom } from "../../platform/db/ended-sessions.ts";
import { consumeMailedToken, issueMailedTokenFrom, voidMailedTokensFrom } from "../../platform/db/mailed-tokens.ts";
import { insertMailFrom } from "../../platform/db/outbox.ts";
import { lockPerson } from "../../platform/db/person-lock.ts";
import { profileColumns, toProfile } from "../../platform/db/profile.ts";
import { companies, mailedTokens, sessions, users } from "../../platform/db/schema/index.ts";
import type { Group } from "../../shared/access.ts";
import { invariant } from "../../shared/errors.ts";
import { platformCompanyId, type CompanyId, type SessionId, type UserId } from "../../shared/ids.ts";
import { bootstrapLock } from "./limits.ts";
import type { AuthRepository, NewSuperAdmin } from "./repository.ts";
import { insertSessionFrom, profileOfSession } from "./session-rows.drizzle.ts";

const platformScope = { kind: "company", companyId: platformCompanyId } as const;

export function createAuthRepository(database: Database): AuthRepository {
  return {
    async findLogin(email) {
      const [row] = await database.call<{
        id: string;
        company_id: string;
        password_hash: string | null;
        password_version: number;
        is_active: boolean;
      }>(sql`select * from app.find_login(${email})`);
      return (
        row && {
          userId: row.id as UserId,
          companyId: row.company_id as CompanyId,
          passwordHash: row.password_hash,
          passwordVersion: row.password_version,
          isActive: row.is_active,
        }
      );
    },
    recordRefusal: (entry, actor) => recordRefusal(database, entry, actor),
    async hasSuperAdmin() {
      const [found] = await database.batch(platformScope, (db) => [selectSuperAdmin(db)]);
      return found.length > 0;
    },
    createFirstSuperAdmin: (admin) => createFirstSuperAdmin(database, admin),
    ...passwords(database),
    ...mailedTokenUses(database),
  };
}

function passwords(database: Database): Pick<AuthRepository, "getPassword" | "changePassword"> {
  return {
    async getPassword(actor, at) {
      const [[row]] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select({
            passwordHash: users.passwordHash,
            passwordVersion: users.passwordVersion,
            email: users.email,
            companyName: companies.name,
            sessionCreatedAt: sessions.createdAt,
          })
          .from(users)
          .innerJoin(companies, eq(companies.id, users.companyId))
          .innerJoin(sessions, and(eq(sessions.companyId, users.companyId), eq(sessions.id, actor.sessionId)))
          .where(and(eq(users.companyId, actor.companyId), eq(users.id, actor.userId)))
          .limit(1),
      ]);
      invariant(row, "a live session has a user");
      return row;
    },
    async changePassword({ actor, session, passwordHash, mail }) {
      const { companyId, userId, at } = session;
      const ending = { companyId, userId, reason: "password_changed", at } as const;
      // Asked again under the lock: whoever held it may have ended all of the person's sessions, and no new one may follow that.
      const ownLive = sql`exists (
        select from ${sessions} s where s.company_id = ${companyId}::uuid and s.id = ${actor.sessionId}::uuid and s.ended_at is null)`;
      const [, { rows }, [profile]] = await database.batch({ kind: "session", actor, at }, (db) => [
        lockPerson(db, session),
        db.execute<{ id: string }>(sql`
          with account as (${setPassword({ ...session, passwordHash }, sql`users.password_version = ${session.passwordVersion} and ${ownLive}`)}),
          ended as (${endSessionsFrom(sql`account`, ending)}),
          voided as (${voidMailedTokensFrom(sql`account`, session)}),
          session as (${insertSessionFrom(sql`account`, session)}),
          audited as (${insertAuditFrom(sql`session`, session.audit)}),
          mailed as (${insertMailFrom(sql`account`, mail)})
          select id from ended`),
        profileOfSession(db, session),
      ]);
      return profile && { ended: idsOf(rows), user: toProfile(profile) };
    },
  };
}

type TokenUses = "requestReset" | "findTokenHolder" | "resetPassword" | "acceptInvitation";

function mailedTokenUses(database: Database): Pick<AuthRepository, TokenUses> {
  return {
    async requestReset(token) {
      const { companyId, userId } = token;
      await database.batch({ kind: "company", companyId }, (db) => [
        db.execute(sql`
          with account as (
            select id from ${users}
            where company_id = ${companyId}::uuid and id = ${userId}::uuid and ${canSignIn} and email = ${token.mail.to}
          ), issued as (${issueMailedTokenFrom(sql`account`, token)}),
          audited as (${insertAuditFrom(sql`account`, token.audit)})
          ${insertMailFrom(sql`account`, token.mail)}`),
      ]);
    },
    async findTokenHolder(token) {
      const [[row]] = await database.batch({ kind: "company", companyId: token.companyId }, (db) => [
        db
          .select({ email: users.email, companyName: companies.name })
          .from(mailedTokens)
          .innerJoin(users, and(eq(users.companyId, mailedTokens.companyId), eq(users.id, mailedTokens.userId)))
          .innerJoin(companies, eq(companies.id, users.companyId))
          .where(
            sql`${mailedTokens.companyId} = ${token.companyId} and ${mailedTokens.userId} = ${token.userId}
              and ${mailedTokens.purpose} = ${token.purpose} and ${mailedTokens.digest} = ${byteaParam(token.digest)}
              and ${mailedTokens.expiresAt} > ${token.at.toISOString()}::timestamptz`,
          )
          .limit(1),
      ]);
      return row;
    },
    async resetPassword(token) {
      const { companyId, userId, at } = token;
      const ending = { companyId, userId, reason: "password_reset", at } as const;
      const [, { rows }] = await database.batch({ kind: "company", companyId }, (db) => [
        lockPerson(db, token),
        db.execute<{ id: string | null }>(sql`
          with token as (${consumeMailedToken(token)}),
          account as (${setPassword(token, sql`exists (select from token)`)}),
          ended as (${endSessionsFrom(sql`account`, ending)}),
          audited as (${insertAuditFrom(sql`account`, token.audit)}),
          mailed as (${insertMailFrom(sql`account`, token.mail, { to: sql`account.email` })})
          select ended.id from account left join ended on true`),
      ]);
      return rows.length === 0 ? undefined : idsOf(rows);
    },
    acceptInvitation: (token) => acceptInvitation(database, token),
  };
}

async function acceptInvitation(
  database: Database,
  token: Parameters<AuthRepository["acceptInvitation"]>[0],
): ReturnType<AuthRepository["acceptInvitation"]> {
  const { companyId, userId, passwordHash, firstName, lastName } = token;
  const at = sql`${token.at.toISOString()}::timestamptz`;
  const accept = sql`
    with token as (${consumeMailedToken(token)}),
    account as (
      update ${users} set password_hash = ${passwordHash}, password_version = password_version + 1,
        first_name = ${firstName}, last_name = ${lastName}, email_verified_at = ${at}, updated_at = ${at}
      where company_id = ${companyId}::uuid and id = ${userId}::uuid and is_active and deleted_at is null
        and email_verified_at is null and exists (select from token)
      returning id
    )
    ${insertAuditFrom(sql`account`, token.audit)}`;
  try {
    const [, { rows }] = await database.batch({ kind: "company", companyId }, (db) => [
      lockPerson(db, token),
      db.execute(accept),
    ]);
    return rows.length === 0 ? "not_good" : "done";
  } catch (error) {
    if (sqlState(error) === uniqueViolation) return "email_taken";
    throw error;
  }
}

const canSignIn = sql.raw("is_active and deleted_at is null and email_verified_at is not null");

/** The body of a CTE that sets the password of an account that can sign in, where `condition` holds. */
const setPassword = (
  change: { companyId: CompanyId; userId: UserId; passwordHash: string; at: Date },
  condition: SQL,
): SQL => sql`
  update ${users} set password_hash = ${change.passwordHash}, password_version = password_version + 1,
    updated_at = ${change.at.toISOString()}::timestamptz
  where company_id = ${change.companyId}::uuid and id = ${change.userId}::uuid and ${canSignIn} and ${condition}
  returning company_id, id, email`;

const idsOf = (rows: readonly { id: string | null }[]): SessionId[] =>
  rows.flatMap(({ id }) => (id === null ? [] : [id as SessionId]));

/** The lock makes twenty parallel tries one winner: each statement after it sees what the one before has made. One round trip. */
async function createFirstSuperAdmin(
  database: Database,
  admin: NewSuperAdmin,
): ReturnType<AuthRepository["createFirstSuperAdmin"]> {
  const at = sql`${admin.at.toISOString()}::timestamptz`;
  try {
    const [, , [made]] = await database.batch(platformScope, (db) => [
      db.execute(sql`select pg_advisory_xact_lock(${bootstrapLock})`),
      db.execute(sql`
        with made as (
          insert into ${users} (id, company_id, email, first_name, last_name, password_hash, "group", email_verified_at, created_at, updated_at)
          select ${admin.id}::uuid, ${platformCompanyId}::uuid, ${admin.email}, ${admin.firstName}, ${admin.lastName},
            ${admin.passwordHash}, ${superAdmin}, ${at}, ${at}, ${at}
          where not exists (${selectSuperAdmin(db)})
          returning id
        )
        ${insertAuditFrom(sql`made`, admin.audit)}`),
      db
        .select(profileColumns)
        .from(users)
        .innerJoin(companies, eq(companies.id, users.companyId))
        .where(and(eq(users.companyId, platformCompanyId), eq(users.id, admin.id))),
    ]);
    return made === undefined ? "exists" : toProfile(made);
  } catch (error) {
    if (sqlState(error) === uniqueViolation) return "email_taken";
    throw error;
  }
}

const superAdmin: Group = "Super Admin";

/** Closed for ever: one who was deactivated or deleted counts as well. */
const selectSuperAdmin = (db: HttpDatabase) =>
  db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.companyId, platformCompanyId), eq(users.group, superAdmin)))
    .limit(1);
