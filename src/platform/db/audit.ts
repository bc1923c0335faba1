import { sql, type SQL } from "drizzle-orm";
import type { AuditEntry } from "../../shared/audit.ts";
import type { HttpDatabase, Transaction } from "./client.ts";
import { auditLog } from "./schema/index.ts";

/** The row of an entry. Insert it in the same batch or transaction as the change it tells of. */
export const auditRow = (entry: AuditEntry): typeof auditLog.$inferInsert => ({
  id: entry.id,
  companyId: entry.companyId,
  at: entry.at,
  actorUserId: entry.actorUserId,
  action: entry.action,
  targetType: entry.targetType,
  targetId: entry.targetId,
  outcome: entry.outcome,
  reason: entry.reason ?? null,
  changes: entry.changes ?? null,
  requestId: entry.origin.requestId,
  ip: entry.origin.ip ?? null,
  userAgent: entry.origin.userAgent ?? null,
});

export const insertAudit = (db: HttpDatabase | Transaction, entry: AuditEntry) =>
  db.insert(auditLog).values(auditRow(entry));

/**
 * `insert into audit_log … select …`: writes the entry if, and only if, `source` (a CTE) has a row. For statements that
 * do something and audit it at once.
 */
export function insertAuditFrom(source: SQL, entry: AuditEntry): SQL {
  const { id, at, actorUserId, action, targetType, targetId, outcome, requestId, ip, userAgent } = auditRow(entry);
  return sql`
    insert into ${auditLog} (id, company_id, at, actor_user_id, action, target_type, target_id, outcome, request_id, ip, user_agent)
    select ${id}::uuid, ${entry.companyId}::uuid, ${at.toISOString()}::timestamptz, ${actorUserId}::uuid, ${action}, ${targetType},
      ${targetId}, ${outcome}, ${requestId}, ${ip}, ${userAgent}
    from ${source} returning id`;
}
