import { and, eq, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom, insertAuditOfEach } from "../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import {
  documents,
  folderDeletionItems,
  folderDeletions,
  folders,
  uploadSessions,
} from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import { invariant } from "../../shared/errors.ts";
import type { CompanyId, DocumentId, FolderDeletionId, UserId } from "../../shared/ids.ts";
import { toPage, type PageMark } from "../../shared/pagination.ts";
import type { FolderPath } from "./domain/names.ts";
import { openStates, visibleStates } from "./domain/states.ts";
import type {
  DeletionStep,
  FolderDeletionItem,
  FolderDeletionRef,
  FolderDeletionReport,
  FolderDeletionRepository,
  FolderDeletionState,
  TakenDocument,
} from "./folder-repository.ts";
import type { Caller } from "./repository.ts";
import { folderRoom, inOrBelow, lockCompany, scopeOf, textList, wasSigned } from "./rows.drizzle.ts";

export const createFolderDeletionRepository = (database: Database): FolderDeletionRepository => ({
  begin: (actor, deletion, times, audit) => begin(database, actor, deletion, times, audit),
  async step(caller, deletion, step) {
    // Settling comes after taking: it locks the company's row of stored bytes, and who has that must lock no document any more.
    const [, taken, , ended] = await database.batch(scopeOf(caller, step.at), (db) => [
      db.execute(lockCompany(caller.companyId)),
      db.execute<TakenRow>(take(caller, deletion, step)),
      db.execute(settle(caller, deletion, step)),
      db.execute<{ ended: boolean }>(end(caller, deletion, step)),
    ]);
    return {
      took: taken.rows[0]?.took ?? 0,
      taken: taken.rows.filter(({ id }) => id !== null).map(toTaken),
      ended: ended.rows[0]?.ended !== false,
    };
  },
  read: (caller, id, page, at) => read(database, caller, id, page, at),
});

