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
