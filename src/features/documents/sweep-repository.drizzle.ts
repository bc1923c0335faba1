import { and, asc, gt, inArray, lte, not, type SQL } from "drizzle-orm";
import type { Database, HttpDatabase } from "../../platform/db/client.ts";
import { documents, folderDeletions, uploadSessions } from "../../platform/db/schema/index.ts";
import type { CompanyId, DocumentId, FolderDeletionId } from "../../shared/ids.ts";
import type { FolderPath } from "./domain/names.ts";
import { leasedStates, readableStates, type DocumentState } from "./domain/states.ts";
import type { SweepRepository } from "./repository.ts";
import { withSession } from "./rows.drizzle.ts";

export function createSweepRepository(database: Database): SweepRepository {
  return {
    async findDue(at, limits) {
      const isLease = inArray(documents.status, leasedStates);
      const due = (db: HttpDatabase, which: SQL, limit: number) =>
        db
          .select({ companyId: documents.companyId, documentId: documents.id, status: documents.status })
          .from(documents)
          .where(and(lte(documents.dueAt, at), which))
          .orderBy(asc(documents.dueAt))
          .limit(limit);
      const [leases, others] = await database.batch({ kind: "system" }, (db) => [
        due(db, isLease, limits.leases),
        due(db, not(isLease), limits.others),
      ]);
      return [...leases, ...others].map((row) => ({
        companyId: row.companyId as CompanyId,
        documentId: row.documentId as DocumentId,
        status: row.status as DocumentState,
      }));
    },
    async findStored(after, limit) {
      const isNext = after === undefined ? undefined : gt(documents.id, after);
      const [rows] = await database.batch({ kind: "system" }, (db) => [
        db
          .select({ companyId: documents.companyId, documentId: documents.id, version: documents.version })
          .from(documents)
          .where(and(inArray(documents.status, readableStates), isNext))
          .orderBy(asc(documents.id))
          .limit(limit),
      ]);
      return rows.map((row) => ({
        ...row,
        companyId: row.companyId as CompanyId,
        documentId: row.documentId as DocumentId,
      }));
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