const time = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;
const milliseconds = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::float8`;
const own = ({ companyId }: Pick<Caller, "companyId">): SQL => sql`company_id = ${companyId}::uuid`;
const running = (caller: Caller, { id }: FolderDeletionRef): SQL =>
  sql`select from ${folderDeletions} where ${own(caller)} and id = ${id}::uuid and ended_at is null`;

async function begin(
  database: Database,
  actor: Actor,
  { id, path }: FolderDeletionRef,
  { at, nextAt }: { at: Date; nextAt: Date },
  audit: AuditEntry,
): Promise<FolderDeletionRef | "unknown" | "being_deleted"> {
  const [, asked] = await database.batch(scopeOf(actor, at), (db) => [
    db.execute(lockCompany(actor.companyId)),
    db.execute<{ id: string | null; leaving: boolean; known: boolean }>(sql`
      with room as (select ${folderRoom(actor.companyId, path)}),
      folder as (select path from ${folders} where ${own(actor)} and path = ${path}),
      underway as (select id from ${folderDeletions} where ${own(actor)} and path = ${path} and ended_at is null),
      made as (
        insert into ${folderDeletions} (id, company_id, path, requested_by, created_at, due_at)
        select ${id}::uuid, ${actor.companyId}::uuid, path, ${actor.userId}::uuid, ${time(at)}, ${time(nextAt)}
        from folder where not (select leaving from room) and not exists (select from underway)
        returning id
      ), closed as (update ${folders} set deleting_since = ${time(at)} from made where ${own(actor)} and path = ${path}),
      audited as (${insertAuditFrom(sql`made`, audit)})
      select (select id from underway union all select id from made) as id, leaving, exists (select from folder) as known from room`),
  ]);
  const row = asked.rows[0];
  invariant(row, "the statement that begins a deletion answers with a row");
  if (row.id !== null) return { id: row.id as FolderDeletionId, path };
  return row.known ? "being_deleted" : "unknown";
}

const settle = (
  caller: Caller,
  { id }: FolderDeletionRef,
  { settled, settledIds, at, audits }: DeletionStep,
): SQL => sql`
  with given as (
    select * from json_to_recordset(${JSON.stringify(settled)}::json) as given (id uuid, fence int, "to" text, "dueAt" timestamptz, failed boolean)
  ), failed as (
    update ${folderDeletionItems} set state = 'failed' from given
    where ${own(caller)} and deletion_id = ${id}::uuid and document_id = given.id and given.failed
  ), settled as (
    update ${documents} d set status = coalesce(given."to", status),
      due_at = case when given."to" is null or ${wasSigned(sql`d`)} then given."dueAt" end,
      changed_at = case when given."to" is null then changed_at else ${time(at)} end
    from given where d.${own(caller)} and d.id = given.id and d.fence = given.fence and d.status in ('deleting', 'aborting')
    returning d.id, given."to"
  ), numbered as (select *, row_number() over () as n from settled where "to" is not null)
  ${insertAuditOfEach(sql`numbered`, audits.document, settledIds, {
    action: sql`case "to" when 'deleted' then 'document.delete_end' else 'document.abort_end' end`,
    target: sql`numbered.id::text`,
  })}`;

/** Visible documents in or below the folder that the deletion has not come upon yet. */
const left = (caller: Caller, { id, path }: FolderDeletionRef): SQL => sql`
  ${documents} d where d.${own(caller)} and ${inOrBelow(sql`d.folder_path`, path)} and d.status in ${textList(visibleStates)}
    and not exists (select from ${folderDeletionItems} i
      where i.company_id = d.company_id and i.deletion_id = ${id}::uuid and i.document_id = d.id)`;

interface TakenRow {
  [name: string]: unknown;
  took: number;
  /** Null in the one row there is when none was taken. */
  id: string | null;
  company_id: string;
  status: string;
  version: number;
  fence: number;
  was_due: boolean;
  /** Milliseconds since 1970, as is the next. */
  completed_at: number | null;
  part_count: number;
  open_ended: boolean;
  s3_upload_id: string | null;
  expires_at: number;
}

/**
 * One that is being completed has an outcome soon, and is taken then; unless nobody is at it, as where completing fails each
 * time. A held one is named, and stays where it is.
 */
function take(caller: Caller, deletion: FolderDeletionRef, { auditIds, at, leaseUntil, audits }: DeletionStep): SQL {
  const action = sql`case status when 'aborting' then 'document.abort' else 'document.delete' end`;
  return sql`
    with next as (
      select d.id, d.company_id, d.status, d.legal_hold, d.folder_path, d.due_at from ${left(caller, deletion)}
        and (d.status <> 'completing' or d.due_at <= ${time(at)}) and exists (${running(caller, deletion)})
      limit ${auditIds.length} for update of d
    ), taken as (
      update ${documents} d set status = case when next.status in ${textList(openStates)} then 'aborting' else 'deleting' end,
        changed_at = ${time(at)}, fence = d.fence + 1, due_at = ${time(leaseUntil)}, quarantine_reason = null, folder_path = null
      from next where d.company_id = next.company_id and d.id = next.id and not next.legal_hold
      returning d.*, next.due_at is not null as was_due
    ), items as (
      insert into ${folderDeletionItems} (company_id, deletion_id, document_id, folder_path, state, taken_at)
      select company_id, ${deletion.id}::uuid, id, folder_path, case when legal_hold then 'held' else 'taken' end, ${time(at)}
      from next
    ), numbered as (select *, row_number() over () as n from taken),
    audited as (${insertAuditOfEach(sql`numbered`, audits.document, auditIds, { action, target: sql`numbered.id::text` })})
    select (select count(*) from next)::int as took, t.id, t.company_id, t.status, t.version, t.fence, t.was_due, s.part_count, s.open_ended,
      s.s3_upload_id, ${milliseconds(sql`t.completed_at`)} as completed_at, ${milliseconds(sql`s.expires_at`)} as expires_at
    from (select) one left join (taken t join ${uploadSessions} s on s.company_id = t.company_id and s.document_id = t.id) on true`;
}

function toTaken({ id, status, ...row }: TakenRow): TakenDocument {
  invariant(status === "deleting" || status === "aborting", "what was taken is in one of two states");
  return {
    document: {
      id: id as DocumentId,
      companyId: row.company_id as CompanyId,
      status,
      version: row.version,
      fence: row.fence,
      completedAt: row.completed_at === null ? null : new Date(row.completed_at),
    },
    session: {
      partCount: row.part_count,
      openEnded: row.open_ended,
      s3UploadId: row.s3_upload_id,
      expiresAt: new Date(row.expires_at),
    },
    wasDue: row.was_due,
  };
}

/** Nothing is left to take on, and nothing that was taken still waits for the store. */
const end = (caller: Caller, deletion: FolderDeletionRef, { at, nextAt, audits }: DeletionStep): SQL => sql`
  with rest as (
    select exists (select from ${left(caller, deletion)}) or exists (
      select from ${folderDeletionItems} i join ${documents} d on d.company_id = i.company_id and d.id = i.document_id
      where i.${own(caller)} and i.deletion_id = ${deletion.id}::uuid and i.state = 'taken' and d.status in ('deleting', 'aborting')
    ) as waits
  ), looked as (
    update ${folderDeletions} set ended_at = case when waits then null else ${time(at)} end,
      due_at = case when waits then ${time(nextAt)} end
    from rest where ${own(caller)} and id = ${deletion.id}::uuid and ended_at is null
    returning company_id, ended_at is not null as ended
  ), ended as (select company_id from looked where ended),
  gone as (
    delete from ${folders} f using ended where f.company_id = ended.company_id and ${inOrBelow(sql`f.path`, deletion.path)}
      and not exists (select from ${documents} d where d.company_id = f.company_id
        and ${inOrBelow(sql`d.folder_path`, sql`f.path`)})
  ), opened as (
    update ${folders} f set deleting_since = null from ended where f.company_id = ended.company_id and f.path = ${deletion.path}
      and exists (select from ${documents} d where d.company_id = f.company_id and ${inOrBelow(sql`d.folder_path`, deletion.path)})
  ), audited as (${insertAuditFrom(sql`ended`, audits.end)})
  select ended from looked`;

/** What an item is to people: its own word where the document stayed, else the document's state. */
const stateOf = sql`case when ${folderDeletionItems.state} = 'held' then 'held'
  when ${documents.status} not in ('deleting', 'aborting') then 'deleted'
  when ${folderDeletionItems.state} = 'failed' then 'failed' else 'pending' end`;
/** Whether one of them was held, or S3 refused it, when the deletion came upon it: that does not change with what becomes of it. */
const stayed = sql<boolean>`bool_or(${folderDeletionItems.state} <> 'taken')`;
const ofItem = and(
  eq(documents.companyId, folderDeletionItems.companyId),
  eq(documents.id, folderDeletionItems.documentId),
);

async function read(
  database: Database,
  caller: Caller,
  id: FolderDeletionId,
  { limit, after, state }: { limit: number; after: PageMark | undefined; state: FolderDeletionState | undefined },
  at: Date,
): Promise<FolderDeletionReport | undefined> {
  const items = and(eq(folderDeletionItems.companyId, caller.companyId), eq(folderDeletionItems.deletionId, id));
  const [jobs, counts, ahead, rows] = await database.batch(scopeOf(caller, at), (db) => [
    db
      .select()
      .from(folderDeletions)
      .where(and(eq(folderDeletions.companyId, caller.companyId), eq(folderDeletions.id, id))),
    db
      .select({ state: sql<FolderDeletionState>`${stateOf}`, count: sql<number>`count(*)::int`, stayed })
      .from(folderDeletionItems)
      .innerJoin(documents, ofItem)
      .where(items)
      .groupBy(sql`1`),
    db.execute<{ count: number }>(sql`
      select count(*)::int as count from ${folderDeletions} j join ${documents} d on d.company_id = j.company_id
        and ${inOrBelow(sql`d.folder_path`, sql`j.path`)} and d.status in ${textList(visibleStates)}
      where j.${own(caller)} and j.id = ${id}::uuid and j.ended_at is null and not exists (select from ${folderDeletionItems} i
        where i.company_id = d.company_id and i.deletion_id = j.id and i.document_id = d.id)`),
    selectItems(db, and(items, state && sql`${stateOf} = ${state}`), limit, after),
  ]);
  const job = jobs[0];
  if (job === undefined) return undefined;
  const found = rows.map((row): FolderDeletionItem => ({
    ...row,
    documentId: row.documentId as DocumentId,
    folderPath: row.folderPath as FolderPath,
  }));
  const {
    pending = 0,
    deleted = 0,
    held = 0,
    failed = 0,
  } = Object.fromEntries(counts.map((one) => [one.state, one.count])) as Partial<Record<FolderDeletionState, number>>;
  return {
    ...job,
    id,
    path: job.path as FolderPath,
    requestedBy: job.requestedBy as UserId,
    isWhole: counts.every((one) => !one.stayed),
    counts: { pending: pending + (ahead.rows[0]?.count ?? 0), deleted, held, failed },
    items: toPage(found, limit, ({ takenAt, documentId }) => ({ at: takenAt, id: documentId })),
  };
}

const selectItems = (db: HttpDatabase, where: SQL | undefined, limit: number, after: PageMark | undefined) =>
  db
    .select({
      documentId: folderDeletionItems.documentId,
      originalFilename: documents.originalFilename,
      folderPath: folderDeletionItems.folderPath,
      state: sql<FolderDeletionState>`${stateOf}`,
      takenAt: folderDeletionItems.takenAt,
    })
    .from(folderDeletionItems)
    .innerJoin(documents, ofItem)
    .where(
      and(
        where,
        after &&
          sql`(${folderDeletionItems.takenAt}, ${folderDeletionItems.documentId}) < (${time(after.at)}, ${after.id}::uuid)`,
      ),
    )
    .orderBy(sql`${folderDeletionItems.takenAt} desc, ${folderDeletionItems.documentId} desc`)
    .limit(limit + 1);
