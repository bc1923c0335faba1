import { incomingVersion, multipartVersion } from "../domain/keys.ts";
import type { FoundPart } from "../domain/parts.ts";
import { keyOf, type DocumentDependencies } from "../ports.ts";
import type { Upload } from "../repository.ts";
import { isSingle } from "./sign-parts.ts";

/** The parts of an open upload, in order: what S3 says where it can be asked, our own rows (`known`) otherwise. */
export async function partsThere(
  deps: DocumentDependencies,
  upload: Upload,
  known: readonly FoundPart[],
): Promise<readonly FoundPart[]> {
  const { document, session } = upload;
  if (isSingle(upload)) {
    const object = await deps.store.head(keyOf(deps, document, incomingVersion));
    return object === undefined ? [] : withHashes([{ partNumber: 1, etag: object.etag, size: object.size }], known);
  }
  if (session.s3UploadId === null) return [];
  if (!deps.store.capabilities.listParts) return known.toSorted((a, b) => a.partNumber - b.partNumber);
  const listed = await deps.store.listParts({
    key: keyOf(deps, document, multipartVersion),
    uploadId: session.s3UploadId,
  });
  return listed.ok ? withHashes(listed.value, known) : [];
}

/** What we hashed on the way, of parts that are still the ones that passed through us. */
function withHashes(there: readonly FoundPart[], known: readonly FoundPart[]): FoundPart[] {
  const byTag = new Map(known.map(({ partNumber, etag, sha256 }) => [`${partNumber} ${bare(etag)}`, sha256]));
  return there.map((part) => ({ ...part, sha256: byTag.get(`${part.partNumber} ${bare(part.etag)}`) }));
}

/** Not every server puts quotes around it in every answer. */
const bare = (etag: string): string => etag.replaceAll('"', "");
