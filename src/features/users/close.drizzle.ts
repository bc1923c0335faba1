import { sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import { endSessionsFrom, type SessionEndReason } from "../../platform/db/ended-sessions.ts";
import { voidMailedTokensFrom } from "../../platform/db/mailed-tokens.ts";
import { users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { SessionId } from "../../shared/ids.ts";
import { judged, type Verdict } from "./judged.drizzle.ts";
import type { Target, Unchanged } from "./repository.ts";

/** A row a session that has ended; one without an id where none has. No row: nobody is there. */
export interface Outcome extends Record<string, unknown> {
  readonly verdict: Verdict;
  readonly id: string | null;
}

export function endedOf(rows: readonly Outcome[]): readonly SessionId[] | Unchanged {
  const verdict = rows[0]?.verdict ?? "missing";
  return verdict === "good" ? rows.flatMap(({ id }) => (id === null ? [] : [id as SessionId])) : verdict;
}

/** What a statement with the CTEs `before` (judged) and `ended` (sessions) comes to. */
export const selectOutcome = sql`select before.verdict, ended.id from before left join ended on true`;

export const userOf = ({ companyId, id }: Target) => ({ companyId, userId: id });

/** Closes an account: it cannot sign in, shows nowhere, and what it made goes on pointing at it. */
export const closeStatement = (
  actor: Actor,
  target: Target,
  { audit, reason }: { readonly audit: AuditEntry; readonly reason: SessionEndReason },
): SQL => sql`
  with before as (${judged(actor, target, true)}),
  after as (
    update ${users} t set is_active = false, password_hash = null, deleted_at = ${audit.at.toISOString()}::timestamptz,
      updated_at = ${audit.at.toISOString()}::timestamptz
    from before where t.company_id = before.company_id and t.id = before.id and before.verdict = 'good' returning t.id
  ),
  audited as (${insertAuditFrom(
    sql`after, before`,
    audit,
    sql`${JSON.stringify(audit.changes ?? {})}::jsonb || jsonb_build_object(
      'email', jsonb_build_object('old', before.email, 'new', null),
      'group', jsonb_build_object('old', before."group", 'new', null))`,
  )}),
  ended as (${endSessionsFrom(sql`after`, { ...userOf(target), reason, at: audit.at })}),
  voided as (${voidMailedTokensFrom(sql`after`, userOf(target))})
  ${selectOutcome}`;
