import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { runCron } from "../../../../src/cron.ts";
import { createMailComposer } from "../../../../src/features/email/composer.ts";
import { createMailSealer } from "../../../../src/platform/crypto/mail-sealer.ts";
import { auditLog, mailOutbox } from "../../../../src/platform/db/schema/index.ts";
import { systemRandom } from "../../../../src/platform/system.ts";
import { appDatabase, config, makePerson, superuserDatabase } from "../../../support/workerd/factories.ts";
import { queueMail } from "../../../support/workerd/mailbox.ts";
import { captureLog } from "../http/app-under-test.ts";

const secret = "v1.a-token-that-nobody-but-its-reader-may-see";

/** Queues an invitation and lets the clock deliver it by a service of that manner. */
async function deliver(manner: string) {
  const { companyId, userId, email: to } = await makePerson();
  const composer = createMailComposer(
    { sealer: createMailSealer(config.tokens, systemRandom), random: systemRandom },
    () => undefined,
  );
  const data = { inviter_name: "Robin Unmistakable", company_name: "Acme", group: "Reviewer" };
  const mail = await composer.compose({ companyId, userId, to, at: new Date(), template: "invitation", data }, secret);
  await appDatabase().batch({ kind: "company", companyId }, (db) => [queueMail(db, mail)]);
  const { mailServiceUrl, mailServiceToken } = env.TEST_STACK;
  const url = `${mailServiceUrl}/${manner}/messages`;
  const provider = { EMAIL_PROVIDER_TYPE: "http", EMAIL_SERVICE_URL: url, EMAIL_SERVICE_TOKEN: mailServiceToken };
  await runCron({ ...env, ...provider } as unknown as Env, Date.now());
  const [row] = await superuserDatabase().select().from(mailOutbox).where(eq(mailOutbox.id, mail.id));
  return { row: row!, to };
}

it.each([
  ["well", "sent"],
  ["bad-mail", "dead"],
  ["broken", "queued"],
  ["hanging-up", "queued"],
])("delivering by a service that is %s writes neither address, name nor token anywhere", async (manner, status) => {
  const log = captureLog();
  const { row, to } = await deliver(manner);
  expect(row.status).toBe(status);
  const audit = await superuserDatabase().select().from(auditLog).where(eq(auditLog.targetId, row.id));
  expect(audit).toHaveLength(status === "dead" ? 1 : 0);
  const { recipient: _, data: __, ...kept } = row;
  const written = log.text() + JSON.stringify([audit, kept]);
  expect(log.lines().length).toBeGreaterThan(0);
  for (const word of [to, "example.com", "Unmistakable", secret, "accept-invitation", env.TEST_STACK.mailServiceToken])
    expect(written).not.toContain(word);
});
