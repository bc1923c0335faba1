import { sql } from "drizzle-orm";
import { superuserDatabase } from "./factories.ts";
import { upstash } from "./front-clients.ts";

/** In one call: thousands of keys that tests before have left would be thousands of calls at once, and one may end in between. */
const everyKey = `
  local found = {}
  for _, key in ipairs(redis.call("KEYS", "*")) do
    local value = redis.call("TYPE", key).ok
    if value == "hash" then value = redis.call("HGETALL", key) elseif value == "string" then value = redis.call("GET", key) end
    found[#found + 1] = { key, value, redis.call("TTL", key) }
  end
  return found`;

/** All that Redis holds, for tests that look for what must not be there: key, value and seconds to live. */
export async function everythingInRedis(): Promise<{ key: string; value: unknown; ttl: number }[]> {
  const found = await upstash().eval<[], [key: string, value: unknown, ttl: number][]>(everyKey, [], []);
  return found.map(([key, value, ttl]) => ({ key, value, ttl }));
}

/** Every row of every table, as text; bytes are in hexadecimal. */
export async function everythingInPostgres(): Promise<string> {
  const db = superuserDatabase();
  const tables = await db.execute<{ name: string }>(
    sql`select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const texts = await Promise.all(
    tables.rows.map(({ name }) =>
      db.execute<{ line: string }>(sql`select t::text as line from ${sql.identifier(name)} t`),
    ),
  );
  return texts.flatMap(({ rows }) => rows.map(({ line }) => line)).join("\n");
}
