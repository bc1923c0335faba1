import { sql, type SQL } from "drizzle-orm";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import type { MailedTokenPurpose } from "../../shared/mailed-token.ts";
import { byteaParam } from "./bytes.ts";
import { mailedTokens } from "./schema/index.ts";

interface Holder {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

export interface NewMailedToken extends Holder {
  readonly purpose: Exclude<MailedTokenPurpose, "verify">;
  /** SHA-256 of the token's secret. */
  readonly digest: Uint8Array;
  readonly at: Date;
  readonly expiresAt: Date;
}

/**
 * The body of a CTE that makes the token if, and only if, `source` (a CTE) has a row. One of the same purpose that the person may
 * still have is void by that.
 */
export const issueMailedTokenFrom = (source: SQL, token: NewMailedToken): SQL => sql`
  insert into ${mailedTokens} (company_id, user_id, purpose, digest, created_at, expires_at)
  select ${token.companyId}::uuid, ${token.userId}::uuid, ${token.purpose}, ${byteaParam(token.digest)},
    ${token.at.toISOString()}::timestamptz, ${token.expiresAt.toISOString()}::timestamptz
  from ${source}
  on conflict (company_id, user_id, purpose) do update
    set digest = excluded.digest, created_at = excluded.created_at, expires_at = excluded.expires_at
  returning user_id`;

/**
 * The body of a CTE that voids whatever was mailed to a person and not used, if, and only if, `source` (a CTE) has a row: the
 * address or password has changed, or the account has gone.
 */
export const voidMailedTokensFrom = (source: SQL, { companyId, userId }: Holder): SQL => sql`
  delete from ${mailedTokens}
  where company_id = ${companyId}::uuid and user_id = ${userId}::uuid and exists (select from ${source})`;

/** The body of a CTE that uses the token up, and returns a row for exactly one of those who try. */
export const consumeMailedToken = (token: Omit<NewMailedToken, "expiresAt">): SQL => sql`
  delete from ${mailedTokens}
  where company_id = ${token.companyId}::uuid and user_id = ${token.userId}::uuid and purpose = ${token.purpose}
    and digest = ${byteaParam(token.digest)} and expires_at > ${token.at.toISOString()}::timestamptz
  returning company_id, user_id`;
