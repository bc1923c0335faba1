import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { companies } from "./companies.ts";

/**
 * A person or service account. `passwordVersion` rises with every password change. One who was moved keeps their id: a row
 * that is live in the new company, and a closed one in the old, which what they made there goes on pointing at.
 */
export const users = pgTable(
  "users",
  {
    id: uuid().notNull(),
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
    check(
      "users_platform",
      sql`(${t.group} = 'Super Admin') = (${t.companyId} = '00000000-0000-4000-8000-000000000001')`,
    ),
    primaryKey({ name: "users_pk", columns: [t.companyId, t.id] }),
    // The same columns once more: the foreign keys that were there before the primary key hang on it.
    unique("users_company_id_id").on(t.companyId, t.id),
    // An invitation to an address that has an account elsewhere looks like any other: only proved addresses are unique.
    uniqueIndex("users_email_verified")
      .on(t.email)
      .where(sql`${t.deletedAt} is null and ${t.emailVerifiedAt} is not null`),
    uniqueIndex("users_company_email")
      .on(t.companyId, t.email)
      .where(sql`${t.deletedAt} is null`),
    uniqueIndex("users_id_live")
      .on(t.id)
      .where(sql`${t.deletedAt} is null`),
    // Lists: newest first, of a company or of all, plain or by one filter; each page is one range of one of these.
    index("users_company_created")
      .on(t.companyId, t.createdAt, t.id)
      .where(sql`${t.deletedAt} is null`),
    index("users_company_active")
      .on(t.companyId, t.isActive, t.createdAt, t.id)
      .where(sql`${t.deletedAt} is null`),
    // A part of an address within a company, by its trigrams.
    index("users_company_email_part")
      .using("gin", t.companyId, t.email.op("gin_trgm_ops"))
      .where(sql`${t.deletedAt} is null`),
    index("users_created")
      .on(t.createdAt, t.id)
      .where(sql`${t.deletedAt} is null`),
    index("users_company_group")
      .on(t.companyId, t.group, t.createdAt, t.id)
      .where(sql`${t.deletedAt} is null`),
  ],
).enableRLS();
