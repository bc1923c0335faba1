import { and, eq, sql, type SQL } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import type { HttpDatabase, Scope } from "../../platform/db/client.ts";
import {
  companyStorage,
  documents,
  folders,
  type uploadParts,
  uploadSessions,
} from "../../platform/db/schema/index.ts";
import { invariant } from "../../shared/errors.ts";
import type { CompanyId, DocumentId, UploadId, UserId } from "../../shared/ids.ts";
import type { QuarantineReason } from "./domain/content.ts";
import { folderLine, rootFolder, type FolderPath } from "./domain/names.ts";
import type { FoundPart } from "./domain/parts.ts";
import type { DocumentState } from "./domain/states.ts";
import { maxFoldersPerCompany } from "./limits.ts";
import type { Caller, DocumentRecord, DocumentRef, Upload } from "./repository.ts";

/** Namespace of the advisory lock under which a company's uploads and folders are counted and added. */
export const companyLock = 727_010;

export const lockCompany = (companyId: CompanyId): SQL =>
  sql`select pg_advisory_xact_lock(${companyLock}, hashtext(${companyId}))`;

export const scopeOf = (caller: Caller, at: Date): Scope =>
  caller.sessionId === undefined
    ? { kind: "company", companyId: caller.companyId }
    : { kind: "session", actor: caller, at };

/** Closed sets and ids get their types back; the table's CHECKs hold them. */
export const toDocument = (row: typeof documents.$inferSelect): DocumentRecord => {
  const { legalHoldReason: _, folderPath, ...rest } = row;
  return {
    ...rest,
    id: row.id as DocumentId,
    companyId: row.companyId as CompanyId,
    createdBy: row.createdBy as UserId,
    status: row.status as DocumentState,
    folderPath: (folderPath ?? rootFolder) as FolderPath,
    quarantineReason: row.quarantineReason as QuarantineReason | null,
  };
};

export const uploadColumns = { document: documents, session: uploadSessions };

export function toUpload(row: {
  document: typeof documents.$inferSelect;
  session: typeof uploadSessions.$inferSelect;
}): Upload {
  const { companyId: _, documentId: __, transport, ...session } = row.session;
  invariant(transport === "direct" || transport === "proxy", "upload_sessions.transport is one of two");
  return { document: toDocument(row.document), session: { ...session, id: row.session.id as UploadId, transport } };
}

export const toPart = (row: typeof uploadParts.$inferSelect): FoundPart => ({
  partNumber: row.partNumber,
  etag: row.etag,
  size: row.sizeBytes ?? undefined,
  sha256: row.sha256 ?? undefined,
});

export const withSession = and(
  eq(uploadSessions.companyId, documents.companyId),
  eq(uploadSessions.documentId, documents.id),
);

/** The one document that is meant, of the caller's company. */
export function isMeant({ companyId }: Caller, ref: DocumentRef): SQL {
  const conditions = [sql`${documents.companyId} = ${companyId}::uuid`];
  if (ref.documentId !== undefined) conditions.push(sql`${documents.id} = ${ref.documentId}::uuid`);
  if ("sessionId" in ref)
    conditions.push(sql`${documents.id} =
      (select document_id from ${uploadSessions} where company_id = ${companyId}::uuid and id = ${ref.sessionId}::uuid)`);
  return sql.join(conditions, sql` and `);
}

/** Whether an address of S3's was given that takes all of the document; `d` names the row of `documents`. */
export const wasSigned = (
  d: SQL,
): SQL => sql`exists (select from ${uploadSessions} s where s.company_id = ${d}.company_id
  and s.document_id = ${d}.id and s.transport = 'direct' and s.part_count = 1 and not s.open_ended)`;

export const selectUpload = (db: HttpDatabase, caller: Caller, ref: DocumentRef) =>
  db.select(uploadColumns).from(documents).innerJoin(uploadSessions, withSession).where(isMeant(caller, ref)).limit(1);

/** Null for the root, which is no row. */
export const folderColumn = (path: FolderPath): string | null => (path === rootFolder ? null : path);

/** A parameter that holds several texts: neon sends arrays as JSON would, so they travel as one. */
export const textList = (values: readonly string[]): SQL =>
  sql`(select value from json_array_elements_text(${JSON.stringify(values)}::json) as given(value))`;

/**
 * Whether a path is the folder's or below it. By the order of bytes, since an index serves that for a path out of another row
 * as well, which it does not for `^@`. `0` comes next after `/`; nothing needs escaping.
 */
export const inOrBelow = (column: SQL | AnyPgColumn, path: FolderPath | SQL): SQL =>
  sql`(${column} = ${path} or (${column} ~>=~ (${path}::text || '/') and ${column} ~<~ (${path}::text || '0')))`;

/** What the quota counts of a company. */
export const storedBytes = ({ companyId }: Pick<Caller, "companyId">): SQL =>
  sql`coalesce((select stored_bytes from ${companyStorage} where company_id = ${companyId}::uuid), 0)`;

/** Columns `leaving` (in one that is being deleted) and `roomy` (the company may have those that are not there yet). */
export function folderRoom(companyId: CompanyId, path: FolderPath): SQL {
  const own = sql`company_id = ${companyId}::uuid`;
  const line = folderLine(path);
  const there = sql`select count(*) from ${folders} where ${own} and path in ${textList(line)}`;
  return sql`
    exists (select from ${folders} where ${own} and path in ${textList(line)} and deleting_since is not null) as leaving,
    (${there}) = ${line.length} or
      (select count(*) from ${folders} where ${own}) - (${there}) + ${line.length} <= ${maxFoldersPerCompany} as roomy`;
}

/** The body of a CTE that makes the folder and those above it, where `source` has a row; those that are there stay. */
export const makeFolders = (
  path: FolderPath,
  by: { companyId: CompanyId; userId: UserId; at: Date },
  source: SQL,
): SQL => sql`
  insert into folders (company_id, path, created_by, created_at)
  select ${by.companyId}::uuid, given.value, ${by.userId}::uuid, ${by.at.toISOString()}::timestamptz
  from ${source}, json_array_elements_text(${JSON.stringify(folderLine(path))}::json) as given(value)
  on conflict do nothing returning path`;
