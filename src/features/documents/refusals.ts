import { AppError } from "../../shared/errors.ts";
import type { PartsFound } from "./domain/parts.ts";
import { visibleStates, type DocumentState } from "./domain/states.ts";
import type { DocumentRecord, TransitionResult } from "./repository.ts";

export const unknownUpload = (): AppError => new AppError("not_found", "Your company has no upload with this id.");
export const unknownDocument = (): AppError => new AppError("not_found", "Your company has no document with this id.");
export const deadAddress = (): AppError =>
  new AppError("not_found", "This address is not valid, or its time is over. Ask for a new one.");

export const objectMissing = (): AppError =>
  new AppError(
    "unavailable",
    "The store does not find this document now. Try again; if it is lost, its status will say so.",
    {
      retryAfterSeconds: 60,
    },
  );

export const uploadExpired = (): AppError =>
  new AppError("upload_expired", "The time for this upload is over, and its parts are gone. Begin a new one.");

export const uploadOver = (how: "aborted" | "completed"): AppError =>
  new AppError("upload_over", `This upload was ${how} already. Begin a new one to send another document.`);

export const uploadLost = (): AppError =>
  new AppError("upload_over", "The store no longer has the parts of this upload. Begin a new one.");

export const stillCompleting = (): AppError =>
  new AppError("upload_completing", "This upload is being completed. Ask again in a moment for the outcome.", {
    retryAfterSeconds: 2,
  });

export const incomplete = ({ missing, wrong }: Pick<PartsFound, "missing" | "wrong">, why?: string): AppError =>
  new AppError(
    "upload_incomplete",
    why ??
      `Parts missing: ${missing.length}, of a wrong size: ${wrong.length}. Send the listed parts, then complete again.`,
    { extensions: { missing, wrong } },
  );

export const storageFull = (): AppError =>
  new AppError("storage_full", "Your company's storage has no room for this document. Delete some, or ask for more.");

export const folderLeaving = (): AppError =>
  new AppError("folder_being_deleted", "This folder is being deleted. Choose another, or wait until it is gone.");
export const unknownFolder = (): AppError => new AppError("not_found", "Your company has no folder with this path.");
export const unknownDeletion = (): AppError =>
  new AppError("not_found", "Your company has no deletion of a folder with this id.");
export const folderNotEmpty = (): AppError =>
  new AppError("folder_not_empty", "There is something in this folder. Empty it, or delete it with recursive=true.");
export const foldersFull = (): AppError =>
  new AppError("too_many_folders", "Your company has as many folders as it may. Delete some it does not need.");

export const held = (): AppError =>
  new AppError("document_held", "The document is under a legal hold. An Admin can release it.");

/** Why a document cannot be read or changed just now. */
export function notReady({ status, quarantineReason }: DocumentRecord): AppError {
  if (status === "quarantined")
    return new AppError(
      "document_quarantined",
      `The document is quarantined (${quarantineReason ?? "by_hand"}). An Admin can approve it.`,
      { extensions: { reason: quarantineReason } },
    );
  return new AppError("document_not_ready", `The document is ${status}, not ready. Read it until its status says so.`);
}

/** @throws AppError `not_found` for a document that is not there, or not any more */
export function seen(document: DocumentRecord | undefined): DocumentRecord {
  if (document === undefined || !visibleStates.includes(document.status)) throw unknownDocument();
  return document;
}

/** Where it was going, or there already: safe to repeat. @throws AppError `not_found`, and as `notReady` says */
export function arrived(to: readonly DocumentState[], { current }: TransitionResult): DocumentRecord {
  const document = seen(current?.document);
  if (!to.includes(document.status)) throw notReady(document);
  return document;
}

export const scanOutdated = (): AppError =>
  new AppError("scan_outdated", "The document has come to be scanned anew since. Answer the later request.");
