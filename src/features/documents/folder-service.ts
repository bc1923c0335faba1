import type { Actor } from "../../shared/access.ts";
import type { FolderDeletionId } from "../../shared/ids.ts";
import type { PageMark } from "../../shared/pagination.ts";
import type { FolderPath } from "./domain/names.ts";
import type { FolderDeletionReport, FolderDeletionState, FolderPage, FolderRecord } from "./folder-repository.ts";
import type { DocumentDependencies } from "./ports.ts";
import { folderLeaving, foldersFull, unknownDeletion, unknownFolder } from "./refusals.ts";
import { deleteEmptyFolder, deleteFolder, folderAudit } from "./verbs/delete-folder.ts";

export interface DeletionPage {
  readonly limit: number;
  readonly after: PageMark | undefined;
  readonly state: FolderDeletionState | undefined;
}

export interface FolderService {
  /** @throws AppError `not_found` */
  list(actor: Actor, path: FolderPath, page: { limit: number; after: FolderPath | undefined }): Promise<FolderPage>;
  /** Safe to repeat. @throws AppError `folder_being_deleted`, `too_many_folders` */
  create(actor: Actor, path: FolderPath): Promise<{ made: boolean; folder: FolderRecord }>;
  /** @throws AppError `not_found`, `folder_not_empty`, `folder_being_deleted` */
  remove(actor: Actor, path: FolderPath): Promise<void>;
  /** As far as one call may go. @throws AppError `not_found`, `folder_being_deleted` */
  removeWithContent(actor: Actor, path: FolderPath, page: DeletionPage): Promise<FolderDeletionReport>;
  /** @throws AppError `not_found` */
  deletion(actor: Actor, id: FolderDeletionId, page: DeletionPage): Promise<FolderDeletionReport>;
}

export function createFolderService(deps: DocumentDependencies): FolderService {
  const { folders, deletions, clock } = deps;
  const deletion = async (actor: Actor, id: FolderDeletionId, page: DeletionPage) => {
    const report = await deletions.read(actor, id, page, clock.now());
    if (report === undefined) throw unknownDeletion();
    return report;
  };
  return {
    async list(actor, path, page) {
      const found = await folders.list(actor, path, page, clock.now());
      if (found === undefined) throw unknownFolder();
      return found;
    },
    async create(actor, path) {
      const audit = folderAudit(deps, actor, "folder.create", path, clock.now());
      const created = await folders.create(actor, path, audit);
      if (created === "folder_being_deleted") throw folderLeaving();
      if (created === "too_many_folders") throw foldersFull();
      return created;
    },
    remove: (actor, path) => deleteEmptyFolder(deps, actor, path),
    async removeWithContent(actor, path, page) {
      const { id } = await deleteFolder(deps, actor, path);
      return deletion(actor, id, page);
    },
    deletion,
  };
}
