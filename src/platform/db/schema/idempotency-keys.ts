import { foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { digest, instant } from "./columns.ts";
import { users } from "./users.ts";

/** What a caller's Idempotency-Key made: written in the same statement as the thing itself, kept for a day. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    companyId: uuid("company_id").notNull(),
    userId: uuid("user_id").notNull(),
    route: text().notNull(),
    key: text().notNull(),
    bodyDigest: digest("body_digest").notNull(),
    targetId: uuid("target_id").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "idempotency_keys_pk", columns: [t.companyId, t.userId, t.route, t.key] }),
    foreignKey({
      name: "idempotency_keys_user",
      columns: [t.companyId, t.userId],
      foreignColumns: [users.companyId, users.id],
    }),
    index("idempotency_keys_created").on(t.companyId, t.createdAt),
    index("idempotency_keys_old").on(t.createdAt),
  ],
).enableRLS();
