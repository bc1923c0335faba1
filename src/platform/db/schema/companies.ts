import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** A tenant. Its own id is the tenant key, so its policy compares `id`. */
export const companies = pgTable(
  "companies",
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    isPlatform: boolean("is_platform").notNull().default(false),
    logoUrl: text("logo_url"),
    lightThemeImageUrl: text("light_theme_image_url"),
    darkThemeImageUrl: text("dark_theme_image_url"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    check("companies_name_length", sql`length(${t.name}) between 1 and 200`),
    uniqueIndex("companies_one_platform")
      .on(t.isPlatform)
      .where(sql`${t.isPlatform}`),
    index("companies_created").on(t.createdAt, t.id),
  ],
).enableRLS();
