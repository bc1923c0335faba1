import { sql } from "drizzle-orm";
import { superuserDatabase } from "./factories.ts";
import { upstash } from "./front-clients.ts";

/** All that Redis holds, for tests that look for what must not be there: key, value and seconds to live. */
export async function everythingInRedis(): Promise<{ key: string; value: unknown; ttl: number }[]> {
  const redis = upstash();
  const valueOf = async (key: string): Promise<unknown> => {
    const type = await redis.type(key);
    if (type === "hash") return redis.hgetall(key);
    return type === "string" ? redis.get(key) : type;
  };
  const keys = await redis.keys("*");
  return Promise.all(keys.map(async (key) => ({ key, value: await valueOf(key), ttl: await redis.ttl(key) })));
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
