import { and, sql, type SQL } from "drizzle-orm";
import type { Database } from "../../platform/db/client.ts";
import { documents, uploadParts, uploadSessions } from "../../platform/db/schema/index.ts";
import type { UploadId } from "../../shared/ids.ts";
import type { FoundPart } from "./domain/parts.ts";
import type { Caller, SessionRef, Upload } from "./repository.ts";
import { isMeant, scopeOf, selectUpload, storedBytes, textList, toUpload } from "./rows.drizzle.ts";

/** Only of an open-ended upload the company's bytes are counted: any other took its room when it began. */
export async function findForPart(
  database: Database,
  caller: Caller,
  ref: SessionRef,
  partNumber: number,
  at: Date,
): Promise<{ upload: Upload; usedBytes: number } | undefined> {
  const own = sql`company_id = ${caller.companyId}::uuid`;
  const before = sql`select size_bytes from ${uploadParts}
    where ${own} and session_id = ${ref.sessionId}::uuid and part_number = ${partNumber}::int`;
  const [rows, used] = await database.batch(scopeOf(caller, at), (db) => [
    selectUpload(db, caller, ref),
    db.execute<{ bytes: string }>(sql`
      select ${storedBytes(caller)} - coalesce((${before}), 0) as bytes where exists (${openEnded(caller, ref.sessionId)})`),
  ]);
  return rows[0] && { upload: toUpload(rows[0]), usedBytes: Number(used.rows[0]?.["bytes"] ?? 0) };
}

/** Under the document's lock, so that of two parts at once the later one counts the other. */
export async function keepParts(
  database: Database,
  caller: Caller,
  sessionId: UploadId,
  parts: readonly FoundPart[],
  at: Date,
): Promise<void> {
  const given = JSON.stringify(parts);
  const isOpen = sql`status in ${textList(["planned", "uploading", "completing"])}`;
  const counted = and(isMeant(caller, { sessionId }), isOpen, sql`exists (${openEnded(caller, sessionId)})`);
  await database.batch(scopeOf(caller, at), (db) => [
    db.execute(sql`select from ${documents} where ${counted} for update`),
    db.execute(sql`
      insert into ${uploadParts} (company_id, session_id, part_number, etag, size_bytes, sha256)
      select s.company_id, s.id, given."partNumber", given.etag, given.size, given.sha256
      from json_to_recordset(${given}::json) as given ("partNumber" int, etag text, size bigint, sha256 text),
        ${uploadSessions} s join ${documents} d on d.company_id = s.company_id and d.id = s.document_id
      where s.company_id = ${caller.companyId}::uuid and s.id = ${sessionId}::uuid and d.${isOpen}
      on conflict (company_id, session_id, part_number) do update
        set etag = excluded.etag, size_bytes = excluded.size_bytes, sha256 = excluded.sha256`),
    db.execute(sql`
      update ${documents} set size_bytes = (select coalesce(sum(size_bytes), 0) from ${uploadParts}
        where company_id = ${caller.companyId}::uuid and session_id = ${sessionId}::uuid)
      where ${counted}`),
  ]);
}

const openEnded = ({ companyId }: Caller, sessionId: UploadId): SQL =>
  sql`select from ${uploadSessions} where company_id = ${companyId}::uuid and id = ${sessionId}::uuid and open_ended`;
