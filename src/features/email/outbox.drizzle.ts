import { and, eq, inArray, lt, sql, type SQL } from "drizzle-orm";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { auditLog, mailOutbox } from "../../platform/db/schema/index.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { Random } from "../../shared/clock.ts";
import { invariant } from "../../shared/errors.ts";
import type { CompanyId } from "../../shared/ids.ts";
import { claimSlack, claimWindow, maxCounted } from "./limits.ts";
import type { ClaimedMail, ClaimRequest, Outbox, Verdict } from "./ports.ts";

const system = { kind: "system" } as const;
const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;
const unsettled = sql`${mailOutbox.status} in ('queued', 'sending')`;

type ClaimedRow = {
  id: string;
  company_id: string;
  recipient: string;
  template: string;
  data: unknown;
  token: string | null;
  created_ms: number;
  attempts: number;
};

/** Across companies, as etter_system, which may claim and settle but not rewrite a mail. `requestId` is for the audit. */
export function createOutbox(
  database: Database,
  { random, requestId }: { random: Pick<Random, "uuid">; requestId: string },
): Outbox {
  return {
    async claim(request) {
      const [{ rows }] = await database.batch(system, (db) => [db.execute<ClaimedRow>(claimStatement(request))]);
      return rows.map(toClaimed);
    },
    async settle(mail, verdict, at) {
      const tell = { id: random.uuid(), requestId };
      const [{ rows }] = await database.batch(system, (db) => [settleStatement(db, { mail, verdict, at, tell })]);
      return rows.length > 0;
    },
    async backlog(at) {
      const [{ rows }] = await database.batch(system, (db) => [
        db.execute<{ waiting: number; oldest: number | null; dead: number }>(sql`
          select count(*)::int as waiting, extract(epoch from ${instant(at)} - min(created_at))::float8 as oldest,
            (select count(*)::int from (select from ${mailOutbox} where status = 'dead' limit ${maxCounted}) d) as dead
          from (select created_at from ${mailOutbox} where ${unsettled} order by due_at limit ${maxCounted}) w`),
      ]);
      const [row] = rows;
      invariant(row, "a count has a row");
      const oldestSeconds = row.oldest === null ? null : Math.max(0, Math.round(row.oldest));
      return { waiting: row.waiting, oldestSeconds, dead: row.dead };
    },
    async sweep(before, limit) {
      const old = (status: "sent" | "dead", than: Date) => (db: HttpDatabase) =>
        db
          .select({ id: mailOutbox.id })
          .from(mailOutbox)
          .where(and(eq(mailOutbox.status, status), lt(mailOutbox.settledAt, than)))
          .limit(limit);
      const results = await database.batch(system, (db) => [
        db.delete(mailOutbox).where(inArray(mailOutbox.id, old("sent", before.sent)(db))),
        db.delete(mailOutbox).where(inArray(mailOutbox.id, old("dead", before.dead)(db))),
      ]);
      return results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
    },
  };
}

/**
 * Companies in turn: the first due mail of each, then the second of each, … So one that invites thousands does not hold
 * up the others. What another sender is just claiming is passed over.
 */
const claimStatement = ({ at, leaseUntil, limit, ids }: ClaimRequest): SQL => sql`
  with due as (
    select id, company_id, due_at from ${mailOutbox}
    where ${unsettled} and due_at <= ${instant(at)} ${ids === undefined ? sql`` : sql`and ${inArray(mailOutbox.id, [...ids])}`}
    order by due_at limit ${claimWindow}
  ), turns as (
    select id, row_number() over (partition by company_id order by due_at, id) as turn from due
    order by turn, due_at limit ${limit * claimSlack}
  ), claimed as (
    select m.id from mail_outbox m join turns t on t.id = m.id
    where m.status in ('queued', 'sending') and m.due_at <= ${instant(at)}
    order by t.turn, m.due_at limit ${limit} for update of m skip locked
  )
  update mail_outbox m set status = 'sending', attempts = m.attempts + 1, due_at = ${instant(leaseUntil)}
  from claimed where m.id = claimed.id
  returning m.id, m.company_id, m.recipient, m.template, m.data, encode(m.sealed_token, 'hex') as token,
    (extract(epoch from m.created_at) * 1000)::float8 as created_ms, m.attempts`;

const toClaimed = (row: ClaimedRow): ClaimedMail =>
  ({
    id: row.id,
    companyId: row.company_id as CompanyId,
    to: row.recipient,
    template: row.template,
    data: row.data,
    sealedToken: row.token === null ? null : bytesOf(row.token),
    createdAt: new Date(row.created_ms),
    attempts: row.attempts,
  }) as ClaimedMail;

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

interface Settlement {
  readonly mail: ClaimedMail;
  readonly verdict: Verdict;
  readonly at: Date;
  readonly tell: Pick<AuditEntry, "id"> & { requestId: string };
}

/** Only the claim itself can be settled: `attempts` is another number when somebody else has claimed the mail since. */
function settleStatement(db: HttpDatabase, { mail, verdict, at, tell }: Settlement) {
  const update = sql`
    update ${mailOutbox} set ${changesOf(verdict, at)}
    where id = ${mail.id}::uuid and status = 'sending' and attempts = ${mail.attempts} returning id, company_id`;
  if (verdict.status !== "dead") return db.execute(update);
  // A company does not learn from its audit that an address it invited has an account elsewhere.
  const template = mail.template === "invitation_address_taken" ? "invitation" : mail.template;
  const changes = JSON.stringify({ template, attempts: mail.attempts });
  return db.execute(sql`
    with settled as (${update}), told as (
      insert into ${auditLog} (id, company_id, at, action, target_type, target_id, outcome, reason, changes, request_id)
      select ${tell.id}::uuid, company_id, ${instant(at)}, 'mail.dead', 'mail', id::text, 'done', ${verdict.reason}::text,
        ${changes}::jsonb, ${tell.requestId}::text from settled
    )
    select id from settled`);
}

function changesOf(verdict: Verdict, at: Date): SQL {
  switch (verdict.status) {
    case "sent":
      return sql`status = 'sent', settled_at = ${instant(at)}, sealed_token = null, last_error = null, provider_message_id = ${verdict.messageId}::text`;
    case "queued":
      return sql`status = 'queued', due_at = ${instant(verdict.dueAt)}, last_error = ${verdict.fault}::text`;
    case "dead":
      return sql`status = 'dead', settled_at = ${instant(at)}, sealed_token = null, last_error = ${verdict.reason}::text`;
  }
}
