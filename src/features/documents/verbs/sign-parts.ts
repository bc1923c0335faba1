import type { Actor } from "../../../shared/access.ts";
import { AppError, invariant } from "../../../shared/errors.ts";
import { incomingVersion, multipartVersion } from "../domain/keys.ts";
import { isPartNumber, sizeOfPart } from "../domain/parts.ts";
import { sessionStateOf } from "../domain/states.ts";
import { maxUrlsPerCall, partUrlSeconds } from "../limits.ts";
import { keyOf, type DocumentDependencies } from "../ports.ts";
import { stillCompleting, unknownUpload, uploadExpired, uploadOver } from "../refusals.ts";
import type { SessionRef, Upload, UploadSession } from "../repository.ts";
import { openAtStore } from "./open-at-store.ts";

export interface SignedPart {
  readonly partNumber: number;
  readonly size: number;
  readonly url: string;
  /** What the client must send beside its bytes. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

export const shapeOf = ({ document, session }: Upload) => ({
  size: document.sizeBytes,
  partSize: session.partSize,
  partCount: session.partCount,
});

export const isSingle = ({ session }: { readonly session: Pick<UploadSession, "partCount" | "openEnded"> }): boolean =>
  session.partCount === 1 && !session.openEnded;

/** @throws AppError `upload_expired`, `upload_over`, `upload_completing` */
export function refuseUnlessOpen({ document, session }: Upload, now: Date): void {
  switch (sessionStateOf(document.status, session.expiresAt, now)) {
    case "open":
      return;
    case "completing":
      throw stillCompleting();
    case "expired":
      throw uploadExpired();
    case "completed":
      throw uploadOver("completed");
    case "aborted":
      throw uploadOver("aborted");
  }
}

/** @throws AppError `validation_failed` for a number outside 1 … N */
export function refuseOutside(upload: Upload, number: number, path: string): void {
  if (isPartNumber(shapeOf(upload), number)) return;
  const message = `must be a whole number from 1 to ${upload.session.partCount}`;
  throw new AppError("validation_failed", `${path}: ${message}.`, { errors: [{ path, message }] });
}

/**
 * The upload, ready for these parts; `path` says where the client named one. One round trip to Postgres.
 * @throws AppError `not_found`, `validation_failed`, `upload_expired`, `upload_over`, `upload_completing`
 */
export async function openForParts(
  deps: DocumentDependencies,
  actor: Actor,
  ref: SessionRef,
  numbers: readonly number[],
  path: (index: number) => string,
): Promise<Upload> {
  const at = deps.clock.now();
  const found = await deps.documents.findUpload(actor, ref, at);
  if (found === undefined) throw unknownUpload();
  refuseUnlessOpen(found.upload, at);
  for (const [index, number] of numbers.entries()) refuseOutside(found.upload, number, path(index));
  return openAtStore(deps, actor, found.upload);
}

/** The addresses of the first parts, as many as one call gives. */
export const firstParts = ({ session }: Upload): number[] =>
  session.openEnded ? [] : Array.from({ length: Math.min(session.partCount, maxUrlsPerCall) }, (_, index) => index + 1);

/** No round trip: an address is a signature. */
export const signParts = (
  deps: DocumentDependencies,
  upload: Upload,
  numbers: readonly number[],
): Promise<SignedPart[]> => Promise.all(numbers.map((partNumber) => signPart(deps, upload, partNumber)));

async function signPart(deps: DocumentDependencies, upload: Upload, partNumber: number): Promise<SignedPart> {
  const { document, session } = upload;
  const size = sizeOfPart(shapeOf(upload), partNumber);
  if (session.transport === "proxy") {
    const url = `${deps.settings.baseUrl}/uploads/${session.id}/parts/${partNumber}`;
    return { partNumber, size, url, headers: {}, expiresAt: session.expiresAt };
  }
  const { url, headers, expiresAt } = isSingle(upload)
    ? await deps.store.presignPut({ key: keyOf(deps, document, incomingVersion), size }, partUrlSeconds)
    : await deps.store.presignPart(
        { key: keyOf(deps, document, multipartVersion), uploadId: s3UploadIdOf(upload), partNumber, size },
        partUrlSeconds,
      );
  return { partNumber, size, url, headers, expiresAt };
}

export function s3UploadIdOf({ session }: Upload): string {
  invariant(session.s3UploadId !== null, "a multipart upload that is open has its id");
  return session.s3UploadId;
}
