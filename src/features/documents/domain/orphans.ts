import { incomingVersion } from "./keys.ts";
import { openStates, type DocumentState } from "./states.ts";

/** What our row says of the document that a key names. */
export interface KnownDocument {
  readonly status: DocumentState;
  readonly version: number;
  readonly s3UploadId: string | null;
}

/** While an upload is open every object of it may still be needed; afterwards only the one that the row names is. */
export function isOrphanedObject(version: number, row: KnownDocument | undefined): boolean {
  if (row === undefined) return true;
  if (openStates.includes(row.status)) return false;
  const isGone = row.status === "aborted" || row.status === "expired" || row.status === "deleted";
  return isGone || version === incomingVersion || version !== row.version;
}

/** A multipart upload at S3 that no open upload of ours goes on with. */
export const isOrphanedUpload = (s3UploadId: string, row: KnownDocument | undefined): boolean =>
  row === undefined || !openStates.includes(row.status) || (row.s3UploadId !== null && row.s3UploadId !== s3UploadId);
