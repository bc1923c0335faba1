import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { digest, instant } from "./columns.ts";
import { users } from "./users.ts";

/**
 * A sign-in. Holds digests (SHA-256) of the refresh token's two secrets, never the secrets, and the digest that the last
 * rotation replaced: a call that raced with it is told apart from one that sends a spent token again.
 */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    userId: uuid("user_id").notNull(),
    familyDigest: digest("family_digest").notNull(),
    refreshDigest: digest("refresh_digest").notNull(),
    previousDigest: digest("previous_digest"),
    rotatedAt: instant("rotated_at"),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    endedAt: instant("ended_at"),
    endReason: text("end_reason"),
    ip: text(),
    userAgent: text("user_agent"),
  },
  (t) => [
    unique("sessions_company_id_id").on(t.companyId, t.id),
    foreignKey({
      name: "sessions_user",
      columns: [t.companyId, t.userId],
      foreignColumns: [users.companyId, users.id],
    }),
    check("sessions_end_has_reason", sql`(${t.endedAt} is null) = (${t.endReason} is null)`),
    check("sessions_rotation", sql`(${t.previousDigest} is null) = (${t.rotatedAt} is null)`),
    index("sessions_expires").on(t.expiresAt),
    index("sessions_live_by_user")
      .on(t.companyId, t.userId, t.lastUsedAt)
      .where(sql`${t.endedAt} is null`),
  ],
).enableRLS();
