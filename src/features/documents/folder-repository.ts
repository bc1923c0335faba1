import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { DocumentId, FolderDeletionId, UserId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { FolderPath } from "./domain/names.ts";
import type { Caller, DocumentRecord, UploadSession } from "./repository.ts";

export interface FolderRecord {
  readonly path: FolderPath;
  readonly createdBy: UserId;
  readonly createdAt: Date;
  readonly beingDeleted: boolean;
  /** Of those in it, not below it; counted up to `maxCountedDocuments`. */
  readonly documentCount: number;
}

export interface FolderPage {
  readonly items: readonly FolderRecord[];
  /** Where the next page begins: after this folder. Undefined on the last one. */
  readonly next: FolderPath | undefined;
}

/** Every method is one round trip. */
export interface FolderRepository {
  /** One level, in the order of the bytes of its paths. Undefined when there is no such folder. */
  list(
    actor: Actor,
    path: FolderPath,
    page: { limit: number; after: FolderPath | undefined },
    at: Date,
  ): Promise<FolderPage | undefined>;
  /** Makes the folder and those above it that are not there; audited only if there was one to make. */
  create(
    actor: Actor,
    path: FolderPath,
    audit: AuditEntry,
  ): Promise<{ readonly made: boolean; readonly folder: FolderRecord } | "folder_being_deleted" | "too_many_folders">;
  /** Deletes the folder's row if nothing is in it. */
  removeEmpty(
    actor: Actor,
    path: FolderPath,
    audit: AuditEntry,
  ): Promise<"removed" | "unknown" | "not_empty" | "being_deleted">;
}

/** A deletion that is under way. */
export interface FolderDeletionRef {
  readonly id: FolderDeletionId;
  readonly path: FolderPath;
}

/** A document that a deletion has taken: what is needed to clear the store of it. */
export interface TakenDocument {
  readonly document: Pick<DocumentRecord, "id" | "companyId" | "version" | "fence" | "completedAt"> & {
    readonly status: "deleting" | "aborting";
  };
  readonly session: Pick<UploadSession, "partCount" | "openEnded" | "s3UploadId" | "expiresAt">;
  /** Something was still to be done on it: there may be more of it than its object. */
  readonly wasDue: boolean;
}

/** How it went with one that was taken. `to` is absent where the store did not do it: the sweep of documents will. */
export interface SettledDocument {
  readonly id: DocumentId;
  readonly fence: number;
  readonly to?: "deleted" | "aborted" | "expired";
  readonly dueAt: Date | null;
  /** The store was asked and refused. */
  readonly failed: boolean;
}

export interface DeletionStep {
  readonly settled: readonly SettledDocument[];
  /** One for each of their audit rows. */
  readonly settledIds: readonly string[];
  /** How many to take on; one id for each document's audit row. */
  readonly auditIds: readonly string[];
  readonly at: Date;
  readonly leaseUntil: Date;
  /** When the sweep goes on, should nobody else. */
  readonly nextAt: Date;
  /** Of a document that is taken, and of the end. */
  readonly audits: { readonly document: AuditEntry; readonly end: AuditEntry };
}

export const folderDeletionStates = ["pending", "deleted", "held", "failed"] as const;
export type FolderDeletionState = (typeof folderDeletionStates)[number];

export interface FolderDeletionItem {
  readonly documentId: DocumentId;
  readonly originalFilename: string;
  /** Where it was. */
  readonly folderPath: FolderPath;
  readonly state: FolderDeletionState;
  readonly takenAt: Date;
}

export interface FolderDeletionReport extends FolderDeletionRef {
  readonly requestedBy: UserId;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  /** Nothing was held, and S3 refused nothing. */
  readonly isWhole: boolean;
  /** `pending` has those that no step has come to yet as well. */
  readonly counts: Readonly<Record<FolderDeletionState, number>>;
  readonly items: Page<FolderDeletionItem>;
}

/** Every method is one round trip. */
export interface FolderDeletionRepository {
  /** Closes the folder and stores its deletion; finds the one that is under way, if there is one. */
  begin(
    actor: Actor,
    deletion: FolderDeletionRef,
    times: { readonly at: Date; readonly nextAt: Date },
    audit: AuditEntry,
  ): Promise<FolderDeletionRef | "unknown" | "being_deleted">;
  /**
   * Settles what was cleared, takes on the next documents, and ends the deletion when nothing is left to do: folders without
   * documents go, the others open again. `took` counts held ones as well.
   */
  step(
    caller: Caller,
    deletion: FolderDeletionRef,
    step: DeletionStep,
  ): Promise<{ readonly took: number; readonly taken: readonly TakenDocument[]; readonly ended: boolean }>;
  read(
    caller: Caller,
    id: FolderDeletionId,
    page: { limit: number; after: PageMark | undefined; state: FolderDeletionState | undefined },
    at: Date,
  ): Promise<FolderDeletionReport | undefined>;
}
