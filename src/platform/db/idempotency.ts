import { and, eq, lt, sql, type SQL } from "drizzle-orm";
import { idempotencySeconds, type IdempotentTry } from "../../shared/idempotency.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import { byteaParam } from "./bytes.ts";
import type { HttpDatabase } from "./client.ts";
import { idempotencyKeys } from "./schema/index.ts";

interface Claimant {
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly at: Date;
}

/** Keys of the company that have had their day. First statement of a batch that claims one. */
export const forgetOldKeys = (db: HttpDatabase, { companyId, at }: Claimant) =>
  db
    .delete(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.companyId, companyId),
        lt(idempotencyKeys.createdAt, new Date(at.getTime() - idempotencySeconds * 1000)),
      ),
    );

/** The body of a CTE that claims the key for `target` (an id) where `condition` holds, and returns a row if it could. */
export const claimKey = (
  { companyId, userId, at }: Claimant,
  wanted: IdempotentTry,
  target: string | SQL,
  condition: SQL,
): SQL => sql`
  insert into ${idempotencyKeys} (company_id, user_id, route, key, body_digest, target_id, created_at)
  select ${companyId}::uuid, ${userId}::uuid, ${wanted.route}, ${wanted.key}, ${byteaParam(wanted.bodyDigest)},
    ${target}::uuid, ${at.toISOString()}::timestamptz
  where ${condition}
  on conflict do nothing returning target_id`;

/** What the key has made, when, and whether it was sent with the same body. */
export const readKey = (db: HttpDatabase, { companyId, userId }: Claimant, wanted: IdempotentTry) =>
  db
    .select({
      targetId: idempotencyKeys.targetId,
      createdAt: idempotencyKeys.createdAt,
      sameBody: sql<boolean>`${idempotencyKeys.bodyDigest} = ${byteaParam(wanted.bodyDigest)}`,
    })
    .from(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.companyId, companyId),
        eq(idempotencyKeys.userId, userId),
        eq(idempotencyKeys.route, wanted.route),
        eq(idempotencyKeys.key, wanted.key),
      ),
    )
    .limit(1);
