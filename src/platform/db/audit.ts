import { sql, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import { auditRow } from "./audit-row.ts";
import type { Database, HttpDatabase, Transaction } from "./client.ts";
import { auditLog } from "./schema/index.ts";

export const insertAudit = (db: HttpDatabase | Transaction, entry: AuditEntry) =>
  db.insert(auditLog).values(auditRow(entry));

/**
 * `insert into audit_log … select …`: writes the entry if, and only if, `source` (a CTE) has a row, once however many it has. For statements that
 * do something and audit it at once. `changes` and `target` may read the source's columns.
 */
export function insertAuditFrom(source: SQL, entry: AuditEntry, changes?: SQL, target?: SQL): SQL {
  return sql`${selectAudit(entry, { changes, target })} from ${source} limit 1 returning id`;
}

/**
 * The same once for every row of `source`, which is numbered by a column `n` from 1: the rows' ids come from `ids`, of which
 * there must be as many. `action` and `target` read the source's columns.
 */
export const insertAuditOfEach = (
  source: SQL,
  entry: AuditEntry,
  ids: readonly string[],
  { action, target }: { readonly action: SQL; readonly target: SQL },
): SQL => sql`${selectAudit(entry, { id: sql`given.value::uuid`, action, target })}
  from ${source} join json_array_elements_text(${JSON.stringify(ids)}::json) with ordinality as given (value, place) on place = n`;

/** More refusals of one caller in a minute are answered the same and not written down: the audit is not theirs to fill. */
export const refusalsWritten = { limit: 60, windowSeconds: 60 } as const;

/**
 * Writes down a refusal, of a known caller if `actor` is given: then in their session. One round trip.
 *
 * @throws AppError `unauthorized` when the caller's session has ended: then they are nobody we know
 */
export async function recordRefusal(database: Database, entry: AuditEntry, actor?: Actor): Promise<void> {
  if (actor === undefined) {
    await database.batch({ kind: "company", companyId: entry.companyId }, (db) => [insertAudit(db, entry)]);
    return;
  }
  const { limit, windowSeconds } = refusalsWritten;
  const since = new Date(entry.at.getTime() - windowSeconds * 1000).toISOString();
  await database.batch({ kind: "session", actor, at: entry.at }, (db) => [
    db.execute(sql`
      with recent as (
        select from ${auditLog} where company_id = ${actor.companyId}::uuid and actor_user_id = ${actor.userId}::uuid
          and at > ${since}::timestamptz and outcome = 'refused' limit ${limit}
      ), few as (select where (select count(*) from recent) < ${limit})
      ${insertAuditFrom(sql`few`, entry)}`),
  ]);
}

/** What the audit gets of a value that is large, or nobody's business; null of null. */
export const digestOf = (value: SQL): SQL =>
  sql`'sha256:' || encode(sha256(convert_to(${value}::text, 'UTF8')), 'hex')`;

interface Overrides {
  readonly id?: SQL;
  readonly action?: SQL;
  readonly changes?: SQL | undefined;
  readonly target?: SQL | undefined;
}

function selectAudit(entry: AuditEntry, overrides: Overrides): SQL {
  const { id, at, actorUserId, action, targetType, targetId, outcome, reason, requestId, ip, userAgent } =
    auditRow(entry);
  const changes = sql`${entry.changes === undefined ? null : JSON.stringify(entry.changes)}::jsonb`;
  return sql`
    insert into ${auditLog} (id, company_id, at, actor_user_id, action, target_type, target_id, outcome, reason, changes, request_id, ip, user_agent)
    select ${overrides.id ?? sql`${id}::uuid`}, ${entry.companyId}::uuid, ${at.toISOString()}::timestamptz, ${actorUserId}::uuid,
      ${overrides.action ?? sql`${action}`}, ${targetType}, ${overrides.target ?? sql`${targetId}`}, ${outcome}, ${reason},
      ${overrides.changes ?? changes}, ${requestId}, ${ip}, ${userAgent}`;
}

/**
 * One statement: `change`, which returns a row for what it changed, and the audit row, which exists if, and only if, it changed
 * something. `before` is a CTE, or several, that `change` may read: Postgres wants those that write side by side, not nested.
 */
export function auditedChange(db: HttpDatabase, entry: AuditEntry, change: SQL, before?: SQL) {
  const first = before === undefined ? sql`` : sql`${before}, `;
  return db.execute(sql`with ${first}changed as (${change}) ${insertAuditFrom(sql`changed`, entry)}`);
}

/**
 * One statement: sets columns (by their names in the database) of the one row that `where` names, and audits each with its
 * old and new value. `key` are the columns of the table's primary key. Returns a row if, and only if, there was one to change.
 */
export function auditedUpdate(
  db: HttpDatabase,
  table: PgTable,
  change: {
    readonly key: readonly string[];
    /** Columns of which the audit gets a digest: what is large, or nobody's business. */
    readonly digested?: readonly string[];
    readonly where: SQL;
    readonly set: Readonly<Record<string, unknown>>;
    readonly audit: AuditEntry;
  },
) {
  const names = Object.keys(change.set);
  const assignments = names.map((name) => sql`${sql.identifier(name)} = ${change.set[name]}`);
  const same = change.key.map((name) => sql`t.${sql.identifier(name)} = before.${sql.identifier(name)}`);
  const changes = names
    .filter((name) => name !== "updated_at")
    .map((name) => {
      const column = sql.identifier(name);
      const told = (row: SQL): SQL =>
        change.digested?.includes(name) ? digestOf(sql`${row}.${column}`) : sql`to_jsonb(${row}.${column})`;
      return sql`${name}::text, jsonb_build_object('old', ${told(sql`before`)}, 'new', ${told(sql`after`)})`;
    });
  // The update reads `before`, so that the row is read and locked first: in which order the parts of a WITH run is not promised otherwise.
  return db.execute(sql`
    with before as (select * from ${table} where ${change.where} for update),
    after as (
      update ${table} t set ${sql.join(assignments, sql`, `)} from before where ${sql.join(same, sql` and `)} returning t.*
    )
    ${insertAuditFrom(sql`before, after`, change.audit, sql`jsonb_build_object(${sql.join(changes, sql`, `)})`)}`);
}
