import { sql, type SQL } from "drizzle-orm";
import type { QueuedMail } from "../../shared/mail.ts";
import { byteaParam } from "./bytes.ts";
import { mailOutbox } from "./schema/index.ts";

/**
 * `insert into mail_outbox … select … from source returning id`: queues the mail if, and only if, `source` (a CTE) has a
 * row; at most one, however many it has. It is due at once. Goes into the transaction of its cause, in its company's scope.
 * `from` takes the address, the user or the data from columns of that row.
 */
export function insertMailFrom(source: SQL, mail: QueuedMail, from: { to?: SQL; userId?: SQL; data?: SQL } = {}): SQL {
  const { id, companyId, userId, template, data, sealedToken, to } = mail;
  const at = sql`${mail.at.toISOString()}::timestamptz`;
  const token = sealedToken === null ? sql`null::bytea` : byteaParam(sealedToken);
  return sql`
    insert into ${mailOutbox} (id, company_id, user_id, recipient, template, data, sealed_token, due_at, created_at)
    select ${id}::uuid, ${companyId}::uuid, ${from.userId ?? sql`${userId}::uuid`}, ${from.to ?? sql`${to}::text`}, ${template}::text,
      ${from.data ?? sql`${JSON.stringify(data)}::jsonb`}, ${token}, ${at}, ${at}
    from ${source} limit 1 returning id`;
}
