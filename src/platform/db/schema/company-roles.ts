import { check, foreignKey, json, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import { instant } from "./columns.ts";
import { users } from "./users.ts";

/** A company's own description of a role; it hides the catalogue's of the same name. */
export const companyRoles = pgTable(
  "company_roles",
  {
    companyId: uuid("company_id").notNull(),
    /** What is compared of the name: `nameKeyOf(role)`. */
    nameKey: text("name_key").notNull(),
    role: text().notNull(),
    workloads: json().$type<unknown>().notNull(),
    updatedBy: uuid("updated_by").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "company_roles_pk", columns: [t.companyId, t.nameKey] }),
    foreignKey({
      name: "company_roles_editor",
      columns: [t.companyId, t.updatedBy],
      foreignColumns: [users.companyId, users.id],
    }),
    check("company_roles_name", sql`length(${t.role}) between 1 and 100`),
  ],
).enableRLS();
