import type { Actor } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { Clock, Random } from "../../shared/clock.ts";
import type { CompanyId, DocumentId } from "../../shared/ids.ts";
import type { RequestOrigin } from "../../shared/origin.ts";
import type { RateLimiter } from "../../shared/rate-limit.ts";
import { formatKey, type ObjectKey } from "./domain/keys.ts";
import type { FolderDeletionRepository, FolderRepository } from "./folder-repository.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Caller, DocumentRecord, DocumentRepository, SweepRepository } from "./repository.ts";

/** What an address that carries its own permission lets its holder do, and until when. */
export type Capability =
  | {
      /** The scanner's, which reads what nobody else may read yet. */
      readonly purpose: "scan-read";
      readonly companyId: CompanyId;
      readonly documentId: DocumentId;
      readonly expiresAt: Date;
    }
  /** These two end with the session of whoever asked. */
  | { readonly purpose: "download"; readonly actor: Actor; readonly documentId: DocumentId; readonly expiresAt: Date }
  | { readonly purpose: "uppy"; readonly actor: Actor; readonly expiresAt: Date }
  | {
      readonly purpose: "scan";
      readonly companyId: CompanyId;
      readonly documentId: DocumentId;
      /** When the document came to be scanned: a verdict is for this round. */
      readonly since: Date;
      readonly expiresAt: Date;
    };

/** Signed tokens for addresses. They hold no secret, and nobody else can make one. */
export interface CapabilityTokens {
  seal(capability: Capability): Promise<string>;
  /** Undefined for what we did not sign, and for one whose time is over. */
  open(token: string, now: Date): Promise<Capability | undefined>;
}

/** Looks for malware after the checks of our own. Its verdict comes later, over HTTP, signed. */
export interface Scanner {
  /** False where no scanner is configured: documents are then ready after our own checks. */
  readonly enabled: boolean;
  /** Asks for a scan. @throws when the scanner does not take the request */
  request(scan: ScanRequest): Promise<void>;
}

export interface ScanRequest {
  /** Ours, sealed: comes back with the verdict. */
  readonly scan: string;
  readonly document: DocumentRecord;
  /** Where to read the document, for an hour. */
  readonly url: string;
  readonly verdictUrl: string;
}

/** Whether the scanner wrote this. */
export interface VerdictSignatures {
  verify(headers: { timestamp: string | undefined; signature: string | undefined }, body: string): Promise<boolean>;
}

export interface DocumentDependencies {
  readonly documents: DocumentRepository;
  readonly folders: FolderRepository;
  readonly deletions: FolderDeletionRepository;
  readonly store: ObjectStore;
  readonly scanner: Scanner;
  readonly capabilities: CapabilityTokens;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  readonly settings: {
    /** First part of every key, so that two environments may share a bucket. */
    readonly environment: string;
    /** Where clients reach the documents' routes. */
    readonly baseUrl: string;
    readonly quotaBytes: number;
  };
  /** What may be lost to nobody's harm for now, and is done again by the clock's sweep. */
  readonly onFault: (
    event: "document_cleanup_late" | "document_object_missing" | "document_scan_late" | "document_scan_error",
    id: DocumentId,
    error: unknown,
  ) => void;
  wait(milliseconds: number): Promise<void>;
  /** Runs what holds a whole document in memory, of which few may at once. @throws AppError `unavailable` */
  inRoom<T>(work: () => Promise<T>): Promise<T>;
}

export interface UploadDependencies extends DocumentDependencies {
  readonly limiter: RateLimiter;
  /** Whether the caller's session lives, for what reads no rows that would tell. */
  isLive(actor: Actor): Promise<boolean>;
}

/** How far the clock's walks have come, so that the next turn goes on. One that is lost begins anew. */
export interface SweepMarks {
  read(name: string): Promise<unknown>;
  write(name: string, mark: unknown): Promise<void>;
}

export interface SweepDependencies extends DocumentDependencies {
  readonly sweeps: SweepRepository;
  readonly marks: SweepMarks;
  /** Calls to other machines that this sweep has made. */
  calls(): number;
}

export const keyOf = (
  { settings }: Pick<DocumentDependencies, "settings">,
  { companyId, id }: Pick<DocumentRecord, "companyId" | "id">,
  version: ObjectKey["version"],
): string => formatKey({ environment: settings.environment, companyId, documentId: id, version });

export const auditOf = (
  { random, origin }: Pick<DocumentDependencies, "random" | "origin">,
  caller: Caller,
  action: AuditEntry["action"],
  documentId: DocumentId | null,
  at: Date,
  more: Pick<AuditEntry, "reason" | "changes"> = {},
): AuditEntry => ({
  id: random.uuid(),
  companyId: caller.companyId,
  at,
  actorUserId: caller.userId ?? null,
  action,
  targetType: "document",
  targetId: documentId,
  outcome: "done",
  origin,
  ...more,
});

export const secondsAfter = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
