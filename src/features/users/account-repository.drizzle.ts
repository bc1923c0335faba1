import { sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { endSessionsFrom } from "../../platform/db/ended-sessions.ts";
import { voidMailedTokensFrom } from "../../platform/db/mailed-tokens.ts";
import { lockPerson } from "../../platform/db/person-lock.ts";
import { selectProfile, toProfile } from "../../platform/db/profile.ts";
import { inCompany } from "../../platform/db/reach.ts";
import { users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { SessionId } from "../../shared/ids.ts";
import { closeStatement, endedOf, selectOutcome, userOf, type Outcome } from "./close.drizzle.ts";
import { judged, lockCompany } from "./judged.drizzle.ts";
import { movePerson } from "./move.drizzle.ts";
import { keeperGroup } from "./policy.ts";
import type { AccountPatch, AccountRepository, Target, Unchanged } from "./repository.ts";

export function createAccountRepository(database: Database): AccountRepository {
  return {
    async change(actor, target, patch, audit) {
      const [, , { rows }, [profile]] = await database.batch(inCompany(actor, target.companyId, audit.at), (db) => [
        lockCompany(db, target),
        lockPerson(db, userOf(target)),
        db.execute<Outcome>(changeStatement(actor, target, patch, audit)),
        selectProfile(db, userOf(target)),
      ]);
      const ended = endedOf(rows);
      if (typeof ended === "string") return ended;
      return profile === undefined ? "missing" : { ended, user: toProfile(profile) };
    },
    remove: (actor, target, audit) =>
      runClosing(database, actor, target, audit, closeStatement(actor, target, { audit, reason: "deleted" })),
    endSessions: (actor, target, audit) =>
      runClosing(database, actor, target, audit, endStatement(actor, target, audit)),
    move: (actor, target, to, patch, audits) => movePerson(database, actor, target, to, patch, audits),
  };
}

async function runClosing(
  database: Database,
  actor: Actor,
  target: Target,
  audit: AuditEntry,
  statement: SQL,
): Promise<readonly SessionId[] | Unchanged> {
  const [, , { rows }] = await database.batch(inCompany(actor, target.companyId, audit.at), (db) => [
    lockCompany(db, target),
    lockPerson(db, userOf(target)),
    db.execute<Outcome>(statement),
  ]);
  return endedOf(rows);
}

/** The columns that a patch names, with their new values. */
export function columnsOf({ firstName, lastName, group, isActive }: AccountPatch): [column: string, value: unknown][] {
  const named = { first_name: firstName, last_name: lastName, group, is_active: isActive };
  return Object.entries(named).filter(([, value]) => value !== undefined);
}

function changeStatement(actor: Actor, target: Target, patch: AccountPatch, audit: AuditEntry): SQL {
  const columns = columnsOf(patch);
  const keeper = keeperGroup(target.companyId);
  const loses = patch.isActive === false || (patch.group !== undefined && patch.group !== keeper);
  const reason = patch.isActive === false ? "deactivated" : "group_changed";
  const assignments = columns.map(([name, value]) => sql`${sql.identifier(name)} = ${value}, `);
  const changes = columns.map(([name]) => {
    const column = sql.identifier(name);
    return sql`${name}::text, jsonb_build_object('old', before.${column}, 'new', after.${column})`;
  });
  return sql`
    with before as (${judged(actor, target, loses)}),
    after as (
      update ${users} t set ${sql.join(assignments)} updated_at = ${audit.at.toISOString()}::timestamptz
      from before where t.company_id = before.company_id and t.id = before.id and before.verdict = 'good' returning t.*
    ),
    told as (
      select jsonb_object_agg(key, value) as changes
      from before, after, jsonb_each(jsonb_build_object(${sql.join(changes, sql`, `)}))
      where value -> 'old' <> value -> 'new' having count(*) > 0
    ),
    audited as (${insertAuditFrom(sql`told`, audit, sql`told.changes`)}),
    locked_out as (
      select from before, after where before."group" <> after."group" or (before.is_active and not after.is_active)
    ),
    ended as (${endSessionsFrom(sql`locked_out`, { ...userOf(target), reason, at: audit.at })}),
    voided as (${voidMailedTokensFrom(sql`after where not is_active`, userOf(target))})
    ${selectOutcome}`;
}

const endStatement = (actor: Actor, target: Target, audit: AuditEntry): SQL => sql`
  with before as (${judged(actor, target, false)}),
  person as (select id from before where verdict = 'good'),
  ended as (${endSessionsFrom(sql`person`, { ...userOf(target), reason: "revoked", at: audit.at })}),
  audited as (${insertAuditFrom(sql`person`, audit, sql`jsonb_build_object('sessions', (select count(*) from ended))`)})
  ${selectOutcome}`;
