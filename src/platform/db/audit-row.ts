import type { AuditEntry } from "../../shared/audit.ts";
import type { auditLog } from "./schema/index.ts";

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

/** The same as JSON with the table's column names, for `app.enter_across`. */
export function auditRecord(entry: AuditEntry): string {
  const { companyId, actorUserId, targetType, targetId, requestId, userAgent, ...same } = auditRow(entry);
  return JSON.stringify({
    ...same,
    company_id: companyId,
    actor_user_id: actorUserId,
    target_type: targetType,
    target_id: targetId,
    request_id: requestId,
    user_agent: userAgent,
  });
}
