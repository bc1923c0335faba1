import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { appUrl, runTool, Sentence } from "../dev/places.ts";

const USAGE = `Usage:
  npm run mail -- dead          mails that were given up, and why
  npm run mail -- retry <id>…   send some of them again
  npm run mail -- retry all     send all of them again, but those whose link is gone
The database is DATABASE_URL (role etter_app), else that of the running \`npm run dev\`.`;

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_LISTED = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A dead mail has no token any more, so these cannot be sent again: what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  verify_email: "the person registers again",
  invitation: "an Admin sends the invitation again",
  password_reset: "the person asks for a new password again",
};

interface DeadMail {
  id: string;
  template: string;
  last_error: string;
  attempts: number;
  settled_at: Date;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  const [command, ...ids] = positionals;
  if (values.help) return console.log(USAGE);
  if (command === "dead" && ids.length === 0) return asDelivery(listDead);
  if (command !== "retry" || ids.length === 0) throw new Sentence(USAGE);
  const all = ids.length === 1 && ids[0] === "all";
  const odd = all ? undefined : ids.find((id) => !UUID.test(id));
  if (odd !== undefined) throw new Sentence(`"${odd}" is not the id of a mail: npm run mail -- dead lists them.`);
  return asDelivery((client) => retry(client, all ? undefined : ids));
}

/** No addresses: a terminal's history is no place for them. */
async function listDead(client: pg.Client): Promise<void> {
  const { rows } = await client.query<DeadMail>(
    "select id, template, last_error, attempts, settled_at from mail_outbox where status = 'dead' order by settled_at desc limit $1",
    [MAX_LISTED],
  );
  if (rows.length === 0) console.log("No mail was given up.");
  for (const { id, template, last_error, attempts, settled_at } of rows) {
    const instead = INSTEAD[template] === undefined ? "" : `  (its link is gone: ${INSTEAD[template]})`;
    console.log(`${settled_at.toISOString()}  ${id}  ${template}  ${last_error} after ${attempts}${instead}`);
  }
}

/** One statement: a mail that is queued again is in the audit, and the other way round. */
async function retry(client: pg.Client, ids: string[] | undefined): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `with again as (
       update mail_outbox set status = 'queued', attempts = 0, due_at = now(), settled_at = null
       where status = 'dead' and template <> all ($1::text[]) and ($2::uuid[] is null or id = any ($2::uuid[]))
       returning id, company_id, template
     ), told as (
       insert into audit_log (id, company_id, at, action, target_type, target_id, outcome, changes, request_id)
       select gen_random_uuid(), company_id, now(), 'mail.retry', 'mail', id::text, 'done', jsonb_build_object('template', template), $3
       from again
     )
     select id from again`,
    [Object.keys(INSTEAD), ids ?? null, `cli-${randomUUID()}`],
  );
  const queued = new Set(rows.map(({ id }) => id));
  console.log(`${queued.size === 1 ? "1 mail goes" : `${queued.size} mails go`} out within a minute.`);
  const left = (ids ?? []).filter((id) => !queued.has(id));
  if (left.length > 0)
    throw new Sentence(`Not dead, or without its link: ${left.join(", ")}. npm run mail -- dead says which.`);
}

/** Runs `work` in a transaction as the role that delivers, which sees the mails of all companies. */
async function asDelivery(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: appUrl(), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Sentence(`The database does not answer (${why}). Check DATABASE_URL, or start \`npm run dev\`.`);
  });
  let refusal: Sentence | undefined;
  try {
    await client.query("begin");
    await client.query("set local role etter_system");
    // What could be done stays done when the rest is refused.
    await work(client).catch((error: unknown) => {
      if (!(error instanceof Sentence)) throw error;
      refusal = error;
    });
    await client.query("commit");
  } finally {
    await client.end();
  }
  if (refusal !== undefined) throw refusal;
}

await runTool(main);
