import { sql, type SQL } from "drizzle-orm";
import { idempotencySeconds } from "../../shared/idempotency.ts";
import type { Database } from "./client.ts";
import { idempotencyKeys, mailedTokens, registrations, sessions } from "./schema/index.ts";

/** Of each kind, in one turn of the clock: milliseconds of work, and more than a minute brings. */
const rowsPerTurn = 1_000;
/** A session that is over can be looked up for so long. The policy of the clock's role says the same. */
const keepSessionsSeconds = 30 * 24 * 3600;

/** How many rows of each kind a turn has deleted. */
export type ExpiredRows = Readonly<Record<"registrations" | "mailed_tokens" | "sessions" | "idempotency_keys", number>>;

/** Deletes, in whichever company, what nobody can use any more. Safe to run twice at once. One round trip. */
export async function deleteExpiredRows(database: Database, at: Date): Promise<ExpiredRows> {
  const before = (seconds: number): SQL => sql`${new Date(at.getTime() - seconds * 1000).toISOString()}::timestamptz`;
  const [a, b, c, d] = await database.batch({ kind: "system" }, (db) => [
    db.execute(sql`
      delete from ${registrations} where id in
        (select id from ${registrations} where expires_at < ${before(0)} limit ${rowsPerTurn})`),
    db.execute(sql`
      delete from ${mailedTokens} where (company_id, user_id, purpose) in
        (select company_id, user_id, purpose from ${mailedTokens} where expires_at < ${before(0)} limit ${rowsPerTurn})`),
    db.execute(sql`
      delete from ${sessions} where id in
        (select id from ${sessions} where expires_at < ${before(keepSessionsSeconds)} limit ${rowsPerTurn})`),
    db.execute(sql`
      delete from ${idempotencyKeys} where (company_id, user_id, route, key) in
        (select company_id, user_id, route, key from ${idempotencyKeys} where created_at < ${before(idempotencySeconds)} limit ${rowsPerTurn})`),
  ]);
  return {
    registrations: a.rowCount,
    mailed_tokens: b.rowCount,
    sessions: c.rowCount,
    idempotency_keys: d.rowCount,
  };
}
