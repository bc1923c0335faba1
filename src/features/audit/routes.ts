import { OpenAPIHono } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import { jsonContent, operation } from "../../shared/openapi.ts";
import { fromCursor, toCursor } from "../../shared/pagination.ts";
import { auditListQuery, auditPageSchema, filterFromWire, lineToWire } from "./schemas.ts";
import type { AuditService } from "./service.ts";

const list = operation({
  operationId: "listAudit",
  method: "get",
  path: "/",
  tags: ["Audit"],
  access: "audit:read",
  reach: "all-companies",
  summary: "Who did what, newest first",
  description: "The own company's; of a Super Admin all, and that a Super Admin looked is written down as well.",
  request: { query: auditListQuery },
  responses: { 200: jsonContent(auditPageSchema, "A page; stable while lines are added.") },
});

export function auditRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ audit: AuditService }>>();
  routes.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const page = { limit: query.limit, after: fromCursor(query.cursor) };
    const { items, next } = await c.var.services.audit.list(actorOf(c), filterFromWire(query), page);
    return c.json({ items: items.map(lineToWire), next_cursor: next === undefined ? null : toCursor(next) }, 200);
  });
  return routes;
}
