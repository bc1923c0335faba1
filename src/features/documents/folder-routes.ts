import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { FolderDeletionId } from "../../shared/ids.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { fromCursor } from "../../shared/pagination.ts";
import type { DocumentService } from "./document-service.ts";
import {
  folderBody,
  folderDeleteQuery,
  folderDeletionId,
  folderDeletionQuery,
  folderDeletionSchema,
  folderPageSchema,
  folderQuery,
  folderSchema,
} from "./folder-schemas.ts";
import { deletionToWire, folderPageToWire, folderToWire, fromFolderCursor } from "./folder-wire.ts";

const tags = ["Documents"];

const list = operation({
  operationId: "listFolders",
  method: "get",
  path: "/folders",
  tags,
  access: "documents:read",
  summary: "The folders in a folder: one level, in the order of their paths",
  description: "Its documents are listed by `GET /documents?folder_path=…`.",
  request: { query: folderQuery },
  problems: ["not_found"],
  responses: { 200: jsonContent(folderPageSchema, "A page; stable while folders are added.") },
});

const create = operation({
  operationId: "createFolder",
  method: "post",
  path: "/folders",
  tags,
  access: "documents:write",
  summary: "Make a folder, and those above it that are not there",
  description: "Safe to repeat: 200 where it was there already.",
  request: { body: jsonBody(folderBody) },
  problems: ["folder_being_deleted", "too_many_folders"],
  responses: {
    200: jsonContent(folderSchema, "It was there."),
    201: jsonContent(folderSchema, "It was made."),
  },
});

const location = headersOf({ Location: "Where the deletion can be read." });

const remove = operation({
  operationId: "deleteFolder",
  method: "delete",
  path: "/folders",
  tags,
  access: "documents:write",
  summary: "Delete a folder, with `recursive=true` also all that is in it",
  description:
    "Without `recursive` only an empty folder goes: 204. With it nothing goes into the folder any more, and its documents and the uploads under way in it are deleted one after the other: 200 with the report where that ended at once, else 202 and `Location`. There is no limit to how many. A document under a legal hold is no refusal here: it stays with the folders around it, as `held`, and all beside it goes. Safe to repeat: while a deletion runs, the same call goes on with it.",
  request: { query: folderDeleteQuery },
  problems: ["not_found", "folder_not_empty", "folder_being_deleted"],
  responses: {
    200: { ...jsonContent(folderDeletionSchema, "It has ended; its `status` says how."), headers: location },
    202: { ...jsonContent(folderDeletionSchema, "It runs."), headers: location },
    204: { description: "The folder was empty, and is gone." },
  },
});

const deletion = operation({
  operationId: "getFolderDeletion",
  method: "get",
  path: "/folder-deletions/{id}",
  tags,
  access: "documents:read",
  summary: "How the deletion of a folder goes, document by document",
  request: { params: z.object({ id: folderDeletionId }), query: folderDeletionQuery },
  problems: ["not_found"],
  responses: { 200: jsonContent(folderDeletionSchema, "The report, with a page of its items.") },
});

const firstPage = folderDeletionQuery.parse({});

export function folderRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ documents: DocumentService }>>();
  routes.openapi(list, async (c) => {
    const { path, limit, cursor } = c.req.valid("query");
    const page = await c.var.services.documents.folders.list(actorOf(c), path, {
      limit,
      after: fromFolderCursor(path, cursor),
    });
    return c.json(folderPageToWire(page), 200);
  });
  routes.openapi(create, async (c) => {
    const { made, folder } = await c.var.services.documents.folders.create(actorOf(c), c.req.valid("json").path);
    return c.json(folderToWire(folder), made ? 201 : 200);
  });
  routes.openapi(remove, async (c) => {
    const { path, recursive } = c.req.valid("query");
    if (!recursive) {
      await c.var.services.documents.folders.remove(actorOf(c), path);
      return c.body(null, 204);
    }
    const page = { limit: firstPage.limit, after: undefined, state: undefined };
    const report = await c.var.services.documents.folders.removeWithContent(actorOf(c), path, page);
    c.header("Location", `${c.req.path.replace(/folders$/, "folder-deletions")}/${report.id}`);
    return c.json(deletionToWire(report), report.endedAt === null ? 202 : 200);
  });
  routes.openapi(deletion, async (c) => {
    const { limit, cursor, state } = c.req.valid("query");
    const id = c.req.valid("param").id as FolderDeletionId;
    const report = await c.var.services.documents.folders.deletion(actorOf(c), id, {
      limit,
      after: fromCursor(cursor),
      state,
    });
    return c.json(deletionToWire(report), 200);
  });
  return routes;
}
