import type { z } from "@hono/zod-openapi";
import { fromBase64url, toBase64url } from "../../shared/base64url.ts";
import { badCursor } from "../../shared/pagination.ts";
import { nameFault, nameOf, prefixBelow, type FolderPath } from "./domain/names.ts";
import type { FolderDeletionReport, FolderPage, FolderRecord } from "./folder-repository.ts";
import type { folderDeletionSchema, folderSchema } from "./folder-schemas.ts";
import { pageToWire } from "./wire.ts";

export const folderToWire = (folder: FolderRecord): z.infer<typeof folderSchema> => ({
  path: folder.path,
  name: nameOf(folder.path),
  document_count: folder.documentCount,
  being_deleted: folder.beingDeleted,
  created_by: folder.createdBy,
  created_at: folder.createdAt.toISOString(),
});

export const folderPageToWire = ({ items, next }: FolderPage) => ({
  items: items.map(folderToWire),
  next_cursor: next === undefined ? null : toFolderCursor(next),
});

/** The folder's name in base64url: folders of one level have names of their own. */
const toFolderCursor = (path: FolderPath): string => toBase64url(new TextEncoder().encode(nameOf(path)));

/** @throws AppError `validation_failed` for what is no cursor of the list */
export function fromFolderCursor(parent: FolderPath, cursor: string | undefined): FolderPath | undefined {
  if (cursor === undefined) return undefined;
  const name = decoded(cursor);
  if (name === undefined || nameFault(name) !== undefined) throw badCursor();
  return `${prefixBelow(parent)}${name}` as FolderPath;
}

function decoded(cursor: string): string | undefined {
  try {
    const bytes = fromBase64url(cursor);
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function deletionToWire(report: FolderDeletionReport): z.infer<typeof folderDeletionSchema> {
  const { counts } = report;
  return {
    id: report.id,
    path: report.path,
    status: report.endedAt === null ? "running" : report.isWhole ? "completed" : "incomplete",
    ...counts,
    requested_by: report.requestedBy,
    created_at: report.createdAt.toISOString(),
    ended_at: report.endedAt?.toISOString() ?? null,
    ...pageToWire(report.items, ({ documentId, originalFilename, folderPath, state, takenAt }) => ({
      document_id: documentId,
      original_filename: originalFilename,
      folder_path: folderPath,
      state,
      taken_at: takenAt.toISOString(),
    })),
  };
}
