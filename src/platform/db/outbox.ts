import { sql, type SQL } from "drizzle-orm";
import type { QueuedMail } from "../../shared/mail.ts";
import type { HttpDatabase, Transaction } from "./client.ts";
import { mailOutbox } from "./schema/index.ts";

/** The row of a mail: due at once. Insert it in the same batch or unit of work as its cause, in its company's scope. */
const mailRow = (mail: QueuedMail): typeof mailOutbox.$inferInsert => ({
  id: mail.id,
  companyId: mail.companyId,
  userId: mail.userId,
  recipient: mail.to,
  template: mail.template,
  data: mail.data,
  sealedToken: mail.sealedToken,
  dueAt: mail.at,
  createdAt: mail.at,
});

/** A statement for a batch, or for a unit of work. */
export const insertMail = (db: HttpDatabase | Transaction, mail: QueuedMail) =>
  db.insert(mailOutbox).values(mailRow(mail));

const hex = (value: Uint8Array): string => Array.from(value, (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * `insert into mail_outbox … select … from source returning id`: queues the mail if, and only if, `source` (a CTE) has a
 * row; at most one, however many it has. `from` takes the address, the user or the data from columns of that row.
 */
export function insertMailFrom(source: SQL, mail: QueuedMail, from: { to?: SQL; userId?: SQL; data?: SQL } = {}): SQL {
  const { id, companyId, userId, template, data, sealedToken, to } = mail;
  const at = sql`${mail.at.toISOString()}::timestamptz`;
  const token = sealedToken === null ? sql`null::bytea` : sql`decode(${hex(sealedToken)}, 'hex')`;
  return sql`
    insert into ${mailOutbox} (id, company_id, user_id, recipient, template, data, sealed_token, due_at, created_at)
    select ${id}::uuid, ${companyId}::uuid, ${from.userId ?? sql`${userId}::uuid`}, ${from.to ?? sql`${to}::text`}, ${template}::text,
      ${from.data ?? sql`${JSON.stringify(data)}::jsonb`}, ${token}, ${at}, ${at}
    from ${source} limit 1 returning id`;
}
