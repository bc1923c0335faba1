import { desc, eq, sql } from "drizzle-orm";
import { createMailSealer } from "../../../src/platform/crypto/mail-sealer.ts";
import type { HttpDatabase } from "../../../src/platform/db/client.ts";
import { insertMailFrom } from "../../../src/platform/db/outbox.ts";
import { mailOutbox } from "../../../src/platform/db/schema/index.ts";
import { invariant } from "../../../src/shared/errors.ts";
import type { MailTemplate, QueuedMail } from "../../../src/shared/mail.ts";
import { systemRandom } from "../../../src/platform/system.ts";
import { config, superuserDatabase } from "./factories.ts";

/** A statement that queues a mail which nothing else has caused. */
export const queueMail = (db: HttpDatabase, mail: QueuedMail) =>
  db.execute(sql`with cause as (select) ${insertMailFrom(sql`cause`, mail)}`);

/** What was queued for an address, newest first. */
export const mailsTo = (recipient: string) =>
  superuserDatabase()
    .select()
    .from(mailOutbox)
    .where(eq(mailOutbox.recipient, recipient))
    .orderBy(desc(mailOutbox.createdAt));

/** The token in the newest mail of its kind to an address: sealed in the outbox, or delivered by now. */
export async function mailedTokenTo(recipient: string, template: MailTemplate): Promise<string> {
  const mail = (await mailsTo(recipient)).find((queued) => queued.template === template);
  if (mail === undefined) throw new Error(`no ${template} was queued for ${recipient}`);
  const token =
    mail.sealedToken === null
      ? await deliveredToken(recipient, mail.id)
      : await createMailSealer(config.tokens, systemRandom).open(mail.sealedToken, mail.id);
  if (token === undefined) throw new Error(`no token in the ${template} to ${recipient}`);
  return token;
}

async function deliveredToken(recipient: string, mailId: string): Promise<string | undefined> {
  invariant(config.email.provider === "http", "mails of tests go to the sink, which is spoken to like a mail service");
  const response = await fetch(`${config.email.url}?to=${encodeURIComponent(recipient)}`);
  const { messages } = await response.json<{ messages: { text: string; idempotency_key: string }[] }>();
  const delivered = messages.find(({ idempotency_key }) => idempotency_key === mailId);
  return /#token=([\w.-]+)/.exec(delivered?.text ?? "")?.[1];
}
