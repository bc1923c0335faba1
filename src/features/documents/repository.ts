import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { IdempotentTry } from "../../shared/idempotency.ts";
import type { CompanyId, DocumentId, FolderDeletionId, UploadId, UserId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { QuarantineReason } from "./domain/content.ts";
import type { FolderPath } from "./domain/names.ts";
import type { KnownDocument } from "./domain/orphans.ts";
import type { FoundPart } from "./domain/parts.ts";
import type { DocumentState } from "./domain/states.ts";

/** Who asks: a signed-in caller, whose session is checked in the same round trip, or the clock for a company. */
export type Caller = Actor | { readonly companyId: CompanyId; readonly sessionId?: never; readonly userId?: never };

export interface DocumentRecord {
  readonly id: DocumentId;
  readonly companyId: CompanyId;
  readonly createdBy: UserId;
  readonly status: DocumentState;
  readonly originalFilename: string;
  readonly contentType: string;
  readonly detectedContentType: string | null;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string | null;
  readonly role: string | null;
  readonly folderPath: FolderPath;
  readonly customMetadata: Readonly<Record<string, unknown>>;
  readonly quarantineReason: QuarantineReason | null;
  readonly legalHold: boolean;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly changedAt: Date;
  readonly dueAt: Date | null;
  readonly fence: number;
  /** Of the object's key. */
  readonly version: number;
}

export interface UploadSession {
  readonly id: UploadId;
  readonly transport: "direct" | "proxy";
  readonly partSize: number;
  readonly partCount: number;
  /** The client did not say how large the document will be; parts may be of any size up to `partSize`. */
  readonly openEnded: boolean;
  /** How many parts an open-ended one has, as the list says that completes it; null where there is none, or it was refused. */
  readonly namedParts: number | null;
  readonly s3UploadId: string | null;
  readonly expiresAt: Date;
}

export interface Upload {
  readonly document: DocumentRecord;
  readonly session: UploadSession;
}

/** As much of an upload as names what the store has of it. */
export interface Stored {
  readonly document: Pick<DocumentRecord, "id" | "companyId" | "version">;
  readonly session: Pick<UploadSession, "partCount" | "openEnded" | "s3UploadId">;
}

export interface NewUpload {
  readonly document: Pick<
    DocumentRecord,
    | "id"
    | "companyId"
    | "createdBy"
    | "originalFilename"
    | "contentType"
    | "sizeBytes"
    | "sha256"
    | "role"
    | "folderPath"
    | "customMetadata"
    | "createdAt"
  > & { readonly status: "planned" | "uploading" };
  readonly session: Omit<UploadSession, "s3UploadId" | "namedParts">;
  /** Bytes the company may have in all. */
  readonly quotaBytes: number;
}

/** `repeated`: the same key and body began that upload before. `key_reused`: the same key, another body. */
export type Initiation =
  | { readonly outcome: "too_many" | "storage_full" | "key_reused" | "folder_being_deleted" | "too_many_folders" }
  | { readonly outcome: "created" | "repeated"; readonly upload: Upload };

/**
 * One edge of the state machine. A *claim* takes a lease: it waits for none, but passes over a document whose lease is
 * still running. A change that names its `fence` counts only while that lease is the last one taken.
 */
export interface Transition {
  readonly to: DocumentState;
  readonly at: Date;
  readonly claim?: boolean;
  readonly fence?: number;
  /** When the sweep is to look; null for never; kept as it is where absent. */
  readonly dueAt?: Date | null;
  /** `dueAt` counts only where an address of S3's was signed for all of the document, which may write once more; else null. */
  readonly dueIfSigned?: boolean;
  /** Refused while a legal hold is on. */
  readonly unlessHeld?: boolean;
  /** Only from these of the states that the edge may begin in; a claim may name its own state, to take it over. */
  readonly onlyFrom?: readonly DocumentState[];
  /** It must have come into its state just then. */
  readonly onlySince?: Date;
  /** The upload's time must not have run out. */
  readonly unlessExpired?: boolean;
  readonly completedAt?: Date;
  readonly detectedContentType?: string;
  readonly sha256?: string | null;
  readonly sizeBytes?: number;
  readonly version?: number;
  readonly quarantineReason?: QuarantineReason | null;
  readonly leaveFolder?: boolean;
  readonly s3UploadId?: string;
  /** Kept of an open-ended upload only. */
  readonly namedParts?: number | null;
  /** No audit row where the last one of the document is such a one, of the same person: the same once more. */
  readonly auditUnlessLast?: { readonly action: AuditEntry["action"]; readonly changes?: AuditEntry["changes"] };
}

export interface TransitionResult {
  readonly moved: boolean;
  /** As it stands afterwards; undefined when the company has no such document. */
  readonly current: Upload | undefined;
  /** Our rows of its parts; empty unless they were asked for and the edge was taken. */
  readonly parts: readonly FoundPart[];
}

/** An upload; with `documentId` only if it is that document's. */
export interface SessionRef {
  readonly sessionId: UploadId;
  readonly documentId?: DocumentId;
}
export type DocumentRef = { readonly documentId: DocumentId } | SessionRef;

export interface DocumentFilter {
  readonly role?: string | undefined;
  readonly status?: DocumentState | undefined;
  readonly folderPath?: FolderPath | undefined;
  readonly recursive?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly createdBy?: string | undefined;
  /** A part of the file name, in any case. */
  readonly q?: string | undefined;
}

export interface DocumentPatch {
  readonly originalFilename?: string | undefined;
  readonly folderPath?: FolderPath | undefined;
  readonly role?: string | null | undefined;
  readonly customMetadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface HistoryEntry {
  readonly id: string;
  readonly at: Date;
  readonly actorUserId: string | null;
  readonly action: string;
  readonly reason: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
  readonly requestId: string;
}

/** Every method is one round trip. */
export interface DocumentRepository {
  /** Stores document, session and audit row together, within the company's quotas, or nothing. */
  initiate(actor: Actor, upload: NewUpload, audit: AuditEntry, wanted: IdempotentTry | undefined): Promise<Initiation>;
  findUpload(
    caller: Caller,
    ref: DocumentRef,
    at: Date,
    withParts?: boolean,
  ): Promise<{ upload: Upload; parts: readonly FoundPart[] } | undefined>;
  /** As `findUpload`, with the bytes that the company's documents take beside this part; 0 unless parts are counted as they come. */
  findForPart(
    caller: Caller,
    ref: SessionRef,
    partNumber: number,
    at: Date,
  ): Promise<{ upload: Upload; usedBytes: number } | undefined>;
  /** Takes the edge if it is there to take, with the audit row; then reads: the parts only if it was taken. */
  transition(
    caller: Caller,
    ref: DocumentRef,
    change: Transition,
    audit: AuditEntry | undefined,
    withParts?: boolean,
  ): Promise<TransitionResult>;
  /** Keeps parts that arrived while the upload is open; a number that is there is written over. Of an open-ended upload they make the size. */
  keepParts(caller: Caller, sessionId: UploadId, parts: readonly FoundPart[], at: Date): Promise<void>;
  /**
   * Gives the sweep another time to look: with a fence only while that lease is the last one taken, without one only while it
   * is due, since whoever has taken a lease meanwhile has set a time of his own.
   */
  postpone(caller: Caller, documentId: DocumentId, dueAt: Date | null, at: Date, fence?: number): Promise<void>;
  list(
    actor: Actor,
    filter: DocumentFilter,
    page: { limit: number; after: PageMark | undefined },
    at: Date,
  ): Promise<Page<DocumentRecord>>;
  /** Undefined when there is none; `folder_being_deleted` when nothing may go in there. The audit row holds old and new. */
  patch(
    actor: Actor,
    id: DocumentId,
    patch: DocumentPatch,
    audit: AuditEntry,
  ): Promise<DocumentRecord | "folder_being_deleted" | "too_many_folders" | undefined>;
  /** Sets or releases the hold of a whole document; `current` tells why not. */
  setHold(
    actor: Actor,
    id: DocumentId,
    reason: string | null,
    audit: AuditEntry,
  ): Promise<{ current: DocumentRecord | undefined }>;
  /** Writes the audit row if the document is ready, and reads it. */
  recordDownload(actor: Actor, id: DocumentId, audit: AuditEntry): Promise<DocumentRecord | undefined>;
  /** Newest first; also of a document that is gone. Undefined when there never was one. */
  history(
    actor: Actor,
    id: DocumentId,
    page: { limit: number; after: PageMark | undefined },
    at: Date,
  ): Promise<Page<HistoryEntry> | undefined>;
}

export interface DueDocument {
  readonly companyId: CompanyId;
  readonly documentId: DocumentId;
  readonly status: DocumentState;
}

/** A document that can be read, or is being scanned. */
export interface StoredDocument {
  readonly companyId: CompanyId;
  readonly documentId: DocumentId;
  readonly version: number;
}

export interface DueDeletion {
  readonly companyId: CompanyId;
  readonly id: FolderDeletionId;
  readonly path: FolderPath;
}

/** What the clock's sweep asks across companies. */
export interface SweepRepository {
  /** Documents of any company on which something is due, longest due first; before all others those whose lease has ended. */
  findDue(at: Date, limits: { readonly leases: number; readonly others: number }): Promise<readonly DueDocument[]>;
  /** Documents of any company whose object should be there, in the order of their ids. */
  findStored(after: DocumentId | undefined, limit: number): Promise<readonly StoredDocument[]>;
  /** Deletions of folders that have not ended, longest due first. */
  findDueDeletions(at: Date, limit: number): Promise<readonly DueDeletion[]>;
  /** What the company's rows say of these documents. */
  findKnown(companyId: CompanyId, ids: ReadonlySet<DocumentId>): Promise<ReadonlyMap<DocumentId, KnownDocument>>;
}
