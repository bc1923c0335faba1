import { and, eq, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import {
  entering,
  foreignKeyViolation,
  sqlState,
  uniqueViolation,
  type Database,
  type HttpDatabase,
} from "../../platform/db/client.ts";
import { claimKey, forgetOldKeys, readKey } from "../../platform/db/idempotency.ts";
import { issueMailedTokenFrom } from "../../platform/db/mailed-tokens.ts";
import { insertMailFrom } from "../../platform/db/outbox.ts";
import { lockPerson } from "../../platform/db/person-lock.ts";
import { selectProfile, toProfile } from "../../platform/db/profile.ts";
import { inCompany } from "../../platform/db/reach.ts";
import { idempotencyKeys, users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { IdempotentTry } from "../../shared/idempotency.ts";
import type { UserId } from "../../shared/ids.ts";
import { userOf } from "./close.drizzle.ts";
import type { InvitationMails, InvitationRepository, NewPerson } from "./invitation-repository.ts";
import { judged, type Verdict } from "./judged.drizzle.ts";

export function createInvitationRepository(database: Database): InvitationRepository {
  return {
    async invite(actor, person) {
      try {
        const { user, used } = await inviteUnderKey(database, actor, person, inviteStatement(person));
        if (used?.sameBody === false) return { outcome: "key_reused" };
        if (user !== undefined) return { outcome: "invited", user };
        return used === undefined ? { outcome: "no_company" } : { outcome: "repeated", id: used.targetId as UserId };
      } catch (error) {
        const state = sqlState(error);
        if (state === uniqueViolation) return { outcome: "email_taken" };
        if (state === foreignKeyViolation) return { outcome: "no_company" };
        throw error;
      }
    },
    async inviteAgain(actor, invitation) {
      const { made, used } = await inviteUnderKey(database, actor, invitation, inviteAgainStatement(actor, invitation));
      if (used?.sameBody === false) return "key_reused";
      if (made === undefined || made.verdict === null) return "missing";
      if (made.verdict === "group_above_own") return made.verdict;
      if (made.issued) return "invited";
      return used === undefined ? "not_pending" : "repeated";
    },
  };
}

interface Made extends Record<string, unknown> {
  /** Null where nobody is there. */
  readonly verdict: Verdict | null;
  readonly issued: boolean;
}

/**
 * One batch. The key is the caller's and so is the name in the mail; the account may be another company's, in whose context
 * neither shows. Both are therefore carried over in settings of the transaction, and the context is opened in between.
 */
async function inviteUnderKey(database: Database, actor: Actor, invitation: InvitationMails, invite: SQL) {
  const { target, wanted, audit } = invitation;
  const home = { kind: "session", actor, at: audit.at } as const;
  const claimant = { companyId: actor.companyId, userId: actor.userId, at: audit.at };
  const claim = wanted && claimKey(claimant, wanted, target.id, sql`true`);
  const steps = (db: HttpDatabase) =>
    [
      carryOver(db, actor, claim),
      entering(db, inCompany(actor, target.companyId, audit.at)),
      lockPerson(db, userOf(target)),
      db.execute<Made>(invite),
      selectProfile(db, userOf(target)),
    ] as const;
  if (wanted === undefined) {
    const [, , , { rows }, [profile]] = await database.batch(home, steps);
    return { made: rows[0], user: profile && toProfile(profile), used: undefined };
  }
  const [, , , , { rows }, [profile], , , [used]] = await database.batch(
    home,
    (db) =>
      [
        forgetOldKeys(db, claimant),
        ...steps(db),
        entering(db, home),
        releaseKey(db, actor, wanted),
        readKey(db, claimant, wanted),
      ] as const,
  );
  return { made: rows[0], user: profile && toProfile(profile), used };
}

/** `app.inviter`: the caller's name. `app.may_invite`: 1, or 0 where the key has done its work already. */
const carryOver = (db: HttpDatabase, { companyId, userId }: Actor, claim: SQL | undefined) =>
  db.execute(sql`
    with claim as (${claim ?? sql`select`})
    select set_config('app.may_invite', (select count(*) from claim)::text, true),
      set_config('app.inviter', coalesce(nullif(btrim(first_name || ' ' || last_name), ''), email), true)
    from ${users} where company_id = ${companyId}::uuid and id = ${userId}::uuid`);

/** A key that was claimed for nothing is as good as new. */
const releaseKey = (db: HttpDatabase, { companyId, userId }: Actor, { route, key }: IdempotentTry) =>
  db
    .delete(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.companyId, companyId),
        eq(idempotencyKeys.userId, userId),
        eq(idempotencyKeys.route, route),
        eq(idempotencyKeys.key, key),
        sql`current_setting('app.may_invite') = '1' and current_setting('app.issued') = '0'`,
      ),
    );

function inviteStatement(person: NewPerson): SQL {
  const at = sql`${person.audit.at.toISOString()}::timestamptz`;
  return sql`
    with invited as (
      insert into ${users} (id, company_id, email, "group", first_name, last_name, created_at, updated_at)
      select ${person.target.id}::uuid, ${person.target.companyId}::uuid, ${person.email}, ${person.group}, ${person.firstName},
        ${person.lastName}, ${at}, ${at}
      where current_setting('app.may_invite') = '1'
      returning id, company_id, email, "group"
    ), ${mailed(person)}
    select 'good' as verdict, ${issued}`;
}

const inviteAgainStatement = (actor: Actor, invitation: InvitationMails): SQL => sql`
  with before as (${judged(actor, invitation.target, false)}),
  invited as (
    select id, company_id, email, "group" from before
    where verdict = 'good' and is_active and email_verified_at is null and current_setting('app.may_invite') = '1'
  ), ${mailed(invitation)}
  select (select verdict from before) as verdict, ${issued}`;

const issued = sql`
  set_config('app.issued', (select count(*) from issued)::text, true), exists (select from issued) as issued`;

/**
 * The token, the audit row and the mail of `invited` (a CTE). Whether the address has an account elsewhere decides which of
 * two mails goes out, and nothing else.
 */
function mailed({ target, digest, expiresAt, audit, mail, takenMail }: InvitationMails): SQL {
  const token = { ...userOf(target), purpose: "invite", digest, at: audit.at, expiresAt } as const;
  const words = { to: sql`letter.email`, data: sql`letter.data` };
  return sql`
    taken as (select from invited i, app.find_login(i.email)),
    issued as (${issueMailedTokenFrom(sql`invited`, token)}),
    audited as (${insertAuditFrom(
      sql`invited`,
      audit,
      sql`jsonb_build_object('email', jsonb_build_object('old', null, 'new', invited.email), 'group', jsonb_build_object('old', null, 'new', invited."group"))`,
    )}),
    letter as (
      select i.email, jsonb_build_object('inviter_name', current_setting('app.inviter'), 'company_name', c.name, 'group', i."group") as data
      from invited i join companies c on c.id = i.company_id
    ),
    mailed as (${insertMailFrom(sql`letter where not exists (select from taken)`, mail, words)}),
    told as (${insertMailFrom(sql`letter where exists (select from taken)`, takenMail, words)})`;
}
