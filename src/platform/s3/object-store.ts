import type {
  ObjectStore,
  StoreCapabilities,
  StoredObject,
  StoredPart,
} from "../../features/documents/object-store.ts";
import { invariant } from "../../shared/errors.ts";
import {
  readObjects,
  readParts,
  readRefusedKeys,
  readText,
  readUploads,
  writeCompletion,
  writeDeletion,
} from "./answers.ts";
import {
  expected,
  outcome,
  S3Requests,
  typeless,
  unexpected,
  type S3Answer,
  type StoreSurroundings,
} from "./requests.ts";
import { passThrough } from "./pass-through.ts";
import { numberOf, reading } from "./read-object.ts";

/** S3 joins thousands of parts before it answers. Who waits longer than this asks again and finds it done. */
const completeTimeoutMs = 25_000;
/** A small object's bytes have to arrive as well. */
const putTimeoutMs = 20_000;
const probeTimeoutMs = 1_500;
/** Some servers delete a call's objects one after the other. */
const deleteTimeoutMs = 20_000;
/** Entries of one page, and objects of one deletion; what S3 allows. */
const pageLimit = 1_000;
/** 10,000 parts, which is what S3 allows, and the page that says that there are no more. */
const partPagesLimit = 11;

/** The port over any server that speaks S3 with signature version 4 and has the bucket in the path. */
export function createObjectStore(surroundings: StoreSurroundings): ObjectStore {
  const { capabilities } = surroundings.config;
  const s3 = new S3Requests(surroundings);
  return {
    capabilities,
    ...uploads(s3, capabilities),
    ...passThrough(s3),
    ...objects(s3, capabilities),
    ...reading(s3),
    ...presigned(s3),
    async probe() {
      // A listing of one key: HEAD on a bucket is not served by every S3 server.
      const query = { "list-type": "2", "max-keys": "1" };
      const answer = await s3.ask({ operation: "ListObjectsV2", method: "GET", query, timeoutMs: probeTimeoutMs });
      if (answer.status !== 200 || answer.code !== undefined) throw unexpected(answer);
    },
  };
}

type Uploads = Pick<ObjectStore, "createUpload" | "completeUpload" | "abortUpload" | "listParts" | "listUploads">;

function uploads(s3: S3Requests, capabilities: StoreCapabilities): Uploads {
  return {
    async createUpload(key) {
      const answer = await s3.ask({
        operation: "CreateMultipartUpload",
        method: "POST",
        key,
        query: { uploads: "" },
        headers: typeless,
      });
      return { uploadId: expected(answer, readText(answer.root, "InitiateMultipartUploadResult", "UploadId")) };
    },
    async completeUpload({ key, uploadId }, parts) {
      const answer = await s3.ask({
        operation: "CompleteMultipartUpload",
        method: "POST",
        key,
        query: { uploadId },
        headers: { "content-type": "application/xml" },
        body: writeCompletion(parts),
        timeoutMs: completeTimeoutMs,
      });
      const codes = {
        NoSuchUpload: "no_such_upload",
        InvalidPart: "part_missing",
        EntityTooSmall: "part_too_small",
      } as const;
      return outcome(answer, codes, () => {
        const etag = readText(answer.root, "CompleteMultipartUploadResult", "ETag");
        return etag === undefined ? undefined : { etag };
      });
    },
    async abortUpload({ key, uploadId }) {
      const answer = await s3.ask({ operation: "AbortMultipartUpload", method: "DELETE", key, query: { uploadId } });
      // Swift says NoSuchKey of an upload that is complete.
      if (answer.code !== "NoSuchUpload" && answer.code !== "NoSuchKey") expected(answer, done(answer));
    },
    async listParts({ key, uploadId }) {
      invariant(capabilities.listParts, "this S3 server has no ListParts");
      const parts: StoredPart[] = [];
      let marker = "0";
      for (let page = 0; page < partPagesLimit; page += 1) {
        const query = { uploadId, "max-parts": String(pageLimit), "part-number-marker": marker };
        const answer = await s3.ask({ operation: "ListParts", method: "GET", key, query });
        const read = outcome(answer, { NoSuchUpload: "no_such_upload" }, () => readParts(answer.root));
        if (!read.ok) return read;
        parts.push(...read.value.parts);
        if (read.value.next === undefined) return { ok: true, value: parts };
        marker = read.value.next;
      }
      throw unexpected({ operation: "ListParts", status: 200, headers: new Headers(), code: "PagesWithoutEnd" });
    },
    async listUploads(prefix, { after, limit = pageLimit } = {}) {
      invariant(capabilities.listUploads, "this S3 server has no ListMultipartUploads");
      const markers = after === undefined ? {} : { "key-marker": after.key, "upload-id-marker": after.uploadId ?? "" };
      const query = { uploads: "", prefix, "max-uploads": String(limit), ...markers };
      const answer = await s3.ask({ operation: "ListMultipartUploads", method: "GET", query });
      return expected(answer, readUploads(answer.root));
    },
  };
}

