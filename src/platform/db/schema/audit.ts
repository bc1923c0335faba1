import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { companies } from "./companies.ts";

/** Append-only: the application's role may neither change nor delete a row. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id")
      .notNull()
      .references(() => companies.id),
    at: instant("at").notNull(),
    actorUserId: uuid("actor_user_id"),
    action: text().notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id"),
    outcome: text().notNull(),
    reason: text(),
    changes: jsonb().$type<Readonly<Record<string, unknown>>>(),
    requestId: text("request_id").notNull(),
    ip: text(),
    userAgent: text("user_agent"),
  },
  (t) => [
    check("audit_log_outcome", sql`${t.outcome} in ('done', 'refused')`),
    index("audit_log_company_at").on(t.companyId, t.at, t.id),
    index("audit_log_at").on(t.at, t.id),
    index("audit_log_actor").on(t.actorUserId, t.at, t.id),
    index("audit_log_company_action").on(t.companyId, t.action, t.at, t.id),
    index("audit_log_action").on(t.action, t.at, t.id),
    index("audit_log_target").on(t.targetId, t.at, t.id),
  ],
).enableRLS();
