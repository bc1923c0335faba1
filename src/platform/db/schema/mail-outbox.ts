import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, instant } from "./columns.ts";
import { companies } from "./companies.ts";

/**
 * Mails to be sent, written in the same transaction as their cause. A token is here only sealed, and only until its mail
 * is sent or dead.
 */
export const mailOutbox = pgTable(
  "mail_outbox",
  {
    id: uuid().primaryKey(),
    companyId: uuid("company_id")
      .notNull()
      .references(() => companies.id),
    /** Whom it is for, if they have an account. No foreign key: a mail outlives a move to another company. */
    userId: uuid("user_id"),
    recipient: text().notNull(),
    template: text().notNull(),
    data: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    sealedToken: bytes("sealed_token"),
    status: text().notNull().default("queued"),
    /** Times somebody claimed it. Also the fence: a sender that was overtaken cannot settle it any more. */
    attempts: integer().notNull().default(0),
    /** Queued: when to try next. Sending: when the claim runs out and another may take it. */
    dueAt: instant("due_at").notNull(),
    /** Why the last attempt did not succeed: a word of ours, never the provider's text. */
    lastError: text("last_error"),
    /** The provider's own id of the mail, once it took it. */
    providerMessageId: text("provider_message_id"),
    createdAt: instant("created_at").notNull(),
    /** When it was sent or given up. */
    settledAt: instant("settled_at"),
  },
  (t) => [
    check("mail_outbox_status", sql`${t.status} in ('queued', 'sending', 'sent', 'dead')`),
    check("mail_outbox_settled", sql`(${t.settledAt} is not null) = (${t.status} in ('sent', 'dead'))`),
    check("mail_outbox_token_wiped", sql`${t.sealedToken} is null or ${t.status} in ('queued', 'sending')`),
    check(
      "mail_outbox_recipient",
      sql`length(${t.recipient}) between 3 and 254 and ${t.recipient} !~ '[[:cntrl:][:space:]]'`,
    ),
    index("mail_outbox_due")
      .on(t.dueAt)
      .where(sql`${t.status} in ('queued', 'sending')`),
    index("mail_outbox_dead")
      .on(t.settledAt)
      .where(sql`${t.status} = 'dead'`),
    index("mail_outbox_sent")
      .on(t.settledAt)
      .where(sql`${t.status} = 'sent'`),
  ],
).enableRLS();
