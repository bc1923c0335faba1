import type { Actor } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import { incomingVersion, multipartVersion } from "../domain/keys.ts";
import { sizeOfPart } from "../domain/parts.ts";
import type { PassFault, UploadedPart } from "../object-store.ts";
import { keyOf, type DocumentDependencies } from "../ports.ts";
import { storageFull, unknownUpload, uploadLost } from "../refusals.ts";
import type { SessionRef, Upload } from "../repository.ts";
import { openAtStore } from "./open-at-store.ts";
import { isSingle, refuseOutside, refuseUnlessOpen, s3UploadIdOf, shapeOf } from "./sign-parts.ts";

export interface PartRequest {
  readonly ref: SessionRef;
  readonly partNumber: number;
  /** Undefined when the client did not say. */
  readonly contentLength: number | undefined;
  readonly sha256: string | undefined;
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * Streams a part through to S3, hashing it on the way. What can be refused by its length is refused before a byte is read.
 * @throws AppError `length_required`, `payload_too_large`, `part_wrong_size`, `part_wrong_sha256`, `storage_full`, …
 */
export async function putPart(deps: DocumentDependencies, actor: Actor, part: PartRequest): Promise<UploadedPart> {
  const body = part.body ?? (new Blob([]).stream() as ReadableStream<Uint8Array>);
  try {
    return await take(deps, actor, part, body);
  } catch (error) {
    // Nobody reads the rest; without this the platform would keep the bytes coming.
    if (!body.locked) await body.cancel().catch(() => undefined);
    throw error;
  }
}

async function take(
  deps: DocumentDependencies,
  actor: Actor,
  part: PartRequest,
  body: ReadableStream<Uint8Array>,
): Promise<UploadedPart> {
  const { ref, partNumber } = part;
  const at = deps.clock.now();
  const found = await deps.documents.findForPart(actor, ref, partNumber, at);
  if (found === undefined) throw unknownUpload();
  refuseOutside(found.upload, partNumber, "part_number");
  refuseUnlessOpen(found.upload, at);
  const size = refuseByLength(found.upload, partNumber, part.contentLength);
  // Parts at once may pass it together; the next one does not.
  if (found.usedBytes + (found.upload.session.openEnded ? size : 0) > deps.settings.quotaBytes) throw storageFull();
  const upload = await openAtStore(deps, actor, found.upload);
  const bytes = { size, body, sha256: part.sha256 };
  const key = keyOf(deps, upload.document, isSingle(upload) ? incomingVersion : multipartVersion);
  const outcome = isSingle(upload)
    ? await deps.store.putStreamed(key, bytes)
    : await deps.store.uploadPart({ key, uploadId: s3UploadIdOf(upload), partNumber, ...bytes });
  if (!outcome.ok) throw refusalOf(outcome.reason, size);
  const stored = { partNumber, ...outcome.value };
  await deps.documents.keepParts(actor, ref.sessionId, [stored], at);
  return stored;
}

function refuseByLength(upload: Upload, partNumber: number, contentLength: number | undefined): number {
  if (contentLength === undefined || !Number.isSafeInteger(contentLength))
    throw new AppError("length_required", "Send the part with a Content-Length header.");
  const { openEnded, partSize } = upload.session;
  const expected = openEnded ? partSize : sizeOfPart(shapeOf(upload), partNumber);
  if (contentLength > expected)
    throw new AppError("payload_too_large", `Part ${partNumber} has at most ${expected} bytes.`);
  if (!openEnded && contentLength < expected) throw wrongSize(expected);
  return contentLength;
}

function refusalOf(reason: PassFault, size: number): AppError {
  switch (reason) {
    case "no_such_upload":
      return uploadLost();
    case "wrong_sha256":
      return new AppError(
        "part_wrong_sha256",
        "The bytes that arrived have another SHA-256 than the header says. Send the part again.",
      );
    case "wrong_size":
    case "cut_off":
      return wrongSize(size);
  }
}

const wrongSize = (size: number): AppError =>
  new AppError("part_wrong_size", `This part has exactly ${size} bytes. Send it again, whole.`);
