import { and, desc, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { profileColumns, toProfile } from "../../platform/db/profile.ts";
import { readingScope } from "../../platform/db/reach.ts";
import { companies, users } from "../../platform/db/schema/index.ts";
import type { Reading } from "../../shared/acting.ts";
import { platformCompanyId } from "../../shared/ids.ts";
import { toPage, type Page, type PageMark } from "../../shared/pagination.ts";
import { newestTried } from "./limits.ts";
import type { PeopleFilter, UserProfile } from "./repository.ts";

interface PageRequest {
  readonly limit: number;
  readonly after: PageMark | undefined;
}

/** One round trip. */
export async function listPeople(
  database: Database,
  reading: Reading,
  filter: PeopleFilter,
  { limit, after }: PageRequest,
): Promise<Page<UserProfile>> {
  const older =
    after && sql`(${users.createdAt}, ${users.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`;
  const where = and(...conditions(reading, filter), older);
  const scope = readingScope(reading);
  const { email } = filter;
  const rows =
    email === undefined
      ? (await database.batch(scope, (db) => [selectPeople(db, where, limit + 1)]))[0]
      : (
          await database.batch(scope, (db) => [
            enterSystem(db),
            findByEmail(db, where, email, limit + 1),
            leaveSystem(db, reading),
            selectPeople(db, and(where, found), limit + 1),
          ])
        )[3];
  return toPage(rows.map(toProfile), limit, ({ createdAt, id }) => ({ at: createdAt, id }));
}

function conditions({ actor, across }: Reading, { group, isActive, companyId }: PeopleFilter): (SQL | undefined)[] {
  // Of all companies only the platform has Super Admins, and its own index is the shorter way to them.
  const everywhere = group === "Super Admin" ? platformCompanyId : undefined;
  const company = companyId ?? (across === undefined ? actor.companyId : everywhere);
  return [
    isNull(users.deletedAt),
    company && eq(users.companyId, company),
    group && eq(users.group, group),
    isActive === undefined ? undefined : eq(users.isActive, isActive),
  ];
}

const selectPeople = (db: HttpDatabase, where: SQL | undefined, count: number) =>
  db
    .select(profileColumns)
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(where)
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(count);

/*
 * LIKE is not leakproof, so that no index may serve it under a tenant's policy. The ids of a page are therefore found as
 * etter_system, within the company that the conditions name; what is shown of them is read in the caller's own context
 * again, whose policy lets nothing of another company through.
 */
const enterSystem = (db: HttpDatabase) => db.execute(sql`select set_config('role', 'etter_system', true)`);
const leaveSystem = (db: HttpDatabase, { across }: Reading) =>
  db.execute(across === undefined ? sql`select set_config('role', 'none', true)` : sql`select`);
const found = sql`${users.id} = any (string_to_array(nullif(current_setting('app.found'), ''), ',')::uuid[])`;

/**
 * Sets `app.found` to the ids of the page. What many have is found among the newest; what those do not fill the page with is rare
 * as a rule, and the trigrams find it: then the work does not grow with the company. It does where many have it, but none of the
 * newest (a company that has changed its domain): all of those are read, and a page of them kept. `offset 0` keeps the planner from
 * walking the company by date for that page instead, which is as long for what hardly anybody has.
 */
function findByEmail(db: HttpDatabase, where: SQL | undefined, email: string, count: number) {
  const part = `%${email.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  const newestFirst = sql`order by created_at desc, id desc`;
  return db.execute(sql`
    with newest as materialized (
      select id, created_at from (
        select id, created_at, email from ${users} where ${where} ${newestFirst} limit ${newestTried}
      ) tried where email like ${part} ${newestFirst} limit ${count}
    ), rare as materialized (
      select id, created_at from (
        select id, created_at from ${users} where ${where} and email like ${part} offset 0
      ) every ${newestFirst} limit ${count}
    ), page as (
      (select id, created_at from newest where (select count(*) from newest) = ${count})
      union all
      (select id, created_at from rare where (select count(*) from newest) < ${count})
      ${newestFirst} limit ${count}
    )
    select set_config('app.found', coalesce(string_agg(id::text, ','), ''), true) from page`);
}
