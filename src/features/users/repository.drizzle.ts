import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../../platform/db/client.ts";
import { profileColumns, toProfile } from "../../platform/db/profile.ts";
import { companies, users } from "../../platform/db/schema/index.ts";
import type { UserRepository } from "./repository.ts";

export function createUserRepository(database: Database): UserRepository {
  return {
    async findOwn(actor, at) {
      const [rows] = await database.batch({ kind: "session", actor, at }, (db) => [
        db
          .select(profileColumns)
          .from(users)
          .innerJoin(companies, eq(companies.id, users.companyId))
          .where(and(eq(users.companyId, actor.companyId), eq(users.id, actor.userId), isNull(users.deletedAt)))
          .limit(1),
      ]);
      const row = rows[0];
      return row && toProfile(row);
    },
  };
}
