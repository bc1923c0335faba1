import { may, type Actor } from "../../shared/access.ts";
import { AppError } from "../../shared/errors.ts";
import type { DocumentId, UploadId } from "../../shared/ids.ts";
import { enforceRates, networkOf } from "../../shared/rate-limit.ts";
import { singleMaxBytes, sizeOfPart, type FoundPart } from "./domain/parts.ts";
import { sessionStateOf } from "./domain/states.ts";
import { uploadsByNetwork, uploadsByUser, uppyUrlSeconds } from "./limits.ts";
import type { UploadedPart } from "./object-store.ts";
import { secondsAfter, type UploadDependencies } from "./ports.ts";
import { deadAddress, unknownUpload, uploadExpired, uploadOver } from "./refusals.ts";
import type { SessionRef, Upload } from "./repository.ts";
import { abortUpload } from "./verbs/abort-upload.ts";
import { beginUpload, type UploadRequest } from "./verbs/begin-upload.ts";
import { completeUpload } from "./verbs/complete-upload.ts";
import { partsThere } from "./verbs/parts-there.ts";
import { putPart, type PartRequest } from "./verbs/put-part.ts";
import { openForParts, shapeOf, signParts } from "./verbs/sign-parts.ts";

/** Uppy names an upload by two ids, both of ours: never by S3's key or S3's id of the upload. */
export type UppyRef = Required<SessionRef>;
export type UppyRequest = Omit<UploadRequest, "transport"> & {
  readonly transport: UploadRequest["transport"] | undefined;
};

/**
 * Uploads by an address that carries its own permission, since Uppy sends no Authorization header. Every call looks at the
 * address (signature, time, permission) and, in the round trip it makes anyway, at the session of whoever asked for it.
 * @throws AppError `not_found` for an address that is not good, `unauthorized` when the session has ended
 */
export interface UppyService {
  /** @throws AppError `rate_limited`, `unauthorized` */
  grant(actor: Actor): Promise<{ url: string; expiresInSeconds: number }>;
  begin(token: string, request: UppyRequest): Promise<{ key: DocumentId; uploadId: UploadId }>;
  /** Where to PUT this part. */
  address(token: string, ref: UppyRef, partNumber: number): Promise<string>;
  put(token: string, part: PartRequest): Promise<UploadedPart>;
  /** Parts that are there; all of them once the upload is whole, so that a client goes on to completing. */
  parts(token: string, ref: UppyRef): Promise<readonly FoundPart[]>;
  complete(token: string, ref: UppyRef, told: readonly FoundPart[]): Promise<{ location: string; key: DocumentId }>;
  abort(token: string, ref: UppyRef): Promise<void>;
}

export function createUppyService(deps: UploadDependencies): UppyService {
  const { baseUrl } = deps.settings;
  const under = (token: string): string => `${baseUrl}/uppy/${token}`;
  const admit = (token: string): Promise<Actor> => admitHolder(deps, token);
  return {
    async grant(actor) {
      await admitCaller(deps, actor);
      const expiresAt = secondsAfter(deps.clock.now(), uppyUrlSeconds);
      const token = await deps.capabilities.seal({ purpose: "uppy", actor, expiresAt });
      return { url: under(token), expiresInSeconds: uppyUrlSeconds };
    },
    async begin(token, request) {
      const actor = await admit(token);
      const transport = transportFor(deps, request);
      const { document, session } = await beginUpload(deps, actor, { ...request, transport }, undefined);
      return { key: document.id, uploadId: session.id };
    },
    async address(token, ref, partNumber) {
      const upload = await openForParts(deps, await admit(token), ref, [partNumber], () => "part_number");
      if (upload.session.transport === "proxy")
        return `${under(token)}/s3/multipart/${ref.sessionId}/${partNumber}?key=${ref.documentId}`;
      const [part] = await signParts(deps, upload, [partNumber]);
      return part?.url ?? "";
    },
    put: async (token, part) => putPart(deps, await admit(token), part),
    async parts(token, ref) {
      const actor = await admit(token);
      const found = await deps.documents.findUpload(actor, ref, deps.clock.now(), true);
      if (found === undefined) throw unknownUpload();
      return partsToSkip(deps, found.upload, found.parts);
    },
    async complete(token, ref, told) {
      const { id } = await completeUpload(deps, await admit(token), ref, told);
      return { location: `${baseUrl}/documents/${id}`, key: id };
    },
    abort: async (token, ref) => abortUpload(deps, await admit(token), ref),
  };
}

async function admitCaller(deps: UploadDependencies, actor: Actor): Promise<void> {
  const [isLive] = await Promise.all([
    deps.isLive(actor),
    enforceRates(deps.limiter, [
      { policy: uploadsByNetwork, key: networkOf(deps.origin.ip) },
      { policy: uploadsByUser, key: actor.userId },
    ]),
  ]);
  if (!isLive) throw new AppError("unauthorized", "This session has ended. Sign in again.");
}

async function admitHolder(deps: UploadDependencies, token: string): Promise<Actor> {
  const capability = await deps.capabilities.open(token, deps.clock.now());
  if (capability?.purpose !== "uppy" || !may(capability.actor.group, "documents:write")) throw deadAddress();
  return capability.actor;
}

/**
 * Through us what cannot go directly: parts of unknown size, and a SINGLE upload, whose address wants a header that Uppy
 * does not send. Else as the page wishes; directly only by wish where S3 cannot list parts, since a page that was
 * reloaded would send them all once more.
 */
function transportFor({ store }: UploadDependencies, { sizeBytes, transport }: UppyRequest): "direct" | "proxy" {
  if (sizeBytes === undefined || sizeBytes <= singleMaxBytes) return "proxy";
  return transport ?? (store.capabilities.listParts ? "direct" : "proxy");
}

async function partsToSkip(
  deps: UploadDependencies,
  upload: Upload,
  known: readonly FoundPart[],
): Promise<readonly FoundPart[]> {
  const { document, session } = upload;
  switch (sessionStateOf(document.status, session.expiresAt, deps.clock.now())) {
    case "open":
      return partsThere(deps, upload, known);
    case "completing":
    case "completed":
      return session.openEnded ? known : wholePlan(upload);
    case "expired":
      throw uploadExpired();
    case "aborted":
      throw uploadOver("aborted");
  }
}

/** The tags are not S3's any more: completing does not look at them once the document is whole. */
const wholePlan = (upload: Upload): FoundPart[] =>
  Array.from({ length: upload.session.partCount }, (_, index) => ({
    partNumber: index + 1,
    etag: '"whole"',
    size: sizeOfPart(shapeOf(upload), index + 1),
  }));
