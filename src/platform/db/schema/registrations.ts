import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { digest, instant } from "./columns.ts";
import { companies } from "./companies.ts";

/**
 * A company with its first Admin, not yet confirmed by mail. Lives in the platform company, since its own does not exist;
 * gone once confirmed. A second registration of an address takes the place of the first, and of its mailed token.
 */
export const registrations = pgTable(
  "registrations",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id").notNull(),
    email: text().notNull(),
    passwordHash: text("password_hash").notNull(),
    firstName: text("first_name").notNull(),
    lastName: text("last_name").notNull(),
    companyName: text("company_name").notNull(),
    tokenDigest: digest("token_digest").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    foreignKey({ name: "registrations_company", columns: [t.companyId], foreignColumns: [companies.id] }),
    unique("registrations_email").on(t.companyId, t.email),
    check("registrations_email_lower", sql`${t.email} = lower(${t.email})`),
    index("registrations_expires").on(t.expiresAt),
  ],
).enableRLS();
