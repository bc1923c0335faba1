import { invariant, type AppError } from "../../../shared/errors.ts";
import type { QuarantineReason } from "../domain/content.ts";
import { multipartVersion } from "../domain/keys.ts";
import type { PartsFound } from "../domain/parts.ts";
import { maxHashedBytes } from "../limits.ts";
import { keyOf, type DocumentDependencies } from "../ports.ts";
import { incomplete } from "../refusals.ts";
import type { DocumentRecord, Upload } from "../repository.ts";
import { judgeStored, judgeWhole } from "../sniffing.ts";

export interface Whole {
  readonly outcome: "whole";
  readonly size: number;
  readonly detectedType: string;
  readonly fault: QuarantineReason | undefined;
  /** Of the bytes as they are; null when nobody looked. */
  readonly sha256: string | null;
  readonly version?: number;
}

/** What the object turned out to be: whole and judged, or not whole yet, or gone for good. */
export type Assembly =
  | Whole
  | { readonly outcome: "incomplete"; readonly refusal: AppError; readonly missing: number; readonly wrong: number }
  | { readonly outcome: "lost" };

export const short = (found: Pick<PartsFound, "missing" | "wrong">, why?: string): Assembly => ({
  outcome: "incomplete",
  refusal: incomplete(found, why),
  missing: found.missing.length,
  wrong: found.wrong.length,
});

/** Whether the object is there as it should be: an earlier try may have joined it. */
export async function isWhole(deps: DocumentDependencies, { document, session }: Upload): Promise<boolean> {
  const object = await deps.store.head(keyOf(deps, document, multipartVersion));
  return object !== undefined && (session.openEnded || object.size === document.sizeBytes);
}

/** Looks at what S3 has joined. */
export async function judge(deps: DocumentDependencies, { document, session }: Upload): Promise<Assembly> {
  const key = keyOf(deps, document, multipartVersion);
  const object = await deps.store.head(key);
  if (object === undefined) return { outcome: "lost" };
  const { size } = object;
  const [{ detectedType, fault }, sha256] = await Promise.all([
    // Of nothing no range can be asked.
    size === 0
      ? judgeWhole(document.contentType, new Uint8Array())
      : judgeStored(deps.store, key, document.contentType, size),
    hashDeclared(deps, document, key, size),
  ]);
  const isRightSize = session.openEnded || size === document.sizeBytes;
  const isRightHash = sha256 === null || sha256 === document.sha256;
  const mismatch = isRightSize ? (isRightHash ? undefined : "sha256_mismatch") : "size_mismatch";
  return { outcome: "whole", size, detectedType, fault: mismatch ?? fault, sha256 };
}

/** A SHA-256 that was declared is proved or it is not kept: the object is read through. */
async function hashDeclared(
  { store }: DocumentDependencies,
  document: DocumentRecord,
  key: string,
  size: number,
): Promise<string | null> {
  if (document.sha256 === null || size === 0 || size > maxHashedBytes) return null;
  const hashed = await store.hash(key);
  invariant(hashed.ok, "an object that was just seen can be read");
  return hashed.value.sha256;
}
