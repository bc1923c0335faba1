import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { fromCursor } from "../../shared/pagination.ts";
import { contentDisposition } from "./domain/names.ts";
import type { DocumentService } from "./document-service.ts";
import {
  addressToken,
  documentId,
  documentPageSchema,
  documentPatch,
  documentQuery,
  documentSchema,
  downloadSchema,
} from "./schemas.ts";
import { documentToWire, pageToWire } from "./wire.ts";

const tags = ["Documents"];
const byId = z.object({ id: documentId });
const one = jsonContent(documentSchema, "The document.");

const list = operation({
  operationId: "listDocuments",
  method: "get",
  path: "/documents",
  tags,
  access: "documents:read",
  summary: "The company's documents, newest first",
  request: { query: documentQuery },
  responses: { 200: jsonContent(documentPageSchema, "A page; stable while documents are added.") },
});

const get = operation({
  operationId: "getDocument",
  method: "get",
  path: "/documents/{id}",
  tags,
  access: "documents:read",
  summary: "A document",
  request: { params: byId },
  problems: ["not_found"],
  responses: { 200: one },
});

const patch = operation({
  operationId: "updateDocument",
  method: "patch",
  path: "/documents/{id}",
  tags,
  access: "documents:write",
  summary: "Rename or move a document, change its role or metadata",
  description: "Metadata are replaced as a whole. A folder that is not there is made.",
  request: { params: byId, body: jsonBody(documentPatch) },
  problems: ["not_found", "folder_being_deleted", "too_many_folders"],
  responses: { 200: one },
});

const remove = operation({
  operationId: "deleteDocument",
  method: "delete",
  path: "/documents/{id}",
  tags,
  access: "documents:write",
  summary: "Delete a document",
  description:
    "Its history stays. One whose upload is under way is given up with it; while it is being completed, ask again in a moment.",
  request: { params: byId },
  problems: ["not_found", "document_held", "upload_completing"],
  responses: { 204: { description: "Deleted." } },
});

const download = operation({
  operationId: "downloadDocument",
  method: "post",
  path: "/documents/{id}/download",
  tags,
  access: "documents:read",
  summary: "An address to read a ready document from, for five minutes",
  description:
    "Any client can use it, also with `Range`. It stops working at once when the document is quarantined, scanned anew or deleted, and when the session ends that asked for it.",
  request: { params: byId },
  problems: ["not_found", "document_not_ready", "document_quarantined"],
  responses: { 200: jsonContent(downloadSchema, "The address.") },
});

const contentHeaders = {
  ETag: "Of these bytes for ever; for `If-Range`.",
  "Accept-Ranges": "`bytes`.",
  "Content-Disposition": "The file's name, also in the form of RFC 8187.",
};

const content = operation({
  operationId: "readContent",
  method: "get",
  path: "/content/{token}",
  tags,
  access: "open",
  summary: "A document's bytes, by an address that was given for them",
  description:
    "The address is the permission. Takes `Range` with one range, and `If-Range` with the ETag, so that a download that broke off goes on; `HEAD` tells size and type.",
  request: { params: z.object({ token: addressToken }) },
  problems: ["unauthorized", "not_found", "document_not_ready", "document_quarantined", "range_not_satisfiable"],
  responses: {
    200: {
      description: "The bytes.",
      content: { "application/octet-stream": { schema: z.string(), example: "%PDF-1.7 …" } },
      headers: headersOf(contentHeaders),
    },
    206: {
      description: "Some of the bytes.",
      content: { "application/octet-stream": { schema: z.string(), example: "%PDF" } },
      headers: headersOf({ ...contentHeaders, "Content-Range": "Which, and of how many." }),
    },
  },
});

export function documentRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ documents: DocumentService }>>();
  routes.openapi(list, async (c) => {
    const {
      limit,
      cursor,
      folder_path: folderPath,
      content_type: contentType,
      created_by: createdBy,
      ...rest
    } = c.req.valid("query");
    const filter = { ...rest, folderPath, contentType, createdBy };
    const page = await c.var.services.documents.list(actorOf(c), filter, { limit, after: fromCursor(cursor) });
    return c.json(pageToWire(page, documentToWire), 200);
  });
  routes.openapi(get, async (c) => {
    const document = await c.var.services.documents.get(actorOf(c), c.req.valid("param").id as DocumentId);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(patch, async (c) => {
    const {
      filename,
      original_filename: originalFilename = filename,
      folder_path: folderPath,
      custom_metadata: customMetadata,
      role,
    } = c.req.valid("json");
    const change = { originalFilename, folderPath, customMetadata, role };
    const document = await c.var.services.documents.patch(actorOf(c), c.req.valid("param").id as DocumentId, change);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(remove, async (c) => {
    await c.var.services.documents.remove(actorOf(c), c.req.valid("param").id as DocumentId);
    return c.body(null, 204);
  });
  routes.openapi(download, async (c) => {
    const { url, expiresInSeconds } = await c.var.services.documents.download(
      actorOf(c),
      c.req.valid("param").id as DocumentId,
    );
    return c.json({ url, expires_in: expiresInSeconds }, 200);
  });
  routes.openapi(content, async (c) => {
    const { document, body, etag, length, range } = await c.var.services.documents.content(c.req.valid("param").token, {
      range: c.req.header("range"),
      ifRange: c.req.header("if-range"),
      headOnly: c.req.method === "HEAD",
    });
    const headers = {
      "Content-Type": document.contentType,
      "Content-Length": String(length),
      "Content-Disposition": contentDisposition(document.originalFilename),
      "Accept-Ranges": "bytes",
      ETag: etag,
      // Should a browser show it all the same, it runs nothing.
      "Content-Security-Policy": "default-src 'none'; sandbox",
      ...(range === undefined ? {} : { "Content-Range": `bytes ${range.first}-${range.last}/${document.sizeBytes}` }),
    };
    return new Response(body, { status: range === undefined ? 200 : 206, headers });
  });
  return routes;
}
