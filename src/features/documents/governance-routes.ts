import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { jsonBody, jsonContent, operation, optionalJsonBody } from "../../shared/openapi.ts";
import { fromCursor, pageQuery } from "../../shared/pagination.ts";
import type { DocumentService } from "./document-service.ts";
import { documentId, documentSchema, historyPageSchema, reasonBody, reasonQuery } from "./schemas.ts";
import { documentToWire, historyToWire, pageToWire } from "./wire.ts";

const tags = ["Documents"];
const byId = z.object({ id: documentId });
const one = jsonContent(documentSchema, "The document.");

const quarantine = operation({
  operationId: "quarantineDocument",
  method: "post",
  path: "/documents/{id}/quarantine",
  tags,
  access: "documents:govern",
  summary: "Make a document unreadable at once",
  request: { params: byId, body: jsonBody(reasonBody) },
  problems: ["not_found", "document_not_ready"],
  responses: { 200: one },
});

const approve = operation({
  operationId: "approveDocument",
  method: "post",
  path: "/documents/{id}/approve",
  tags,
  access: "documents:govern",
  summary: "Let a quarantined document be read",
  description: "Where there is a malware scanner it is scanned (again) first: nobody overrules the scanner.",
  request: { params: byId, body: jsonBody(reasonBody) },
  problems: ["not_found", "document_not_ready"],
  responses: { 200: one },
});

const hold = operation({
  operationId: "setLegalHold",
  method: "put",
  path: "/documents/{id}/legal-hold",
  tags,
  access: "documents:govern",
  summary: "Put a document under a legal hold",
  description: "Nobody can delete it, nor a folder that holds it, until the hold is released.",
  request: { params: byId, body: jsonBody(reasonBody) },
  problems: ["not_found", "document_not_ready"],
  responses: { 200: one },
});

const release = operation({
  operationId: "releaseLegalHold",
  method: "delete",
  path: "/documents/{id}/legal-hold",
  tags,
  access: "documents:govern",
  summary: "Release a document's legal hold",
  description: "The reason stands in the query or in the body.",
  request: { params: byId, query: reasonQuery, body: optionalJsonBody(reasonQuery) },
  problems: ["not_found", "document_not_ready"],
  responses: { 200: one },
});

const history = operation({
  operationId: "getDocumentHistory",
  method: "get",
  path: "/documents/{id}/audit",
  tags,
  access: "documents:read",
  summary: "What happened to a document, newest first",
  description: "It outlives the document.",
  request: { params: byId, query: z.strictObject(pageQuery) },
  problems: ["not_found"],
  responses: { 200: jsonContent(historyPageSchema, "A page.") },
});

/** What Admins do to documents, and what was done to one. */
export function governanceRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ documents: DocumentService }>>();
  routes.openapi(quarantine, async (c) => {
    const id = c.req.valid("param").id as DocumentId;
    const document = await c.var.services.documents.quarantine(actorOf(c), id, c.req.valid("json").reason);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(approve, async (c) => {
    const id = c.req.valid("param").id as DocumentId;
    const document = await c.var.services.documents.approve(actorOf(c), id, c.req.valid("json").reason);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(hold, async (c) => {
    const id = c.req.valid("param").id as DocumentId;
    const document = await c.var.services.documents.hold(actorOf(c), id, c.req.valid("json").reason);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(release, async (c) => {
    const id = c.req.valid("param").id as DocumentId;
    const reason = c.req.valid("query").reason ?? c.req.valid("json").reason;
    const document = await c.var.services.documents.release(actorOf(c), id, reason);
    return c.json(documentToWire(document), 200);
  });
  routes.openapi(history, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const id = c.req.valid("param").id as DocumentId;
    const page = await c.var.services.documents.history(actorOf(c), id, { limit, after: fromCursor(cursor) });
    return c.json(pageToWire(page, historyToWire), 200);
  });
  return routes;
}
