import { sql, type SQL } from "drizzle-orm";
import type { HttpDatabase, Transaction } from "../../platform/db/client.ts";
import { users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import { keepersLock } from "./limits.ts";
import { groupsWithin, keeperGroup } from "./policy.ts";
import type { Target, Unchanged } from "./repository.ts";

export type Verdict = "good" | Exclude<Unchanged, "missing">;

/** One change of a company's people after another. */
export const lockCompany = (db: HttpDatabase | Transaction, { companyId }: Target) =>
  db.execute(sql`select pg_advisory_xact_lock(${keepersLock}, hashtext(${companyId}))`);

/** The body of a CTE: the live account of the target, if there is one, with what is to be said of a change to it. */
export function judged(actor: Actor, target: Target, loses: boolean): SQL {
  const keeps = sql`"group" = ${keeperGroup(target.companyId)} and is_active and email_verified_at is not null`;
  const others = sql`
    select from ${users} where company_id = ${target.companyId}::uuid and id <> ${target.id}::uuid and deleted_at is null and ${keeps}`;
  return sql`
    select *, case
      when "group" not in ${groupsWithin(actor.group)} then 'group_above_own'
      when ${loses} and ${keeps} and not exists (${others}) then 'last_keeper'
      else 'good' end as verdict
    from ${users} where company_id = ${target.companyId}::uuid and id = ${target.id}::uuid and deleted_at is null`;
}
