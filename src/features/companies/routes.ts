import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { CompanyId } from "../../shared/ids.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { fromCursor, toCursor } from "../../shared/pagination.ts";
import {
  companyListQuery,
  companyPageSchema,
  companyPatchSchema,
  companySchema,
  companyToWire,
  newCompanySchema,
  patchFromWire,
} from "./schemas.ts";
import type { CompanyService } from "./service.ts";

const tags = ["Companies"];
const byId = z.object({ id: z.uuid().toLowerCase() });
const idOf = (c: { req: { valid: (target: "param") => { id: string } } }) => c.req.valid("param").id as CompanyId;

const list = operation({
  operationId: "listCompanies",
  method: "get",
  path: "/",
  tags,
  access: "companies:manage",
  reach: "all-companies",
  summary: "All companies, newest first",
  request: { query: companyListQuery },
  responses: { 200: jsonContent(companyPageSchema, "A page; stable while companies are added.") },
});

const create = operation({
  operationId: "createCompany",
  method: "post",
  path: "/",
  tags,
  access: "companies:manage",
  reach: "all-companies",
  summary: "Make a company",
  description: "It has nobody yet: invite its first Admin with `POST /api/etter/users` and its `company_id`.",
  request: { body: jsonBody(newCompanySchema) },
  responses: {
    201: { ...jsonContent(companySchema, "The company."), headers: headersOf({ Location: "Where it can be read." }) },
  },
});

const getCurrent = operation({
  operationId: "getCurrentCompany",
  method: "get",
  path: "/current",
  tags,
  access: "company:read",
  summary: "The caller's company",
  problems: ["not_found"],
  responses: { 200: jsonContent(companySchema, "The company.") },
});

const patchCurrent = operation({
  operationId: "updateCurrentCompany",
  method: "patch",
  path: "/current",
  tags,
  access: "company:write",
  summary: "Change the caller's company",
  description: "What is left out stays; null takes a picture away.",
  request: { body: jsonBody(companyPatchSchema) },
  problems: ["not_found"],
  responses: { 200: jsonContent(companySchema, "The company as it is now.") },
});

const get = operation({
  operationId: "getCompany",
  method: "get",
  path: "/{id}",
  tags,
  access: "company:read",
  reach: "all-companies",
  summary: "A company",
  request: { params: byId },
  problems: ["not_found"],
  responses: { 200: jsonContent(companySchema, "The company.") },
});

const patch = operation({
  operationId: "updateCompany",
  method: "patch",
  path: "/{id}",
  tags,
  access: "company:write",
  reach: "all-companies",
  summary: "Change a company",
  description: "What is left out stays; null takes a picture away.",
  request: { params: byId, body: jsonBody(companyPatchSchema) },
  problems: ["not_found"],
  responses: { 200: jsonContent(companySchema, "The company as it is now.") },
});

export function companyRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ companies: CompanyService }>>();
  routes.openapi(list, async (c) => {
    const { limit, cursor, q } = c.req.valid("query");
    const page = { limit, after: fromCursor(cursor) };
    const { items, next } = await c.var.services.companies.list(actorOf(c), { q }, page);
    return c.json({ items: items.map(companyToWire), next_cursor: next === undefined ? null : toCursor(next) }, 200);
  });
  routes.openapi(create, async (c) => {
    const { name, logo_url, light_theme_image_url, dark_theme_image_url } = c.req.valid("json");
    const company = await c.var.services.companies.create(actorOf(c), {
      name,
      logoUrl: logo_url ?? null,
      lightThemeImageUrl: light_theme_image_url ?? null,
      darkThemeImageUrl: dark_theme_image_url ?? null,
    });
    c.header("Location", `${c.req.path}/${company.id}`);
    return c.json(companyToWire(company), 201);
  });
  // Before /{id}, which would take "current" for an id.
  routes.openapi(getCurrent, async (c) => {
    const actor = actorOf(c);
    return c.json(companyToWire(await c.var.services.companies.get(actor, actor.companyId)), 200);
  });
  routes.openapi(patchCurrent, async (c) => {
    const actor = actorOf(c);
    const change = patchFromWire(c.req.valid("json"));
    return c.json(companyToWire(await c.var.services.companies.update(actor, actor.companyId, change)), 200);
  });
  routes.openapi(get, async (c) => c.json(companyToWire(await c.var.services.companies.get(actorOf(c), idOf(c))), 200));
  routes.openapi(patch, async (c) => {
    const change = patchFromWire(c.req.valid("json"));
    return c.json(companyToWire(await c.var.services.companies.update(actorOf(c), idOf(c), change)), 200);
  });
  return routes;
}
