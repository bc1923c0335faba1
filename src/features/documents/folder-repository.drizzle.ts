import { sql, type SQL } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { documents, folders } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { UserId } from "../../shared/ids.ts";
import { invariant } from "../../shared/errors.ts";
import { rootFolder, type FolderPath } from "./domain/names.ts";
import type { FolderPage, FolderRecord, FolderRepository } from "./folder-repository.ts";
import { maxCountedDocuments } from "./limits.ts";
import { folderRoom, lockCompany, makeFolders, scopeOf } from "./rows.drizzle.ts";

export const createFolderRepository = (database: Database): FolderRepository => ({
  list: (actor, path, page, at) => list(database, actor, path, page, at),
  create: (actor, path, audit) => create(database, actor, path, audit),
  removeEmpty: (actor, path, audit) => removeEmpty(database, actor, path, audit),
});

const folderColumns = {
  path: folders.path,
  createdBy: folders.createdBy,
  createdAt: folders.createdAt,
  deletingSince: folders.deletingSince,
  // Named to the letter: drizzle leaves the table's name out where it selects from one alone, and `d` has such columns too.
  documentCount: sql<number>`(select count(*)::int from (select from ${documents} d
    where d.company_id = folders.company_id and d.folder_path = folders.path limit ${maxCountedDocuments}) counted)`,
};

type Row = Omit<FolderRecord, "path" | "createdBy" | "beingDeleted"> & {
  readonly path: string;
  readonly createdBy: string;
  readonly deletingSince: Date | null;
};

const toFolder = ({ deletingSince, ...row }: Row): FolderRecord => ({
  ...row,
  path: row.path as FolderPath,
  createdBy: row.createdBy as UserId,
  beingDeleted: deletingSince !== null,
});

const isFolder = ({ companyId }: Actor, path: FolderPath): SQL =>
  sql`${folders.companyId} = ${companyId}::uuid and ${folders.path} = ${path}`;

async function list(
  database: Database,
  actor: Actor,
  path: FolderPath,
  { limit, after }: { limit: number; after: FolderPath | undefined },
  at: Date,
): Promise<FolderPage | undefined> {
  const behind = after === undefined ? sql`` : sql` and ${folders.path} ~>~ ${after}`;
  const [known, rows] = await database.batch(scopeOf(actor, at), (db) => [
    db.select({ path: folders.path }).from(folders).where(isFolder(actor, path)),
    db
      .select(folderColumns)
      .from(folders)
      .where(sql`${folders.companyId} = ${actor.companyId}::uuid and ${folders.parent} = ${path}${behind}`)
      .orderBy(sql`${folders.path} using ~<~`)
      .limit(limit + 1),
  ]);
  if (known.length === 0 && path !== rootFolder) return undefined;
  const items = rows.slice(0, limit).map(toFolder);
  return { items, next: rows.length > limit ? items.at(-1)?.path : undefined };
}

async function create(
  database: Database,
  actor: Actor,
  path: FolderPath,
  audit: AuditEntry,
): Promise<{ made: boolean; folder: FolderRecord } | "folder_being_deleted" | "too_many_folders"> {
  const by = { companyId: actor.companyId, userId: actor.userId, at: audit.at };
  const [, asked, rows] = await database.batch(scopeOf(actor, audit.at), (db) => [
    db.execute(lockCompany(actor.companyId)),
    db.execute<{ leaving: boolean; roomy: boolean; made: boolean }>(sql`
      with room as (select ${folderRoom(actor.companyId, path)}),
      allowed as (select from room where roomy and not leaving),
      line as (${makeFolders(path, by, sql`allowed`)}),
      audited as (${insertAuditFrom(sql`line`, audit)})
      select leaving, roomy, exists (select from line) as made from room`),
    db.select(folderColumns).from(folders).where(isFolder(actor, path)),
  ]);
  const [room, row] = [asked.rows[0], rows[0]];
  if (room?.leaving === true) return "folder_being_deleted";
  if (room?.roomy === false) return "too_many_folders";
  invariant(room !== undefined && row !== undefined, "a folder that may be made is there");
  return { made: room.made, folder: toFolder(row) };
}

async function removeEmpty(
  database: Database,
  actor: Actor,
  path: FolderPath,
  audit: AuditEntry,
): Promise<"removed" | "unknown" | "not_empty" | "being_deleted"> {
  const [, asked, known] = await database.batch(scopeOf(actor, audit.at), (db) => [
    db.execute(lockCompany(actor.companyId)),
    db.execute<{ leaving: boolean; removed: boolean }>(sql`
      with room as (select ${folderRoom(actor.companyId, path)}),
      removed as (
        delete from ${folders} where ${isFolder(actor, path)} and not (select leaving from room)
          and not exists (select from ${folders} below where below.company_id = folders.company_id and below.parent = folders.path)
          and not exists (select from ${documents} d where d.company_id = folders.company_id and d.folder_path = folders.path)
        returning path
      ), audited as (${insertAuditFrom(sql`removed`, audit)})
      select leaving, exists (select from removed) as removed from room`),
    db.select({ path: folders.path }).from(folders).where(isFolder(actor, path)),
  ]);
  if (asked.rows[0]?.removed === true) return "removed";
  if (known.length === 0) return "unknown";
  return asked.rows[0]?.leaving === true ? "being_deleted" : "not_empty";
}
