import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { insertAudit, insertAuditFrom } from "../../platform/db/audit.ts";
import { byteaParam } from "../../platform/db/bytes.ts";
import { sqlState, type Database, type HttpDatabase, type Transaction } from "../../platform/db/client.ts";
import { profileColumns, toProfile } from "../../platform/db/profile.ts";
import { companies, sessions, users } from "../../platform/db/schema/index.ts";
import { invariant } from "../../shared/errors.ts";
import { platformCompanyId, type CompanyId, type UserId } from "../../shared/ids.ts";
import { maxSessionsPerUser } from "./limits.ts";
import type { AuthRepository, NewSession, NewSuperAdmin } from "./repository.ts";

/** Serialises the making of the first Super Admin across the cluster's database. */
const bootstrapLock = 727_001;
const uniqueViolation = "23505";
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
    async openSession(session) {
      const scope = { kind: "company", companyId: session.companyId } as const;
      const [, , rows] = await database.batch(scope, (db) => [
        insertSession(db, session),
        endSurplus(db, session),
        profileOfSession(db, session),
      ]);
      const row = rows[0];
      return row && toProfile(row);
    },
    async recordRefusal(entry) {
      await database.batch({ kind: "company", companyId: entry.companyId }, (db) => [insertAudit(db, entry)]);
    },
    async hasSuperAdmin() {
      const [found] = await database.batch(platformScope, (db) => [selectSuperAdmin(db)]);
      return found.length > 0;
    },
    createFirstSuperAdmin: (admin) => createFirstSuperAdmin(database, admin),
  };
}

/** One statement: the session exists if, and only if, the account is as it was verified; then its audit row and log-in time follow. */
function insertSession(db: HttpDatabase, session: NewSession) {
  const { origin } = session.audit;
  return db.execute(sql`
    with account as (
      update ${users} set last_login_at = ${session.at.toISOString()}::timestamptz,
        password_hash = coalesce(${session.newPasswordHash ?? null}, password_hash)
      where company_id = ${session.companyId} and id = ${session.userId} and is_active and deleted_at is null
        and email_verified_at is not null and password_version = ${session.passwordVersion}
      returning company_id, id
    ), session as (
      insert into ${sessions} (id, company_id, user_id, family_digest, refresh_digest, created_at, last_used_at, expires_at, ip, user_agent)
      select ${session.id}::uuid, company_id, id, ${byteaParam(session.familyDigest)}, ${byteaParam(session.refreshDigest)},
        ${session.at.toISOString()}::timestamptz, ${session.at.toISOString()}::timestamptz, ${session.expiresAt.toISOString()}::timestamptz,
        ${origin.ip ?? null}, ${origin.userAgent ?? null}
      from account returning company_id, user_id, id
    )
    ${insertAuditFrom(sql`session`, session.audit)}`);
}

function endSurplus(db: HttpDatabase, session: NewSession) {
  const mine = and(
    eq(sessions.companyId, session.companyId),
    eq(sessions.userId, session.userId),
    isNull(sessions.endedAt),
  );
  const surplus = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(mine)
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.createdAt))
    .offset(maxSessionsPerUser);
  return db
    .update(sessions)
    .set({ endedAt: session.at, endReason: "too_many" })
    .where(and(mine, sql`${sessions.id} in ${surplus}`));
}

function profileOfSession(db: HttpDatabase, session: NewSession) {
  return db
    .select(profileColumns)
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .innerJoin(
      sessions,
      and(eq(sessions.companyId, users.companyId), eq(sessions.userId, users.id), eq(sessions.id, session.id)),
    )
    .where(and(eq(users.companyId, session.companyId), eq(users.id, session.userId)))
    .limit(1);
}

/** A read decides a write, so this is a unit of work; the lock makes twenty parallel tries one winner. */
async function createFirstSuperAdmin(
  database: Database,
  admin: NewSuperAdmin,
): ReturnType<AuthRepository["createFirstSuperAdmin"]> {
  try {
    return await database.unitOfWork(platformScope, async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${bootstrapLock})`);
      const existing = await selectSuperAdmin(tx);
      if (existing.length > 0) return "exists" as const;
      await insertSuperAdmin(tx, admin);
      const rows = await tx
        .select(profileColumns)
        .from(users)
        .innerJoin(companies, eq(companies.id, users.companyId))
        .where(and(eq(users.companyId, platformCompanyId), eq(users.id, admin.id)));
      const [made] = rows;
      invariant(made, "the Super Admin just made can be read");
      return toProfile(made);
    });
  } catch (error) {
    if (sqlState(error) === uniqueViolation) return "email_taken";
    throw error;
  }
}

/** Closed for ever: one who was deactivated or deleted counts as well. */
const selectSuperAdmin = (db: HttpDatabase | Transaction) =>
  db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.companyId, platformCompanyId), eq(users.group, "Super Admin")))
    .limit(1);

async function insertSuperAdmin(tx: Transaction, admin: NewSuperAdmin): Promise<void> {
  await tx.insert(users).values({
    id: admin.id,
    companyId: platformCompanyId,
    email: admin.email,
    firstName: admin.firstName,
    lastName: admin.lastName,
    passwordHash: admin.passwordHash,
    group: "Super Admin",
    emailVerifiedAt: admin.at,
    createdAt: admin.at,
    updatedAt: admin.at,
  });
  await insertAudit(tx, admin.audit);
}
