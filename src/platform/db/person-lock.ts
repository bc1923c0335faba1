import { sql } from "drizzle-orm";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import type { HttpDatabase, Transaction } from "./client.ts";
import { users } from "./schema/index.ts";

/**
 * First of whatever ends a person's sessions or uses up what was mailed to them: a statement of its own before the one that
 * acts. A sign-in that is under way has locked the account as well, and only a later statement sees the session it has made;
 * and who takes the account before the token never waits in a ring.
 */
export const lockPerson = (
  db: HttpDatabase | Transaction,
  { companyId, userId }: { readonly companyId: CompanyId; readonly userId: UserId },
) =>
  db.execute(sql`
    select from ${users} where company_id = ${companyId}::uuid and id = ${userId}::uuid and deleted_at is null for update`);
