import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import { idempotencyHeader } from "../../shared/idempotency.ts";
import type { UploadId } from "../../shared/ids.ts";
import { jsonBody, jsonContent, operation, optionalJsonBody } from "../../shared/openapi.ts";
import { rootFolder } from "./domain/names.ts";
import { maxParts } from "./domain/parts.ts";
import { documentSchema } from "./schemas.ts";
import {
  completeBody,
  completeBodyBytes,
  sha256Header,
  signBody,
  signedPartsSchema,
  storedPartSchema,
  uploadBody,
  uploadId,
  uploadSchema,
  uploadStateSchema,
} from "./upload-schemas.ts";
import type { UploadService } from "./upload-service.ts";
import { documentToWire, lengthOf, partToWire, planToWire, signedPartToWire, storedPartToWire } from "./wire.ts";

const tags = ["Documents"];
const bySession = z.object({ session_id: uploadId });
const over = ["not_found", "upload_over", "upload_expired", "upload_completing"] as const;

const begin = operation({
  operationId: "createUpload",
  method: "post",
  path: "/uploads",
  tags,
  access: "documents:write",
  summary: "Begin an upload",
  description:
    "Up to 8 MiB go in one PUT (SINGLE), more in equal parts but the last (MULTIPART). PUT each part to its `url` with its `headers`, keep the `ETag` of each answer, then complete. A folder that is not there is made. The same Idempotency-Key gives the same upload again, its addresses signed anew; `parts` is empty once it is over.",
  request: { headers: z.object(idempotencyHeader), body: jsonBody(uploadBody) },
  problems: [
    "rate_limited",
    "idempotency_key_reused",
    "too_many_uploads",
    "storage_full",
    "folder_being_deleted",
    "too_many_folders",
    "upload_over",
  ],
  responses: { 201: jsonContent(uploadSchema, "The session, and addresses of its first 100 parts.") },
});

const sign = operation({
  operationId: "signUploadParts",
  method: "post",
  path: "/uploads/{session_id}/parts/sign",
  tags,
  access: "documents:write",
  summary: "Addresses for parts, once more or for the first time",
  request: { params: bySession, body: jsonBody(signBody) },
  problems: over,
  responses: { 200: jsonContent(signedPartsSchema, "One address a number, in the order they were asked for.") },
});

const put = operation({
  operationId: "putUploadPart",
  method: "put",
  path: "/uploads/{session_id}/parts/{part_number}",
  tags,
  access: "documents:write",
  summary: "Send a part through us",
  description: "The body is the part's bytes and nothing else, of the part's exact size; it is streamed through.",
  request: {
    params: bySession.extend({ part_number: z.coerce.number().int().min(1).max(maxParts).openapi({ example: 1 }) }),
    headers: z.object({ "x-content-sha256": sha256Header }),
  },
  problems: [...over, "length_required", "payload_too_large", "part_wrong_size", "part_wrong_sha256", "storage_full"],
  responses: { 200: jsonContent(storedPartSchema, "It is there.") },
});

const get = operation({
  operationId: "getUpload",
  method: "get",
  path: "/uploads/{session_id}",
  tags,
  access: "documents:write",
  summary: "An upload and the parts that are there, to go on with it",
  request: { params: bySession },
  problems: ["not_found"],
  responses: { 200: jsonContent(uploadStateSchema, "The upload.") },
});

const complete = operation({
  operationId: "completeUpload",
  method: "post",
  path: "/uploads/{session_id}/complete",
  tags,
  access: "documents:write",
  summary: "Put the parts together and check the content",
  description:
    "Safe to repeat, and to call many times at once: the answer is the same. Parts that are missing or wrong are listed in a 409, as `missing` and `wrong`. An S3 that cannot list its parts (wrangler's, in development) has to be told those sent directly, in `parts`.",
  request: { params: bySession, body: optionalJsonBody(completeBody) },
  maxBodyBytes: completeBodyBytes,
  problems: [...over, "upload_incomplete"],
  responses: { 200: jsonContent(documentSchema, "The document: ready, being scanned, or quarantined.") },
});

const abort = operation({
  operationId: "abortUpload",
  method: "delete",
  path: "/uploads/{session_id}",
  tags,
  access: "documents:write",
  summary: "Give an upload up",
  request: { params: bySession },
  problems: ["not_found", "upload_over", "upload_completing"],
  responses: { 204: { description: "Its parts are gone." } },
});

export function uploadRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ uploads: UploadService }>>();
  routes.openapi(begin, async (c) => {
    const body = c.req.valid("json");
    const request = {
      originalFilename: body.original_filename,
      contentType: body.content_type,
      sizeBytes: body.declared_size_bytes,
      sha256: body.sha256,
      role: body.role,
      folderPath: body.folder_path ?? rootFolder,
      customMetadata: body.custom_metadata ?? {},
      transport: body.transport,
    };
    const key = c.req.valid("header")["idempotency-key"];
    const { upload, parts } = await c.var.services.uploads.begin(actorOf(c), request, key);
    return c.json({ ...planToWire(upload), parts: parts.map(signedPartToWire) }, 201);
  });
  routes.openapi(sign, async (c) => {
    const { session_id: id } = c.req.valid("param");
    const numbers = c.req.valid("json").part_numbers;
    const parts = await c.var.services.uploads.sign(actorOf(c), { sessionId: id as UploadId }, numbers);
    return c.json({ parts: parts.map(signedPartToWire) }, 200);
  });
  routes.openapi(put, async (c) => {
    const { session_id: id, part_number: partNumber } = c.req.valid("param");
    const stored = await c.var.services.uploads.putPart(actorOf(c), {
      ref: { sessionId: id as UploadId },
      partNumber,
      contentLength: lengthOf(c.req.header("content-length")),
      sha256: c.req.valid("header")["x-content-sha256"],
      body: c.req.raw.body,
    });
    return c.json(storedPartToWire(stored), 200);
  });
  routes.openapi(get, async (c) => {
    const sessionId = c.req.valid("param").session_id as UploadId;
    const { upload, state, parts } = await c.var.services.uploads.get(actorOf(c), { sessionId });
    return c.json({ ...planToWire(upload), status: state, parts: parts.map(partToWire) }, 200);
  });
  routes.openapi(complete, async (c) => {
    const sessionId = c.req.valid("param").session_id as UploadId;
    const told = (c.req.valid("json").parts ?? []).map(({ part_number: partNumber, etag }) => ({ partNumber, etag }));
    return c.json(documentToWire(await c.var.services.uploads.complete(actorOf(c), { sessionId }, told)), 200);
  });
  routes.openapi(abort, async (c) => {
    const sessionId = c.req.valid("param").session_id as UploadId;
    await c.var.services.uploads.abort(actorOf(c), { sessionId });
    return c.body(null, 204);
  });
  return routes;
}
