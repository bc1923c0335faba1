import { eq, sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { claimKey, forgetOldKeys, readKey } from "../../platform/db/idempotency.ts";
import { documents, uploadSessions } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import { invariant } from "../../shared/errors.ts";
import type { IdempotentTry } from "../../shared/idempotency.ts";
import { openStates } from "./domain/states.ts";
import { maxOpenUploadsPerCompany } from "./limits.ts";
import type { Initiation, NewUpload } from "./repository.ts";
import {
  folderColumn,
  folderRoom,
  lockCompany,
  makeFolders,
  scopeOf,
  storedBytes,
  toUpload,
  uploadColumns,
  withSession,
} from "./rows.drizzle.ts";

interface Room {
  [name: string]: unknown;
  fits: boolean;
  few: boolean;
  leaving: boolean;
  roomy: boolean;
  made: boolean;
}

/** One round trip: under the company's lock, so that two cannot both take the last place. */
export async function initiateUpload(
  database: Database,
  actor: Actor,
  upload: NewUpload,
  audit: AuditEntry,
  wanted: IdempotentTry | undefined,
): Promise<Initiation> {
  const claimant = { companyId: actor.companyId, userId: actor.userId, at: audit.at };
  const scope = scopeOf(actor, audit.at);
  if (wanted === undefined) {
    const [, stored, rows] = await database.batch(scope, (db) => [
      db.execute(lockCompany(actor.companyId)),
      db.execute<Room>(insertUpload(upload, audit, undefined)),
      selectSession(db, actor, sql`${upload.session.id}::uuid`),
    ]);
    return outcomeOf(stored.rows[0], rows, undefined);
  }
  const [, , stored, [used], rows] = await database.batch(scope, (db) => [
    db.execute(lockCompany(actor.companyId)),
    forgetOldKeys(db, claimant),
    db.execute<Room>(insertUpload(upload, audit, wanted)),
    readKey(db, claimant, wanted),
    selectSession(
      db,
      actor,
      sql`(select target_id from idempotency_keys where company_id = ${actor.companyId}::uuid
        and user_id = ${actor.userId}::uuid and route = ${wanted.route} and key = ${wanted.key})`,
    ),
  ]);
  return outcomeOf(stored.rows[0], rows, used);
}

function outcomeOf(
  room: Room | undefined,
  rows: readonly Parameters<typeof toUpload>[0][],
  used: { sameBody: boolean } | undefined,
): Initiation {
  invariant(room, "the statement that stores an upload answers with a row");
  const row = rows[0];
  if (room.made && row !== undefined) return { outcome: "created", upload: toUpload(row) };
  if (used !== undefined && !used.sameBody) return { outcome: "key_reused" };
  if (used !== undefined && row !== undefined) return { outcome: "repeated", upload: toUpload(row) };
  if (room.leaving) return { outcome: "folder_being_deleted" };
  if (!room.few) return { outcome: "too_many" };
  return { outcome: room.fits ? "too_many_folders" : "storage_full" };
}

const selectSession = (db: HttpDatabase, actor: Actor, sessionId: SQL) =>
  db
    .select(uploadColumns)
    .from(documents)
    .innerJoin(uploadSessions, withSession)
    .where(sql`${eq(documents.companyId, actor.companyId)} and ${uploadSessions.id} = ${sessionId}`)
    .limit(1);

/** In the statement itself, not as a parameter: so the planner sees that an index of what is listed has them all. */
const isOpen = sql.raw(`status in (${openStates.map((state) => `'${state}'`).join(", ")})`);

/** One statement: document, session, folders, audit row and key exist together, or none does. */
function insertUpload(
  { document, session, quotaBytes }: NewUpload,
  audit: AuditEntry,
  wanted: IdempotentTry | undefined,
): SQL {
  const own = sql`company_id = ${document.companyId}::uuid`;
  const by = { companyId: document.companyId, userId: document.createdBy, at: document.createdAt };
  const admitted = sql`(select fits and few and roomy and not leaving from room)`;
  const allowed = wanted === undefined ? sql`select where ${admitted}` : claimKey(by, wanted, session.id, admitted);
  return sql`
    with room as (
      select ${storedBytes(document)} + ${document.sizeBytes}::bigint <= ${quotaBytes}::bigint as fits,
        (select count(*) from ${documents} where ${own} and ${isOpen}) < ${maxOpenUploadsPerCompany} as few,
        ${folderRoom(document.companyId, document.folderPath)}
    ), allowed as (${allowed}),
    line as (${makeFolders(document.folderPath, by, sql`allowed`)}),
    made as (
      insert into ${documents} (id, company_id, created_by, status, original_filename, content_type, size_bytes, sha256, role,
        folder_path, custom_metadata, created_at, changed_at, due_at)
      select ${document.id}::uuid, ${document.companyId}::uuid, ${document.createdBy}::uuid, ${document.status},
        ${document.originalFilename}, ${document.contentType}, ${document.sizeBytes}::bigint, ${document.sha256}, ${document.role},
        ${folderColumn(document.folderPath)}, ${JSON.stringify(document.customMetadata)}::jsonb,
        ${document.createdAt.toISOString()}::timestamptz, ${document.createdAt.toISOString()}::timestamptz,
        ${session.expiresAt.toISOString()}::timestamptz
      from allowed returning id, company_id
    ), opened as (
      insert into ${uploadSessions} (id, company_id, document_id, transport, part_size, part_count, open_ended, expires_at)
      select ${session.id}::uuid, company_id, id, ${session.transport}, ${session.partSize}::bigint, ${session.partCount}::int,
        ${session.openEnded}::boolean,
        ${session.expiresAt.toISOString()}::timestamptz
      from made returning id
    ), audited as (${insertAuditFrom(sql`opened`, audit)})
    select fits, few, leaving, roomy, exists (select from audited) as made from room`;
}