type Objects = Pick<ObjectStore, "put" | "head" | "delete" | "deleteTogether" | "list">;

function objects(s3: S3Requests, capabilities: StoreCapabilities): Objects {
  return {
    async put(key, body) {
      const request = { operation: "PutObject", method: "PUT", key, headers: typeless, body } as const;
      const answer = await s3.ask({ ...request, timeoutMs: putTimeoutMs });
      return expected(answer, etagOf(answer));
    },
    async head(key) {
      const answer = await s3.ask({ operation: "HeadObject", method: "HEAD", key });
      return answer.status === 404 ? undefined : expected(answer, readHead(answer.headers));
    },
    async delete(key) {
      const answer = await s3.ask({ operation: "DeleteObject", method: "DELETE", key });
      if (answer.code !== "NoSuchKey") expected(answer, done(answer));
    },
    async deleteTogether(keys) {
      invariant(capabilities.deleteObjects, "this S3 server has no DeleteObjects");
      invariant(keys.length > 0 && keys.length <= pageLimit, "DeleteObjects takes 1 to 1,000 keys");
      const body = writeDeletion(keys);
      const answer = await s3.ask({
        operation: "DeleteObjects",
        method: "POST",
        query: { delete: "" },
        // S3 refuses this call without a checksum of its body, and this is the one that all servers know.
        headers: { "content-type": "application/xml", "content-md5": await md5Of(body) },
        body,
        timeoutMs: deleteTimeoutMs,
      });
      return expected(answer, readRefusedKeys(answer.root));
    },
    async list(prefix, { after, limit = pageLimit } = {}) {
      // A continuation token would not outlive the turn that was given it.
      const from = after === undefined ? {} : { "start-after": after.key };
      const query = { "list-type": "2", prefix, "max-keys": String(limit), ...from };
      const answer = await s3.ask({ operation: "ListObjectsV2", method: "GET", query });
      return expected(answer, readObjects(answer.root));
    },
  };
}

type Presigned = Pick<ObjectStore, "presignPut" | "presignPart">;

function presigned(s3: S3Requests): Presigned {
  return {
    presignPut({ key, size }, lifetimeSeconds) {
      return s3.presignPut({ key, headers: { "content-length": String(size), ...typeless } }, lifetimeSeconds);
    },
    presignPart({ key, uploadId, partNumber, size }, lifetimeSeconds) {
      const query = { partNumber: String(partNumber), uploadId };
      return s3.presignPut({ key, query, headers: { "content-length": String(size) } }, lifetimeSeconds);
    },
  };
}

function readHead(headers: Headers): StoredObject | undefined {
  const [size, etag] = [numberOf(headers.get("content-length")), headers.get("etag")];
  const modifiedAt = new Date(headers.get("last-modified") ?? "");
  return size === undefined || !etag || Number.isNaN(modifiedAt.getTime()) ? undefined : { size, etag, modifiedAt };
}

const etagOf = ({ headers }: S3Answer): { etag: string } | undefined => {
  const etag = headers.get("etag");
  return etag ? { etag } : undefined;
};

/** In base64. */
async function md5Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("MD5", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

const done = ({ status }: S3Answer): true | undefined => (status === 204 || status === 200 ? true : undefined);
