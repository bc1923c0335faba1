import { and, eq, isNull, sql } from "drizzle-orm";
import { insertAudit } from "../../platform/db/audit.ts";
import {
  foreignKeyViolation,
  sqlState,
  uniqueViolation,
  type Database,
  type Transaction,
} from "../../platform/db/client.ts";
import { selectProfile, toProfile } from "../../platform/db/profile.ts";
import { inCompany } from "../../platform/db/reach.ts";
import { users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { CompanyId } from "../../shared/ids.ts";
import { closeStatement, endedOf, type Outcome } from "./close.drizzle.ts";
import { lockCompany } from "./judged.drizzle.ts";
import type { AccountPatch, AccountRepository, Changed, Target, Unchanged } from "./repository.ts";

type Audits = Parameters<AccountRepository["move"]>[4];

/**
 * Closes the account in its company and opens it in `to`: the same id, address, password and times, another row. What the
 * person made goes on pointing at the closed one. Who comes back gets their old row opened again.
 */
export async function movePerson(
  database: Database,
  actor: Actor,
  target: Target,
  to: CompanyId,
  patch: AccountPatch,
  audits: Audits,
): Promise<Changed | Unchanged | "no_company" | "email_taken"> {
  const scope = inCompany(actor, target.companyId, audits.out.at);
  try {
    return await database.unitOfWork(scope, (tx) => move(tx, actor, target, { to, patch, audits }));
  } catch (error) {
    const state = sqlState(error);
    if (state === foreignKeyViolation) return "no_company";
    if (state === uniqueViolation) return "email_taken";
    throw error;
  }
}

/** What the new company's audit says of an account that it did not have before. */
const arrivalOf = ({ email, group, firstName, lastName, isActive }: typeof users.$inferInsert) =>
  Object.fromEntries(
    Object.entries({ email, group, first_name: firstName, last_name: lastName, is_active: isActive }).map(
      ([field, value]) => [field, { old: null, new: value }],
    ),
  );

async function move(
  tx: Transaction,
  actor: Actor,
  target: Target,
  { to, patch, audits }: { to: CompanyId; patch: AccountPatch; audits: Audits },
): Promise<Changed | Unchanged> {
  await lockCompany(tx, target);
  const [person] = await tx
    .select()
    .from(users)
    .where(and(eq(users.companyId, target.companyId), eq(users.id, target.id), isNull(users.deletedAt)))
    .for("update");
  if (person === undefined) return "missing";
  const closed = closeStatement(actor, target, { audit: audits.out, reason: "company_moved" });
  const ended = endedOf((await tx.execute<Outcome>(closed)).rows);
  if (typeof ended === "string") return ended;
  await tx.execute(sql`select app.enter_company(${to}::uuid)`);
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  const moved = { ...person, ...given, companyId: to, updatedAt: audits.in.at };
  await tx
    .insert(users)
    .values(moved)
    .onConflictDoUpdate({ target: [users.companyId, users.id], set: moved });
  await insertAudit(tx, { ...audits.in, changes: arrivalOf(moved) });
  const [profile] = await selectProfile(tx, { companyId: to, userId: target.id });
  return profile === undefined ? "missing" : { ended, user: toProfile(profile) };
}
