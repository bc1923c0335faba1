import { sql } from "drizzle-orm";
import { users } from "../../../src/platform/db/schema/index.ts";
import { appDatabase, superuserDatabase, type Person } from "./factories.ts";

/** The unit of work that holds the row is cut after 4.5 s. */
const looksLimit = 200;
const lookEveryMs = 20;

/**
 * Holds the row of an account until each of `verbs`, one after the other, waits for a lock: on release they get it in this
 * order, and the later ones have looked at the database before the first has done anything. Returns their answers.
 */
export async function queueAtAccount<T>(
  { companyId, userId }: Person,
  verbs: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const answers: Promise<T>[] = [];
  await appDatabase().unitOfWork({ kind: "company", companyId }, async (tx) => {
    await tx.execute(
      sql`select from ${users} where company_id = ${companyId}::uuid and id = ${userId}::uuid for update`,
    );
    for (const verb of verbs) {
      answers.push(verb());
      await waiting(answers.length);
    }
  });
  return Promise.all(answers);
}

async function waiting(count: number): Promise<void> {
  const db = superuserDatabase();
  for (let look = 0; look < looksLimit; look += 1) {
    const { rows } = await db.execute(
      sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length === count) return;
    await scheduler.wait(lookEveryMs);
  }
  throw new Error(`${count} did not come to wait for a lock.`);
}
