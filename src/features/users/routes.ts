import { OpenAPIHono } from "@hono/zod-openapi";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import { fromCursor, toCursor } from "../../shared/pagination.ts";
import * as operations from "./routes/operations.ts";
import {
  changeFromWire,
  filterFromWire,
  idFromWire,
  invitationFromWire,
  profilePatchFromWire,
  userToWire,
} from "./schemas.ts";
import type { UserService } from "./service.ts";

type UserEnv = RequestEnv<{ users: UserService }>;

export function userRoutes() {
  const routes = new OpenAPIHono<UserEnv>();
  // Before /{id}, which would take "me" for an id.
  routes.openapi(operations.getMe, async (c) =>
    c.json(userToWire(await c.var.services.users.getOwnProfile(actorOf(c))), 200),
  );
  routes.openapi(operations.updateMe, async (c) => {
    const patch = profilePatchFromWire(c.req.valid("json"));
    return c.json(userToWire(await c.var.services.users.updateOwnProfile(actorOf(c), patch)), 200);
  });
  routes.openapi(operations.list, async (c) => {
    const query = c.req.valid("query");
    const page = { limit: query.limit, after: fromCursor(query.cursor) };
    const { items, next } = await c.var.services.users.list(actorOf(c), filterFromWire(query), page);
    return c.json({ items: items.map(userToWire), next_cursor: next === undefined ? null : toCursor(next) }, 200);
  });
  routes.openapi(operations.invite, async (c) => {
    const key = c.req.valid("header")["idempotency-key"];
    const user = await c.var.services.users.invite(actorOf(c), invitationFromWire(c.req.valid("json")), key);
    c.header("Location", `${c.req.path}/${user.id}`);
    return c.json(userToWire(user), 201);
  });
  personRoutes(routes);
  return routes;
}

function personRoutes(routes: OpenAPIHono<UserEnv>): void {
  routes.openapi(operations.get, async (c) => {
    const user = await c.var.services.users.get(actorOf(c), idFromWire(c.req.valid("param")));
    return c.json(userToWire(user), 200);
  });
  routes.openapi(operations.update, async (c) => {
    const change = changeFromWire(c.req.valid("json"));
    const user = await c.var.services.users.change(actorOf(c), idFromWire(c.req.valid("param")), change);
    return c.json(userToWire(user), 200);
  });
  routes.openapi(operations.remove, async (c) => {
    await c.var.services.users.remove(actorOf(c), idFromWire(c.req.valid("param")));
    return c.body(null, 204);
  });
  routes.openapi(operations.inviteAgain, async (c) => {
    const key = c.req.valid("header")["idempotency-key"];
    await c.var.services.users.inviteAgain(actorOf(c), idFromWire(c.req.valid("param")), key);
    return c.body(null, 204);
  });
  routes.openapi(operations.endSessions, async (c) => {
    await c.var.services.users.endSessions(actorOf(c), idFromWire(c.req.valid("param")));
    return c.body(null, 204);
  });
}
