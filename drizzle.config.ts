import { defineConfig } from "drizzle-kit";

// Only `generate` uses this: migrations are applied by local/migrations.ts, so no database address is needed.
export default defineConfig({
  dialect: "postgresql",
  schema: "./src/platform/db/schema",
  out: "./drizzle",
});
