import { and, desc, eq, lte, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { auditLog, documents, uploadParts, uploadSessions } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { toPage, type PageMark } from "../../shared/pagination.ts";
import { leasedStates, sourcesOf, storedWholeStates } from "./domain/states.ts";
import { listDocuments } from "./list.drizzle.ts";
import { patchDocument } from "./patch.drizzle.ts";
import type { Caller, DocumentRef, DocumentRepository, Transition, TransitionResult } from "./repository.ts";
import { findForPart, keepParts } from "./part-repository.drizzle.ts";
import {
  isMeant,
  scopeOf,
  selectUpload,
  textList,
  toDocument,
  toPart,
  toUpload,
  wasSigned,
  withSession,
} from "./rows.drizzle.ts";
import { initiateUpload } from "./upload-repository.drizzle.ts";

export function createDocumentRepository(database: Database): DocumentRepository {
  return {
    initiate: (actor, upload, audit, wanted) => initiateUpload(database, actor, upload, audit, wanted),
    async findUpload(caller, ref, at, withParts = false) {
      const [rows, parts] = await database.batch(scopeOf(caller, at), (db) => [
        selectUpload(db, caller, ref),
        selectParts(db, caller, ref, withParts),
      ]);
      return rows[0] && { upload: toUpload(rows[0]), parts: parts.map(({ part }) => toPart(part)) };
    },
    transition: (caller, ref, change, audit, withParts) => transition(database, caller, ref, change, audit, withParts),
    findForPart: (caller, ref, partNumber, at) => findForPart(database, caller, ref, partNumber, at),
    keepParts: (caller, sessionId, parts, at) => keepParts(database, caller, sessionId, parts, at),
    async postpone(caller, documentId, dueAt, at, fence) {
      const mayStill = fence === undefined ? lte(documents.dueAt, at) : eq(documents.fence, fence);
      const which = and(isMeant(caller, { documentId }), mayStill);
      await database.batch(scopeOf(caller, at), (db) => [db.update(documents).set({ dueAt }).where(which)]);
    },
    list: (actor, filter, page, at) => listDocuments(database, actor, filter, page, at),
    patch: (actor, id, patch, audit) => patchDocument(database, actor, id, patch, audit),
    async setHold(actor, id, reason, audit) {
      const change = sql`update ${documents} set legal_hold = ${reason !== null}, legal_hold_reason = ${reason}
        where ${isMeant(actor, { documentId: id })} and status in ${textList(storedWholeStates)}
          and legal_hold_reason is distinct from ${reason}::text returning id`;
      const [, rows] = await database.batch(scopeOf(actor, audit.at), (db) => [
        db.execute(sql`with changed as (${change}) ${insertAuditFrom(sql`changed`, audit)}`),
        db
          .select()
          .from(documents)
          .where(isMeant(actor, { documentId: id })),
      ]);
      return { current: rows[0] && toDocument(rows[0]) };
    },
    async recordDownload(actor, id, audit) {
      const ready = sql`select id from ${documents} where ${isMeant(actor, { documentId: id })} and status = 'ready'`;
      const [, rows] = await database.batch(scopeOf(actor, audit.at), (db) => [
        db.execute(sql`with ready as (${ready}) ${insertAuditFrom(sql`ready`, audit)}`),
        db
          .select()
          .from(documents)
          .where(isMeant(actor, { documentId: id })),
      ]);
      return rows[0] && toDocument(rows[0]);
    },
    async history(actor, id, { limit, after }, at) {
      const [known, rows] = await database.batch(scopeOf(actor, at), (db) => [
        db
          .select({ id: documents.id })
          .from(documents)
          .where(isMeant(actor, { documentId: id })),
        selectHistory(db, actor, id, limit, after),
      ]);
      return known.length === 0 ? undefined : toPage(rows, limit, (row) => ({ at: row.at, id: row.id }));
    },
  };
}

function selectParts(db: HttpDatabase, caller: Caller, ref: DocumentRef, wanted: boolean, condition = sql`true`) {
  const ofSession = and(
    eq(uploadParts.companyId, uploadSessions.companyId),
    eq(uploadParts.sessionId, uploadSessions.id),
  );
  return db
    .select({ part: uploadParts })
    .from(uploadParts)
    .innerJoin(uploadSessions, ofSession)
    .innerJoin(documents, withSession)
    .where(and(isMeant(caller, ref), sql`${wanted}`, condition));
}

async function transition(
  database: Database,
  caller: Caller,
  ref: DocumentRef,
  change: Transition,
  audit: AuditEntry | undefined,
  withParts = false,
): Promise<TransitionResult> {
  const update = updateOf(caller, ref, change);
  const ofSession = sql`from changed where ${uploadSessions.companyId} = ${caller.companyId}::uuid and document_id = changed.id`;
  const opened =
    change.s3UploadId === undefined
      ? sql``
      : sql`, opened as (update ${uploadSessions} set s3_upload_id = ${change.s3UploadId} ${ofSession})`;
  const named =
    change.namedParts === undefined
      ? sql``
      : sql`, named as (update ${uploadSessions} set named_parts = ${change.namedParts}::int ${ofSession} and open_ended)`;
  // A statement sees the table as it was before: who takes over what another one has begun does not audit it again.
  const moved = sql`changed join ${documents} as before on before.id = changed.id and before.status <> ${change.to}
    and not ${endsWith(caller, change.auditUnlessLast)}`;
  const written =
    audit === undefined
      ? sql``
      : sql`, audited as (${insertAuditFrom(moved, audit, undefined, sql`changed.id::text`)})`;
  const [changed, rows, parts] = await database.batch(scopeOf(caller, change.at), (db) => [
    db.execute(sql`with changed as (${update})${opened}${named}${written} select id from changed`),
    selectUpload(db, caller, ref),
    // Up to 10,000 rows, read by none but who has taken the edge just now.
    selectParts(
      db,
      caller,
      ref,
      withParts,
      sql`${documents.status} = ${change.to} and ${eq(documents.changedAt, change.at)}`,
    ),
  ]);
  const row = rows[0];
  return {
    moved: changed.rows.length > 0,
    current: row && toUpload(row),
    parts: parts.map(({ part }) => toPart(part)),
  };
}

/** Whether the last audit row of `changed` is such a one, by this caller. */
function endsWith({ companyId, userId }: Caller, row: Transition["auditUnlessLast"]): SQL {
  if (row === undefined) return sql`false`;
  const isSame = row.changes === undefined ? sql`` : sql`and changes = ${JSON.stringify(row.changes)}::jsonb`;
  return sql`exists (
    select from (
      select action, actor_user_id, changes from ${auditLog}
      where company_id = ${companyId}::uuid and target_type = 'document' and target_id = changed.id::text
      order by at desc, id desc limit 1
    ) last
    where action = ${row.action} and actor_user_id is not distinct from ${userId ?? null}::uuid ${isSame})`;
}

function updateOf(caller: Caller, ref: DocumentRef, change: Transition): SQL {
  const at = sql`${change.at.toISOString()}::timestamptz`;
  // A claim may also take the state itself over, from a worker whose lease has run out.
  const sources = change.claim === true ? [...sourcesOf(change.to), change.to] : sourcesOf(change.to);
  const from = sources.filter((state) => change.onlyFrom?.includes(state) ?? true);
  const conditions = [
    isMeant(caller, ref),
    sql`status in ${textList(from)}`,
    change.claim === true ? sql`(status not in ${textList(leasedStates)} or due_at <= ${at})` : undefined,
    change.fence === undefined ? undefined : sql`fence = ${change.fence}`,
    change.onlySince && sql`changed_at = ${change.onlySince.toISOString()}::timestamptz`,
    change.unlessHeld === true ? sql`not legal_hold` : undefined,
    change.unlessExpired === true
      ? sql`(status not in ('planned', 'uploading') or exists (select from ${uploadSessions} s
          where s.company_id = ${documents.companyId} and s.document_id = ${documents.id} and s.expires_at > ${at}))`
      : undefined,
  ].filter((condition) => condition !== undefined);
  const given = sql`${change.dueAt?.toISOString() ?? null}::timestamptz`;
  const dueAt = change.dueIfSigned === true ? sql`case when ${wasSigned(sql`documents`)} then ${given} end` : given;
  const values = [
    sql`status = ${change.to}`,
    sql`changed_at = ${at}`,
    change.claim === true ? sql`fence = fence + 1` : undefined,
    change.dueAt === undefined ? undefined : sql`due_at = ${dueAt}`,
    change.completedAt && sql`completed_at = ${change.completedAt.toISOString()}::timestamptz`,
    change.detectedContentType === undefined ? undefined : sql`detected_content_type = ${change.detectedContentType}`,
    change.version === undefined ? undefined : sql`version = ${change.version}::int`,
    change.sizeBytes === undefined ? undefined : sql`size_bytes = ${change.sizeBytes}::bigint`,
    change.sha256 === undefined ? undefined : sql`sha256 = ${change.sha256}`,
    change.quarantineReason === undefined ? undefined : sql`quarantine_reason = ${change.quarantineReason}`,
    change.leaveFolder === true ? sql`folder_path = null` : undefined,
  ].filter((value) => value !== undefined);
  return sql`update ${documents} set ${sql.join(values, sql`, `)} where ${sql.join(conditions, sql` and `)} returning id`;
}

const selectHistory = (db: HttpDatabase, actor: Actor, id: DocumentId, limit: number, after: PageMark | undefined) =>
  db
    .select({
      id: auditLog.id,
      at: auditLog.at,
      actorUserId: auditLog.actorUserId,
      action: auditLog.action,
      reason: auditLog.reason,
      changes: auditLog.changes,
      requestId: auditLog.requestId,
    })
    .from(auditLog)
    .where(
      and(
        eq(auditLog.companyId, actor.companyId),
        eq(auditLog.targetType, "document"),
        eq(auditLog.targetId, id),
        after && sql`(${auditLog.at}, ${auditLog.id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(auditLog.at), desc(auditLog.id))
    .limit(limit + 1);
