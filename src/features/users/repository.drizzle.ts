import { and, eq, isNull, sql } from "drizzle-orm";
import { auditedUpdate, recordRefusal } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { profileColumns, selectProfile, toProfile } from "../../platform/db/profile.ts";
import { readingScope } from "../../platform/db/reach.ts";
import { companies, users } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import { listPeople } from "./list.drizzle.ts";
import type { ProfilePatch, UserRepository } from "./repository.ts";

export function createUserRepository(database: Database): UserRepository {
  return {
    async findOwn(actor, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [selectProfile(db, actor)]);
      return rows[0] && toProfile(rows[0]);
    },
    async updateOwn(actor, patch, audit) {
      const scope = { kind: "session", actor, at: audit.at } as const;
      const set = columnsOf(patch);
      const change = {
        key: ["company_id", "id"],
        digested: ["theme_config"],
        where: ofOwn(actor),
        set: { ...set, updated_at: audit.at.toISOString() },
        audit,
      };
      const rows =
        Object.keys(set).length === 0
          ? (await database.batch(scope, (db) => [selectProfile(db, actor)]))[0]
          : (await database.batch(scope, (db) => [auditedUpdate(db, users, change), selectProfile(db, actor)]))[1];
      return rows[0] && toProfile(rows[0]);
    },
    async find(reading, id) {
      const own = reading.across === undefined ? eq(users.companyId, reading.actor.companyId) : undefined;
      const [rows] = await database.batch(readingScope(reading), (db) => [
        db
          .select(profileColumns)
          .from(users)
          .innerJoin(companies, eq(companies.id, users.companyId))
          .where(and(eq(users.id, id), isNull(users.deletedAt), own))
          .limit(1),
      ]);
      return rows[0] && toProfile(rows[0]);
    },
    list: (reading, filter, page) => listPeople(database, reading, filter, page),
    recordRefusal: (actor, audit) => recordRefusal(database, audit, actor),
  };
}

const ofOwn = ({ companyId, userId }: Actor) =>
  sql`${users.companyId} = ${companyId}::uuid and ${users.id} = ${userId}::uuid and ${users.deletedAt} is null`;

function columnsOf({ firstName, lastName, imageUrl, themeConfig }: ProfilePatch): Record<string, unknown> {
  const theme = themeConfig && sql`${JSON.stringify(themeConfig)}::jsonb`;
  const named = { first_name: firstName, last_name: lastName, image_url: imageUrl, theme_config: theme };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
