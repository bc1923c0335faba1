import { pageQuery } from "../../../shared/pagination.ts";
import { z } from "@hono/zod-openapi";
import { jsonBody, jsonContent, operation, optionalJsonBody } from "../../../shared/openapi.ts";
import { userSchema } from "../../users/index.ts";
import * as schemas from "../schemas.ts";

const common: { readonly method: "post"; readonly tags: string[] } = { method: "post", tags: ["Auth"] };
const nothing = (description: string) => ({ 204: { description } });

export const login = operation({
  ...common,
  operationId: "login",
  path: "/login",
  access: "open",
  summary: "Sign in with e-mail and password",
  description: "The answer is the same whether the address is unknown, the password wrong, or the account not active.",
  request: { body: jsonBody(schemas.loginSchema) },
  problems: ["invalid_credentials", "rate_limited"],
  responses: { 200: jsonContent(schemas.signInSchema, "Signed in.") },
});

export const refresh = operation({
  ...common,
  operationId: "refresh",
  path: "/refresh",
  access: "open",
  summary: "Get new tokens for a session",
  description:
    "Each refresh token works once. Of several calls at once one wins; the others get 409 and come back with the new token. " +
    "A token that was spent longer ago ends its session. With `session: cookie` the token is taken from the cookie, and the " +
    "`Origin` header must be this server's own.",
  request: { body: jsonBody(schemas.refreshSchema) },
  problems: ["unauthorized", "refresh_reused", "refresh_raced", "forbidden", "rate_limited"],
  responses: { 200: jsonContent(schemas.signInSchema, "New tokens.") },
});

export const logout = operation({
  ...common,
  operationId: "logout",
  path: "/logout",
  access: "account:manage",
  reach: "self",
  summary: "End this session, all others, or all",
  description: "Access tokens of sessions that have ended are refused from the next call on.",
  request: { body: optionalJsonBody(schemas.logoutSchema) },
  problems: ["rate_limited"],
  responses: nothing("Ended."),
});

export const listSessions = operation({
  ...common,
  operationId: "listSessions",
  method: "get",
  path: "/sessions",
  access: "account:manage",
  reach: "self",
  summary: "The caller's live sessions, newest first",
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: jsonContent(schemas.sessionListSchema, "The sessions.") },
});

export const endSession = operation({
  ...common,
  operationId: "endSession",
  method: "delete",
  path: "/sessions/{id}",
  access: "account:manage",
  reach: "self",
  summary: "End one of the caller's sessions",
  request: { params: schemas.sessionParams },
  problems: ["not_found"],
  responses: nothing("Ended."),
});

export const register = operation({
  ...common,
  operationId: "register",
  path: "/register",
  access: "open",
  summary: "Register a company and its first Admin",
  description:
    "Nothing exists until the token in the mail is confirmed, within 24 hours. The answer is the same for an address that has an account.",
  request: { body: jsonBody(schemas.registerSchema) },
  problems: ["rate_limited"],
  responses: { 202: jsonContent(schemas.acceptedSchema, "A mail is on its way.") },
});

export const verifyEmail = operation({
  ...common,
  operationId: "verifyEmail",
  path: "/verify-email",
  access: "open",
  summary: "Confirm a registration with the mailed token",
  description: "Makes the company and its Admin, who can sign in from then on.",
  request: { body: jsonBody(schemas.verifySchema) },
  problems: ["token_invalid", "email_taken", "rate_limited"],
  responses: nothing("Confirmed."),
});

export const changePassword = operation({
  ...common,
  operationId: "changePassword",
  path: "/password/change",
  access: "account:manage",
  reach: "self",
  summary: "Change the own password",
  description: "Ends all sessions; this client gets new tokens.",
  request: { body: jsonBody(schemas.changePasswordSchema) },
  problems: ["rate_limited"],
  responses: { 200: jsonContent(schemas.signInSchema, "Changed; the tokens of this client's new session.") },
});

export const forgotPassword = operation({
  ...common,
  operationId: "forgotPassword",
  path: "/password/forgot",
  access: "open",
  summary: "Ask for a mail that lets one set a new password",
  description: "The answer is the same whether or not there is an account with this address.",
  request: { body: jsonBody(schemas.forgotPasswordSchema) },
  problems: ["rate_limited"],
  responses: { 202: jsonContent(schemas.acceptedSchema, "If there is such an account, a mail is on its way.") },
});

export const resetPassword = operation({
  ...common,
  operationId: "resetPassword",
  path: "/password/reset",
  access: "open",
  summary: "Set a new password with the mailed token",
  description: "Works once, within 30 minutes. Ends all sessions.",
  request: { body: jsonBody(schemas.resetPasswordSchema) },
  problems: ["token_invalid", "rate_limited"],
  responses: nothing("Set."),
});

export const acceptInvitation = operation({
  ...common,
  operationId: "acceptInvitation",
  path: "/invitations/accept",
  access: "open",
  summary: "Accept an invitation with the mailed token",
  description: "Works once, within 72 hours. Company and group are the invitation's.",
  request: { body: jsonBody(schemas.acceptInvitationSchema) },
  problems: ["token_invalid", "email_taken", "rate_limited"],
  responses: nothing("Accepted; the account can sign in."),
});

export const bootstrap = operation({
  ...common,
  operationId: "bootstrap",
  path: "/bootstrap",
  access: "admin-secret",
  summary: "Make the first Super Admin",
  description: "Works once for a deployment; afterwards it stays closed.",
  request: { headers: schemas.adminSecretHeader, body: jsonBody(schemas.bootstrapSchema) },
  problems: ["bootstrap_closed", "email_taken", "rate_limited"],
  responses: { 201: jsonContent(userSchema, "The Super Admin.") },
});
