import { and, desc, eq, gte, lt, sql, type SQL } from "drizzle-orm";
import { recordRefusal } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { readingScope } from "../../platform/db/reach.ts";
import { auditLog, companies, users } from "../../platform/db/schema/index.ts";
import type { Reading } from "../../shared/acting.ts";
import { platformCompanyId, type CompanyId, type UserId } from "../../shared/ids.ts";
import { toPage } from "../../shared/pagination.ts";
import type { AuditFilter, AuditLine, AuditRepository } from "./repository.ts";

/** Who acts in a company is one of its own or a Super Admin; a row of theirs that the reader may not see gives no address. */
const actorEmail = sql<string | null>`(
  select ${users.email} from ${users}
  where ${users.id} = ${auditLog.actorUserId} and ${users.companyId} in (${auditLog.companyId}, ${platformCompanyId}::uuid)
  order by ${users.deletedAt} desc nulls first limit 1)`;

export function createAuditRepository(database: Database): AuditRepository {
  return {
    async list(reading, filter, { limit, after }) {
      const older =
        after && sql`(${auditLog.at}, ${auditLog.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`;
      const [rows] = await database.batch(readingScope(reading), (db) => [
        db
          .select({ line: auditLog, companyName: companies.name, actorEmail })
          .from(auditLog)
          .innerJoin(companies, eq(companies.id, auditLog.companyId))
          .where(and(...conditions(reading, filter), older))
          .orderBy(desc(auditLog.at), desc(auditLog.id))
          .limit(limit + 1),
      ]);
      return toPage(rows.map(toLine), limit, ({ at, id }) => ({ at, id }));
    },
    recordRefusal: (actor, entry) => recordRefusal(database, entry, actor),
  };
}

function conditions(reading: Reading, filter: AuditFilter): (SQL | undefined)[] {
  const { companyId = reading.across === undefined ? reading.actor.companyId : undefined } = filter;
  const { actor, action, target, from, to } = filter;
  return [
    companyId && eq(auditLog.companyId, companyId),
    actor && eq(auditLog.actorUserId, actor),
    action && eq(auditLog.action, action),
    target === undefined ? undefined : eq(auditLog.targetId, target),
    from && gte(auditLog.at, from),
    to && lt(auditLog.at, to),
  ];
}

interface Row {
  readonly line: typeof auditLog.$inferSelect;
  readonly companyName: string;
  readonly actorEmail: string | null;
}

const toLine = ({ line: { companyId, actorUserId, ...line }, companyName, actorEmail }: Row): AuditLine => ({
  ...line,
  company: { id: companyId as CompanyId, name: companyName },
  actor: actorUserId === null ? null : { id: actorUserId as UserId, email: actorEmail },
});
