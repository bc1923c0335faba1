import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { digest, instant } from "./columns.ts";
import { users } from "./users.ts";

/**
 * What an invitation or a password reset mailed to a person can still be used with: at most one of each, so that a new one
 * voids the one before. Used or voided tokens have no row. (The token of a registration is in `registrations`.)
 */
export const mailedTokens = pgTable(
  "mailed_tokens",
  {
    companyId: uuid("company_id").notNull(),
    userId: uuid("user_id").notNull(),
    purpose: text().$type<"invite" | "reset">().notNull(),
    digest: digest("digest").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "mailed_tokens_pk", columns: [t.companyId, t.userId, t.purpose] }),
    foreignKey({
      name: "mailed_tokens_user",
      columns: [t.companyId, t.userId],
      foreignColumns: [users.companyId, users.id],
    }),
    check("mailed_tokens_purpose", sql`${t.purpose} in ('invite', 'reset')`),
    index("mailed_tokens_expires").on(t.expiresAt),
  ],
).enableRLS();
