import { boolean, customType, jsonb, numeric, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

const bytes = customType<{ data: Uint8Array; driverData: unknown }>({
  dataType: () => "bytea",
  toDriver: (value) => `\\x${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}`,
  fromDriver: (value) =>
    // Over HTTP the driver gives bytes as a Buffer as well, of Node's compatibility layer.
    value instanceof Uint8Array ? Uint8Array.from(value) : Uint8Array.from(Buffer.from(String(value).slice(2), "hex")),
});

/** A table with one column of every kind that Etter's schema uses. */
export const articles = pgTable("articles", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  price: numeric("price", { precision: 20, scale: 4 }),
  attributes: jsonb("attributes"),
  publishedAt: timestamp("published_at", { withTimezone: true }),
  picture: bytes("picture"),
  hidden: boolean("hidden").notNull().default(false),
});

export const CREATE_ARTICLES = `CREATE TABLE articles (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE, price numeric(20, 4), attributes jsonb,
  published_at timestamptz, picture bytea, hidden boolean NOT NULL DEFAULT false)`;

export function exampleArticle(name: string) {
  return {
    name,
    price: "12345678901234.5678",
    attributes: { a: [1, "é", null], n: { d: 1.5 } },
    publishedAt: new Date("2026-01-02T03:04:05.678Z"),
    picture: new Uint8Array([0, 1, 254, 255]),
    hidden: true,
  };
}
