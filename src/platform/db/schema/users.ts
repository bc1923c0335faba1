import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { companies } from "./companies.ts";

/** A person or service account. `passwordVersion` rises with every password change. */
export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id")
      .notNull()
      .references(() => companies.id),
    email: text().notNull(),
    passwordHash: text("password_hash"),
    passwordVersion: integer("password_version").notNull().default(1),
    firstName: text("first_name").notNull().default(""),
    lastName: text("last_name").notNull().default(""),
    group: text().notNull(),
    isActive: boolean("is_active").notNull().default(true),
    emailVerifiedAt: instant("email_verified_at"),
    imageUrl: text("image_url"),
    themeConfig: jsonb("theme_config").$type<Record<string, unknown>>(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    lastLoginAt: instant("last_login_at"),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    check("users_email_lower", sql`${t.email} = lower(${t.email}) and length(${t.email}) between 3 and 254`),
    check("users_group", sql`${t.group} in ('Super Admin', 'Admin', 'Researcher', 'Reviewer', 'Etter Generator')`),
    unique("users_company_id_id").on(t.companyId, t.id),
    // An invitation to an address that has an account elsewhere looks like any other: only proved addresses are unique.
    uniqueIndex("users_email_verified")
      .on(t.email)
      .where(sql`${t.deletedAt} is null and ${t.emailVerifiedAt} is not null`),
    uniqueIndex("users_company_email")
      .on(t.companyId, t.email)
      .where(sql`${t.deletedAt} is null`),
    index("users_company_created").on(t.companyId, t.createdAt, t.id),
  ],
).enableRLS();
