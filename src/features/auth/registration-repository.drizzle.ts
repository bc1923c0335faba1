import { and, eq, gt, sql } from "drizzle-orm";
import { insertAudit, insertAuditFrom } from "../../platform/db/audit.ts";
import { byteaParam } from "../../platform/db/bytes.ts";
import { sqlState, uniqueViolation, type Database, type Transaction } from "../../platform/db/client.ts";
import { insertMailFrom } from "../../platform/db/outbox.ts";
import { companies, registrations, users } from "../../platform/db/schema/index.ts";
import type { Group } from "../../shared/access.ts";
import { platformCompanyId } from "../../shared/ids.ts";
import type { Confirmation, NewRegistration, RegistrationRepository } from "./registration-repository.ts";

/** Registrations have no company of their own yet. */
const scope = { kind: "company", companyId: platformCompanyId } as const;

export function createRegistrationRepository(database: Database): RegistrationRepository {
  return {
    async register(registration) {
      await database.batch(scope, (db) => [db.execute(registerStatement(registration))]);
    },
    async confirm(confirmation) {
      try {
        return await database.unitOfWork(scope, (tx) => confirm(tx, confirmation));
      } catch (error) {
        if (sqlState(error) === uniqueViolation) return "email_taken";
        throw error;
      }
    },
  };
}

const registerStatement = (r: NewRegistration) => sql`
  with taken as (select from app.find_login(${r.email})),
  registration as (
    insert into ${registrations} (id, company_id, email, password_hash, first_name, last_name, company_name, token_digest, created_at, expires_at)
    select ${r.id}::uuid, ${platformCompanyId}::uuid, ${r.email}, ${r.passwordHash}, ${r.firstName}, ${r.lastName}, ${r.companyName},
      ${byteaParam(r.tokenDigest)}, ${r.at.toISOString()}::timestamptz, ${r.expiresAt.toISOString()}::timestamptz
    where not exists (select from taken)
    on conflict (company_id, email) do update set id = excluded.id, password_hash = excluded.password_hash,
      first_name = excluded.first_name, last_name = excluded.last_name, company_name = excluded.company_name,
      token_digest = excluded.token_digest, created_at = excluded.created_at, expires_at = excluded.expires_at
    returning id
  ),
  audited as (${insertAuditFrom(sql`registration`, r.audit)}),
  mailed as (${insertMailFrom(sql`registration`, r.mail)}),
  taken_audited as (${insertAuditFrom(sql`taken`, r.takenAudit)}),
  taken_mailed as (${insertMailFrom(sql`taken`, r.takenMail)})
  select`;

/** What it makes is another company's than the registration: a read decides a write in another context. */
async function confirm(
  tx: Transaction,
  { registrationId, tokenDigest, companyId, userId, at, audits }: Confirmation,
): Promise<"done" | "not_good"> {
  const [registration] = await tx
    .delete(registrations)
    .where(
      and(
        eq(registrations.companyId, platformCompanyId),
        eq(registrations.id, registrationId),
        eq(registrations.tokenDigest, tokenDigest),
        gt(registrations.expiresAt, at),
      ),
    )
    .returning();
  if (registration === undefined) return "not_good";
  const { email, passwordHash, firstName, lastName, companyName } = registration;
  const group: Group = "Admin";
  const times = { createdAt: at, updatedAt: at };
  await tx.execute(sql`select app.enter_company(${companyId}::uuid)`);
  await tx.insert(companies).values({ id: companyId, name: companyName, ...times });
  const person = { id: userId, companyId, email, passwordHash, firstName, lastName, group };
  await tx.insert(users).values({ ...person, emailVerifiedAt: at, ...times });
  for (const entry of audits) await insertAudit(tx, entry);
  return "done";
}
