import type { Actor } from "../../shared/access.ts";
import { AppError } from "../../shared/errors.ts";
import type { DocumentId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import { createFolderService, type FolderService } from "./folder-service.ts";
import { auditOf, type DocumentDependencies } from "./ports.ts";
import { arrived, foldersFull, folderLeaving, notReady, seen, unknownDocument } from "./refusals.ts";
import type { DocumentFilter, DocumentPatch, DocumentRecord, HistoryEntry } from "./repository.ts";
import { approveDocument } from "./verbs/approve-document.ts";
import { deleteDocument } from "./verbs/delete-document.ts";
import { grantDownload, readContent, type Content, type ContentRequest } from "./verbs/download.ts";

type PageRequest = { readonly limit: number; readonly after: PageMark | undefined };

export interface DocumentService {
  readonly folders: FolderService;
  /** @throws AppError `not_found`, the same for an unknown document, one that is gone and another company's */
  get(actor: Actor, id: DocumentId): Promise<DocumentRecord>;
  list(actor: Actor, filter: DocumentFilter, page: PageRequest): Promise<Page<DocumentRecord>>;
  /** @throws AppError `not_found`, `folder_being_deleted` */
  patch(actor: Actor, id: DocumentId, patch: DocumentPatch): Promise<DocumentRecord>;
  /** @throws AppError `not_found`, `document_held`, `upload_completing` */
  remove(actor: Actor, id: DocumentId): Promise<void>;
  download(actor: Actor, id: DocumentId): Promise<{ url: string; expiresInSeconds: number }>;
  content(token: string, wanted: ContentRequest): Promise<Content>;
  /** @throws AppError `not_found`, `document_not_ready` */
  quarantine(actor: Actor, id: DocumentId, reason: string): Promise<DocumentRecord>;
  approve(actor: Actor, id: DocumentId, reason: string): Promise<DocumentRecord>;
  /** @throws AppError `not_found`, `document_not_ready` */
  hold(actor: Actor, id: DocumentId, reason: string): Promise<DocumentRecord>;
  /** @throws AppError `not_found`, `validation_failed` without a reason */
  release(actor: Actor, id: DocumentId, reason: string | undefined): Promise<DocumentRecord>;
  /** @throws AppError `not_found` where there never was such a document */
  history(actor: Actor, id: DocumentId, page: PageRequest): Promise<Page<HistoryEntry>>;
}

export function createDocumentService(deps: DocumentDependencies): DocumentService {
  const { documents, clock } = deps;
  return {
    folders: createFolderService(deps),
    async get(actor, id) {
      const found = await documents.findUpload(actor, { documentId: id }, clock.now());
      return seen(found?.upload.document);
    },
    list: (actor, filter, page) => documents.list(actor, filter, page, clock.now()),
    async patch(actor, id, patch) {
      const audit = auditOf(deps, actor, "document.update", id, clock.now());
      const patched = await documents.patch(actor, id, patch, audit);
      if (patched === undefined) throw unknownDocument();
      if (patched === "folder_being_deleted") throw folderLeaving();
      if (patched === "too_many_folders") throw foldersFull();
      return patched;
    },
    remove: (actor, id) => deleteDocument(deps, actor, id),
    download: (actor, id) => grantDownload(deps, actor, id),
    content: (token, wanted) => readContent(deps, token, wanted),
    async quarantine(actor, id, reason) {
      const at = clock.now();
      const audit = auditOf(deps, actor, "document.quarantine", id, at, { reason });
      const change = { to: "quarantined", at, quarantineReason: "by_hand", onlyFrom: ["ready", "scanning"] } as const;
      return arrived(["quarantined"], await documents.transition(actor, { documentId: id }, change, audit));
    },
    approve: (actor, id, reason) => approveDocument(deps, actor, id, reason),
    async hold(actor, id, reason) {
      const audit = auditOf(deps, actor, "document.hold", id, clock.now(), { reason });
      const document = seen((await documents.setHold(actor, id, reason, audit)).current);
      if (!document.legalHold) throw notReady(document);
      return document;
    },
    async release(actor, id, reason) {
      if (reason === undefined) {
        // Whoever may not see the document is told that first.
        seen((await documents.findUpload(actor, { documentId: id }, clock.now()))?.upload.document);
        throw reasonMissing();
      }
      const audit = auditOf(deps, actor, "document.release", id, clock.now(), { reason });
      return seen((await documents.setHold(actor, id, null, audit)).current);
    },
    async history(actor, id, page) {
      const found = await documents.history(actor, id, page, clock.now());
      if (found === undefined) throw unknownDocument();
      return found;
    },
  };
}

function reasonMissing(): AppError {
  const message = "is missing: say why, in the query or in the body";
  return new AppError("validation_failed", `reason: ${message}.`, { errors: [{ path: "reason", message }] });
}
