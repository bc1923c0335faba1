import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import { digestOf, insertAuditFrom } from "../../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../../platform/db/client.ts";
import { companyRoles } from "../../../platform/db/schema/index.ts";
import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import { maxRolesPerCompany } from "../limits.ts";
import type { CompanyRole, CompanyRoleRepository } from "./repository.ts";
import type { Workload } from "./workload-schemas.ts";

/** Namespace of the advisory lock under which a company's roles are counted and added. */
const roleLock = 727_003;

const columns = { nameKey: companyRoles.nameKey, role: companyRoles.role, workloads: companyRoles.workloads };
const toRole = (row: { nameKey: string; role: string; workloads: unknown }): CompanyRole => ({
  ...row,
  workloads: row.workloads as Workload[],
});

export function createCompanyRoleRepository(database: Database): CompanyRoleRepository {
  return {
    async listKeys(actor, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select({ nameKey: companyRoles.nameKey })
          .from(companyRoles)
          .where(eq(companyRoles.companyId, actor.companyId))
          .limit(maxRolesPerCompany),
      ]);
      return rows.map(({ nameKey }) => nameKey);
    },
    async find(actor, nameKeys, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select(columns)
          .from(companyRoles)
          .where(and(eq(companyRoles.companyId, actor.companyId), inArray(companyRoles.nameKey, [...nameKeys])))
          .limit(maxRolesPerCompany),
      ]);
      return rows.map(toRole);
    },
    async put(actor, role, audit) {
      const [, made] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
        db.execute(sql`select pg_advisory_xact_lock(${roleLock}, hashtext(${actor.companyId}))`),
        upsert(db, actor, role, audit),
      ]);
      const row = made.rows[0] as { made: boolean } | undefined;
      if (row === undefined) return "full";
      return row.made ? "created" : "replaced";
    },
    async remove(actor, nameKey, audit) {
      const [removed] = await database.batch({ kind: "session", actor, at: audit.at }, (db) => [
        db.execute(sql`
          with gone as (
            delete from ${companyRoles} where company_id = ${actor.companyId}::uuid and name_key = ${nameKey} returning workloads
          ) ${insertAuditFrom(sql`gone`, audit, changesOf(sql`gone.workloads`, sql`null::text`))}`),
      ]);
      return removed.rows.length > 0;
    },
  };
}

/** Fifty workloads are long: the audit tells that they are others, by their digests. */
const changesOf = (old: SQL, now: SQL): SQL =>
  sql`jsonb_build_object('workloads', jsonb_build_object('old', ${digestOf(old)}, 'new', ${digestOf(now)}))`;

function upsert(db: HttpDatabase, actor: Actor, { nameKey, role, workloads }: CompanyRole, audit: AuditEntry) {
  const own = sql`company_id = ${actor.companyId}::uuid`;
  return db.execute(sql`
    with known as (
      select count(*) as roles, count(*) filter (where name_key = ${nameKey}) as same from ${companyRoles} where ${own}
    ), put as (
      insert into ${companyRoles} (company_id, name_key, role, workloads, updated_by, updated_at)
      select ${actor.companyId}::uuid, ${nameKey}, ${role}, ${JSON.stringify(workloads)}::json, ${actor.userId}::uuid, ${audit.at.toISOString()}::timestamptz
      from known where same = 1 or roles < ${maxRolesPerCompany}
      on conflict (company_id, name_key) do update
        set role = excluded.role, workloads = excluded.workloads, updated_by = excluded.updated_by, updated_at = excluded.updated_at
      returning workloads
    ), before as (select workloads from ${companyRoles} where ${own} and name_key = ${nameKey}),
    audited as (${insertAuditFrom(sql`put left join before on true`, audit, changesOf(sql`before.workloads`, sql`put.workloads`))})
    select same = 0 as made from known, audited`);
}
