import { sql } from "drizzle-orm";
import { insertAuditFrom } from "../../platform/db/audit.ts";
import type { Database } from "../../platform/db/client.ts";
import { documents } from "../../platform/db/schema/index.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { rootFolder } from "./domain/names.ts";
import { visibleStates } from "./domain/states.ts";
import type { DocumentPatch, DocumentRecord } from "./repository.ts";
import {
  folderColumn,
  folderRoom,
  isMeant,
  lockCompany,
  makeFolders,
  scopeOf,
  textList,
  toDocument,
} from "./rows.drizzle.ts";

interface Room {
  [name: string]: unknown;
  leaving: boolean;
  roomy: boolean;
}

/** One round trip. A folder that is not there is made; old and new values go into the audit row. */
export async function patchDocument(
  database: Database,
  actor: Actor,
  id: DocumentId,
  patch: DocumentPatch,
  audit: AuditEntry,
): Promise<DocumentRecord | "folder_being_deleted" | "too_many_folders" | undefined> {
  const isVisible = sql`${isMeant(actor, { documentId: id })} and status in ${textList(visibleStates)}`;
  const by = { companyId: actor.companyId, userId: actor.userId, at: audit.at };
  const [, asked, rows] = await database.batch(scopeOf(actor, audit.at), (db) => [
    db.execute(lockCompany(actor.companyId)),
    db.execute<Room>(sql`
      with room as (
        select ${folderRoom(actor.companyId, patch.folderPath ?? rootFolder)}
      ), old as (select * from ${documents} where ${isVisible} and (select roomy and not leaving from room) for update),
      line as (${makeFolders(patch.folderPath ?? rootFolder, by, sql`old`)}),
      changed as (
        update ${documents} set ${sql.join(assignmentsOf(patch), sql`, `)} from old
        where ${documents.companyId} = old.company_id and ${documents.id} = old.id
        returning documents.id, old.original_filename, old.folder_path, old.role, old.custom_metadata
      ), audited as (${insertAuditFrom(sql`changed`, audit, changesOf(patch))})
      select leaving, roomy, exists (select from audited) as made from room`),
    db.select().from(documents).where(isVisible),
  ]);
  const row = rows[0];
  if (row === undefined) return undefined;
  const room = asked.rows[0];
  if (room?.leaving === true) return "folder_being_deleted";
  return room?.roomy === false ? "too_many_folders" : toDocument(row);
}

function assignmentsOf({ originalFilename, folderPath, role, customMetadata }: DocumentPatch) {
  const values = [
    originalFilename === undefined ? undefined : sql`original_filename = ${originalFilename}`,
    folderPath === undefined ? undefined : sql`folder_path = ${folderColumn(folderPath)}`,
    role === undefined ? undefined : sql`role = ${role}`,
    customMetadata === undefined ? undefined : sql`custom_metadata = ${JSON.stringify(customMetadata)}::jsonb`,
  ].filter((value) => value !== undefined);
  // An empty patch changes nothing, and is written down all the same.
  return values.length === 0 ? [sql`fence = ${documents.fence}`] : values;
}

/** `{field: [old, new]}` of the fields that were named. */
function changesOf({ originalFilename, folderPath, role, customMetadata }: DocumentPatch) {
  const pairs = [
    originalFilename === undefined
      ? undefined
      : sql`'original_filename', jsonb_build_array(original_filename, ${originalFilename}::text)`,
    folderPath === undefined
      ? undefined
      : sql`'folder_path', jsonb_build_array(coalesce(folder_path, '/'), ${folderPath}::text)`,
    role === undefined ? undefined : sql`'role', jsonb_build_array(role, ${role}::text)`,
    customMetadata === undefined
      ? undefined
      : sql`'custom_metadata', jsonb_build_array(custom_metadata, ${JSON.stringify(customMetadata)}::jsonb)`,
  ].filter((pair) => pair !== undefined);
  return sql`jsonb_build_object(${sql.join(pairs, sql`, `)})`;
}
