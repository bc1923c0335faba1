import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { actorOf, type RequestEnv } from "../../shared/http.ts";
import type { SessionId } from "../../shared/ids.ts";
import { fromCursor, toCursor } from "../../shared/pagination.ts";
import { userToWire } from "../users/index.ts";
import { clearRefreshCookie, refreshCookie, setRefreshCookie } from "./cookie-wire.ts";
import * as operations from "./routes/operations.ts";
import { sessionToWire, signInToWire } from "./schemas.ts";
import type { AuthService } from "./service.ts";
import type { SignIn } from "./verbs/sign-in.ts";

type AuthEnv = RequestEnv<{ auth: AuthService; config: { publicUrl: string } }>;

const mailOnItsWay = { message: "If this address can be used, a mail is on its way to it." };

/** The answer to whoever has got new tokens: with the refresh token in the body, or in a cookie. */
function signedIn(c: Context, signIn: SignIn, session: "cookie" | undefined) {
  if (session === "cookie") setRefreshCookie(c, signIn);
  return signInToWire(signIn, session === "cookie");
}

export function authRoutes() {
  const routes = new OpenAPIHono<AuthEnv>();
  sessionRoutes(routes);
  accountRoutes(routes);
  return routes;
}

function sessionRoutes(routes: OpenAPIHono<AuthEnv>): void {
  routes.openapi(operations.login, async (c) => {
    const { email, password, session } = c.req.valid("json");
    return c.json(signedIn(c, await c.var.services.auth.login({ email, password }), session), 200);
  });
  routes.openapi(operations.refresh, async (c) => {
    const { auth, config } = c.var.services;
    const { refresh_token: sent, session } = c.req.valid("json");
    return c.json(signedIn(c, await auth.refresh(sent ?? refreshCookie(c, config.publicUrl)), session), 200);
  });
  routes.openapi(operations.logout, async (c) => {
    const { scope = "current" } = c.req.valid("json");
    await c.var.services.auth.logout(actorOf(c), scope);
    if (scope !== "others") clearRefreshCookie(c);
    return c.body(null, 204);
  });
  routes.openapi(operations.listSessions, async (c) => {
    const actor = actorOf(c);
    const { limit, cursor } = c.req.valid("query");
    const { items, next } = await c.var.services.auth.listSessions(actor, { limit, after: fromCursor(cursor) });
    return c.json(
      {
        items: items.map((session) => sessionToWire(session, actor.sessionId)),
        next_cursor: next === undefined ? null : toCursor(next),
      },
      200,
    );
  });
  routes.openapi(operations.endSession, async (c) => {
    const actor = actorOf(c);
    const { id } = c.req.valid("param");
    await c.var.services.auth.endSession(actor, id as SessionId);
    if (id === actor.sessionId) clearRefreshCookie(c);
    return c.body(null, 204);
  });
}

function accountRoutes(routes: OpenAPIHono<AuthEnv>): void {
  routes.openapi(operations.register, async (c) => {
    const { first_name: firstName, last_name: lastName, company_name: companyName, ...rest } = c.req.valid("json");
    await c.var.services.auth.register({ ...rest, firstName, lastName, companyName });
    return c.json(mailOnItsWay, 202);
  });
  routes.openapi(operations.verifyEmail, async (c) => {
    await c.var.services.auth.verifyEmail(c.req.valid("json").token);
    return c.body(null, 204);
  });
  routes.openapi(operations.changePassword, async (c) => {
    const { current_password: current, new_password: next, session } = c.req.valid("json");
    return c.json(signedIn(c, await c.var.services.auth.changePassword(actorOf(c), { current, next }), session), 200);
  });
  routes.openapi(operations.forgotPassword, async (c) => {
    await c.var.services.auth.forgotPassword(c.req.valid("json").email);
    return c.json(mailOnItsWay, 202);
  });
  routes.openapi(operations.resetPassword, async (c) => {
    const { token, new_password: password } = c.req.valid("json");
    await c.var.services.auth.resetPassword({ token, password });
    return c.body(null, 204);
  });
  routes.openapi(operations.acceptInvitation, async (c) => {
    const { first_name: firstName, last_name: lastName, token, password } = c.req.valid("json");
    await c.var.services.auth.acceptInvitation({ token, password, firstName, lastName });
    return c.body(null, 204);
  });
  routes.openapi(operations.bootstrap, async (c) => {
    const { first_name: firstName, last_name: lastName, email, password } = c.req.valid("json");
    const user = await c.var.services.auth.bootstrap({ email, password, firstName, lastName });
    return c.json(userToWire(user), 201);
  });
}
