import { OpenAPIHono } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import { jsonContent, operation } from "../../shared/openapi.ts";
import { userSchema, userToWire } from "./schemas.ts";
import type { UserService } from "./service.ts";

const getMe = operation({
  operationId: "getMe",
  method: "get",
  path: "/me",
  tags: ["Users"],
  access: "profile:read",
  summary: "The caller's own profile",
  problems: ["not_found"],
  responses: { 200: jsonContent(userSchema, "The profile.") },
});

export function userRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ users: UserService }>>();
  routes.openapi(getMe, async (c) => c.json(userToWire(await c.var.services.users.getOwnProfile(actorOf(c))), 200));
  return routes;
}
