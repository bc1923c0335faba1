import { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestEnv } from "../../shared/http.ts";
import { jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import { userSchema, userToWire } from "../users/index.ts";
import { adminSecretHeader, bootstrapSchema, loginSchema, signInSchema, signInToWire } from "./schemas.ts";
import type { AuthService } from "./service.ts";

const login = operation({
  operationId: "login",
  method: "post",
  path: "/login",
  tags: ["Auth"],
  access: "open",
  summary: "Sign in with e-mail and password",
  description: "The answer is the same whether the address is unknown, the password wrong, or the account not active.",
  request: { body: jsonBody(loginSchema) },
  problems: ["invalid_credentials", "rate_limited"],
  responses: { 200: jsonContent(signInSchema, "Signed in.") },
});

const bootstrap = operation({
  operationId: "bootstrap",
  method: "post",
  path: "/bootstrap",
  tags: ["Auth"],
  access: "admin-secret",
  summary: "Make the first Super Admin",
  description: "Works once for a deployment; afterwards it stays closed.",
  request: { headers: adminSecretHeader, body: jsonBody(bootstrapSchema) },
  problems: ["bootstrap_closed", "email_taken", "rate_limited"],
  responses: { 201: jsonContent(userSchema, "The Super Admin.") },
});

export function authRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ auth: AuthService }>>();
  routes.openapi(login, async (c) => c.json(signInToWire(await c.var.services.auth.login(c.req.valid("json"))), 200));
  routes.openapi(bootstrap, async (c) => {
    const { first_name: firstName, last_name: lastName, email, password } = c.req.valid("json");
    const user = await c.var.services.auth.bootstrap({ email, password, firstName, lastName });
    return c.json(userToWire(user), 201);
  });
  return routes;
}
