import { asc, inArray, lte } from "drizzle-orm";
import type { Database } from "../../platform/db/client.ts";
import { documents, folderDeletions, uploadSessions } from "../../platform/db/schema/index.ts";
import type { CompanyId, DocumentId, FolderDeletionId } from "../../shared/ids.ts";
import type { FolderPath } from "./domain/names.ts";
import type { DocumentState } from "./domain/states.ts";
import type { SweepRepository } from "./repository.ts";
import { withSession } from "./rows.drizzle.ts";

export function createSweepRepository(database: Database): SweepRepository {
  return {
    async findDue(at, limit) {
      const [rows] = await database.batch({ kind: "system" }, (db) => [
        db
          .select({ companyId: documents.companyId, documentId: documents.id })
          .from(documents)
          .where(lte(documents.dueAt, at))
          .orderBy(asc(documents.dueAt))
          .limit(limit),
      ]);
      return rows.map((row) => ({ companyId: row.companyId as CompanyId, documentId: row.documentId as DocumentId }));
    },
    async findDueDeletions(at, limit) {
      const [rows] = await database.batch({ kind: "system" }, (db) => [
        db
          .select({ companyId: folderDeletions.companyId, id: folderDeletions.id, path: folderDeletions.path })
          .from(folderDeletions)
          .where(lte(folderDeletions.dueAt, at))
          .orderBy(asc(folderDeletions.dueAt))
          .limit(limit),
      ]);
      return rows.map((row) => ({
        companyId: row.companyId as CompanyId,
        id: row.id as FolderDeletionId,
        path: row.path as FolderPath,
      }));
    },
    async findKnown(companyId, ids) {
      const [rows] = await database.batch({ kind: "company", companyId }, (db) => [
        db
          .select({
            id: documents.id,
            status: documents.status,
            version: documents.version,
            s3UploadId: uploadSessions.s3UploadId,
          })
          .from(documents)
          .innerJoin(uploadSessions, withSession)
          .where(inArray(documents.id, [...ids])),
      ]);
      return new Map(rows.map(({ id, ...row }) => [id as DocumentId, { ...row, status: row.status as DocumentState }]));
    },
  };
}
