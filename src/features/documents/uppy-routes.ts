import { OpenAPIHono } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { DocumentId, UploadId } from "../../shared/ids.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { rootFolder } from "./domain/names.ts";
import { completeBodyBytes, storedPartSchema } from "./upload-schemas.ts";
import {
  byPart,
  byToken,
  byUpload,
  keyQuery,
  uppyAddressSchema,
  uppyBeginBody,
  uppyCompleteBody,
  uppyCompletedSchema,
  uppyPartAddressSchema,
  uppyPartsSchema,
  uppyUploadSchema,
} from "./uppy-schemas.ts";
import type { UppyService } from "./uppy-service.ts";
import { lengthOf, storedPartToWire } from "./wire.ts";

const tags = ["Documents"];
const upload = "/uppy/{token}/s3/multipart/{upload_id}";
const over = ["unauthorized", "not_found", "upload_over", "upload_expired", "upload_completing"] as const;
const description = "For Uppy. The address is the permission; it ends with the session of whoever asked for it.";

const grant = operation({
  operationId: "createUppyAddress",
  method: "post",
  path: "/uppy",
  tags,
  access: "documents:write",
  summary: "An address under which Uppy uploads, for an hour",
  description: "Give it to Uppy's S3 plugin as `companionEndpoint`, with `shouldUseMultipart: true`.",
  problems: ["rate_limited"],
  responses: { 200: jsonContent(uppyAddressSchema, "The address.") },
});

const begin = operation({
  operationId: "beginUppyUpload",
  method: "post",
  path: "/uppy/{token}/s3/multipart",
  tags,
  access: "open",
  summary: "Begin an upload (Uppy)",
  description,
  request: { params: byToken, body: jsonBody(uppyBeginBody) },
  problems: [...over, "rate_limited", "too_many_uploads", "storage_full", "folder_being_deleted", "too_many_folders"],
  responses: { 200: jsonContent(uppyUploadSchema, "The upload, by ids of ours.") },
});

const address = operation({
  operationId: "getUppyPartAddress",
  method: "get",
  path: `${upload}/{part_number}`,
  tags,
  access: "open",
  summary: "Where to send a part (Uppy)",
  description,
  request: { params: byPart, query: keyQuery },
  problems: over,
  responses: { 200: jsonContent(uppyPartAddressSchema, "The address for one PUT.") },
});

const put = operation({
  operationId: "putUppyPart",
  method: "put",
  path: `${upload}/{part_number}`,
  tags,
  access: "open",
  summary: "Send a part through us (Uppy)",
  description: `${description} The body is the part's bytes and nothing else; it is streamed through.`,
  request: { params: byPart, query: keyQuery },
  problems: [...over, "length_required", "payload_too_large", "part_wrong_size", "storage_full"],
  responses: {
    200: {
      ...jsonContent(storedPartSchema, "It is there."),
      headers: headersOf({ ETag: "The part's, where Uppy looks." }),
    },
  },
});

const list = operation({
  operationId: "listUppyParts",
  method: "get",
  path: upload,
  tags,
  access: "open",
  summary: "The parts that are there, to go on with an upload (Uppy)",
  description,
  request: { params: byUpload, query: keyQuery },
  problems: ["unauthorized", "not_found", "upload_over", "upload_expired"],
  responses: { 200: jsonContent(uppyPartsSchema, "Those that need not be sent again.") },
});

const complete = operation({
  operationId: "completeUppyUpload",
  method: "post",
  path: `${upload}/complete`,
  tags,
  access: "open",
  summary: "Put the parts together and check the content (Uppy)",
  description: `${description} Safe to repeat. Whether the document is ready, being scanned or quarantined, its \`location\` tells.`,
  request: { params: byUpload, query: keyQuery, body: jsonBody(uppyCompleteBody) },
  maxBodyBytes: completeBodyBytes,
  problems: [...over, "upload_incomplete"],
  responses: { 200: jsonContent(uppyCompletedSchema, "The document is stored.") },
});

const abort = operation({
  operationId: "abortUppyUpload",
  method: "delete",
  path: upload,
  tags,
  access: "open",
  summary: "Give an upload up (Uppy)",
  description,
  request: { params: byUpload, query: keyQuery },
  problems: ["unauthorized", "not_found", "upload_over", "upload_completing"],
  responses: { 204: { description: "Its parts are gone." } },
});

const refOf = (param: { upload_id: string }, query: { key: string }) => ({
  sessionId: param.upload_id as UploadId,
  documentId: query.key as DocumentId,
});

/** Uppy takes the quotes off; S3 puts them on. */
const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

export function uppyRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ uppy: UppyService }>>();
  routes.openapi(grant, async (c) => {
    const { url, expiresInSeconds } = await c.var.services.uppy.grant(actorOf(c));
    return c.json({ url, expires_in: expiresInSeconds }, 200);
  });
  routes.openapi(begin, async (c) => {
    const { filename, type, metadata = {} } = c.req.valid("json");
    const request = {
      originalFilename: filename,
      contentType: type,
      sizeBytes: metadata.size,
      sha256: metadata.sha256,
      role: metadata.role,
      folderPath: metadata.folder_path ?? rootFolder,
      customMetadata: metadata.custom_metadata ?? {},
      transport: metadata.transport,
    };
    return c.json(await c.var.services.uppy.begin(c.req.valid("param").token, request), 200);
  });
  routes.openapi(address, async (c) => {
    const param = c.req.valid("param");
    const ref = refOf(param, c.req.valid("query"));
    return c.json({ url: await c.var.services.uppy.address(param.token, ref, param.part_number) }, 200);
  });
  routes.openapi(put, async (c) => {
    const param = c.req.valid("param");
    const stored = await c.var.services.uppy.put(param.token, {
      ref: refOf(param, c.req.valid("query")),
      partNumber: param.part_number,
      contentLength: lengthOf(c.req.header("content-length")),
      sha256: undefined,
      body: c.req.raw.body,
    });
    return c.json(storedPartToWire(stored), 200, { ETag: stored.etag });
  });
  routes.openapi(list, async (c) => {
    const param = c.req.valid("param");
    const parts = await c.var.services.uppy.parts(param.token, refOf(param, c.req.valid("query")));
    return c.json(
      parts.map(({ partNumber, etag, size }) => ({ PartNumber: partNumber, ETag: etag, Size: size ?? null })),
      200,
    );
  });
  routes.openapi(complete, async (c) => {
    const param = c.req.valid("param");
    const told = c.req
      .valid("json")
      .parts.map(({ PartNumber, ETag }) => ({ partNumber: PartNumber, etag: quoted(ETag) }));
    return c.json(await c.var.services.uppy.complete(param.token, refOf(param, c.req.valid("query")), told), 200);
  });
  routes.openapi(abort, async (c) => {
    const param = c.req.valid("param");
    await c.var.services.uppy.abort(param.token, refOf(param, c.req.valid("query")));
    return c.body(null, 204);
  });
  return routes;
}
