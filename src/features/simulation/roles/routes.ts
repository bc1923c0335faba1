import { OpenAPIHono, z } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../../shared/http.ts";
import { jsonBody, jsonContent, operation } from "../../../shared/openapi.ts";
import { pageOf, pageQuery } from "../../../shared/pagination.ts";
import { label, text } from "../../../shared/text.ts";
import { inputLimits } from "../limits.ts";
import { nameKeyOf } from "./catalogue/index.ts";
import type { DescribedRole, RoleService } from "./service.ts";
import { workloadsSchema, workloadSchema } from "./workload-schemas.ts";

const roleName = label(inputLimits.roleNameLength).refine(
  (name) => nameKeyOf(name) !== "",
  "must contain a letter or a digit",
);
const byName = z.object({ role: roleName.openapi({ example: "Engineer" }) });

const workloadsExample = [
  { Name: "Write code", Type: "Auto", Skill: 0.9, Time: 0.6 },
  { Name: "Review and design", Type: "Non-Auto", Skill: 0.85, Time: 0.4 },
];
const roleExample = {
  role: "Engineer",
  source: "default",
  aliases: ["Software Engineer"],
  workloads: workloadsExample,
};
const roleSchema = z
  .object({
    role: z.string(),
    source: z.enum(["default", "company"]).openapi({ description: "Ours, or the company's own." }),
    aliases: z.array(z.string()),
    workloads: z.array(workloadSchema),
  })
  .openapi("CatalogueRole", { example: roleExample });
const rolePageSchema = pageOf(roleSchema).openapi("CatalogueRolePage", {
  example: { items: [roleExample], next_cursor: null },
});
const putSchema = z
  .strictObject({ workloads: workloadsSchema })
  .openapi("CatalogueRoleBody", { example: { workloads: workloadsExample } });
const listQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: text(400).optional().openapi({ description: "The `next_cursor` of the page before." }),
  q: text(inputLimits.roleNameLength).optional().openapi({ description: "A part of a name or alias." }),
});
const tags = ["Simulation"];

const list = operation({
  operationId: "listRoles",
  method: "get",
  path: "/",
  tags,
  access: "simulations:read",
  summary: "The role catalogue: our defaults and the company's own roles, by name",
  request: { query: listQuery },
  responses: { 200: jsonContent(rolePageSchema, "A page.") },
});

const get = operation({
  operationId: "getRole",
  method: "get",
  path: "/{role}",
  tags,
  access: "simulations:read",
  summary: "A role's workloads, as a simulation of this company would use them",
  request: { params: byName },
  problems: ["not_found"],
  responses: { 200: jsonContent(roleSchema, "The role.") },
});

const put = operation({
  operationId: "putRole",
  method: "put",
  path: "/{role}",
  tags,
  access: "roles:write",
  summary: "Describe a role for the own company",
  description:
    "Hides a default of the same name. Runs that were started before keep the workloads they were started with.",
  request: { params: byName, body: jsonBody(putSchema) },
  problems: ["too_many_roles"],
  responses: { 200: jsonContent(roleSchema, "Replaced."), 201: jsonContent(roleSchema, "Made.") },
});

const remove = operation({
  operationId: "deleteRole",
  method: "delete",
  path: "/{role}",
  tags,
  access: "roles:write",
  summary: "Take the company's own description of a role away",
  request: { params: byName },
  problems: ["not_found"],
  responses: { 204: { description: "Deleted; a default of that name shows again." } },
});

const toWire = ({ role, source, aliases, workloads }: DescribedRole): z.infer<typeof roleSchema> => ({
  role,
  source,
  aliases: [...aliases],
  workloads: [...workloads],
});

export function roleRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ roles: RoleService }>>();
  routes.openapi(list, async (c) => {
    const { q, limit, cursor: after } = c.req.valid("query");
    const { items, next } = await c.var.services.roles.list(actorOf(c), { q, limit, after });
    return c.json({ items: items.map(toWire), next_cursor: next ?? null }, 200);
  });
  routes.openapi(get, async (c) =>
    c.json(toWire(await c.var.services.roles.get(actorOf(c), c.req.valid("param").role)), 200),
  );
  routes.openapi(put, async (c) => {
    const { role, created } = await c.var.services.roles.put(
      actorOf(c),
      c.req.valid("param").role,
      c.req.valid("json").workloads,
    );
    return created ? c.json(toWire(role), 201) : c.json(toWire(role), 200);
  });
  routes.openapi(remove, async (c) => {
    await c.var.services.roles.remove(actorOf(c), c.req.valid("param").role);
    return c.body(null, 204);
  });
  return routes;
}
