import { z } from "@hono/zod-openapi";
import { idempotencyHeader } from "../../../shared/idempotency.ts";
import { headersOf, jsonBody, jsonContent, operation } from "../../../shared/openapi.ts";
import * as schemas from "../schemas.ts";

const common: { readonly tags: string[] } = { tags: ["Users"] };
const { userSchema, userParams: params } = schemas;

export const getMe = operation({
  ...common,
  operationId: "getMe",
  method: "get",
  path: "/me",
  access: "profile:read",
  summary: "The caller's own profile",
  problems: ["not_found"],
  responses: { 200: jsonContent(userSchema, "The profile.") },
});

export const updateMe = operation({
  ...common,
  operationId: "updateMe",
  method: "patch",
  path: "/me",
  access: "profile:write",
  reach: "self",
  summary: "Change the caller's own names, picture and theme",
  description:
    "What is left out stays; null takes the picture or the theme away. `theme_config` is replaced as a whole; the audit gets its digest. " +
    "At most 60 changes a minute.",
  request: { body: jsonBody(schemas.profilePatchSchema) },
  problems: ["not_found", "rate_limited"],
  responses: { 200: jsonContent(userSchema, "The profile as it is now.") },
});

export const list = operation({
  ...common,
  operationId: "listUsers",
  method: "get",
  path: "/",
  access: "users:read",
  reach: "all-companies",
  summary: "People and service accounts, newest first",
  description: "The own company's; of a Super Admin all companies', which is written down in the audit.",
  request: { query: schemas.userListQuery },
  responses: { 200: jsonContent(schemas.userPageSchema, "A page; stable while people are added.") },
});

export const invite = operation({
  ...common,
  operationId: "inviteUser",
  method: "post",
  path: "/",
  access: "users:write",
  reach: "all-companies",
  summary: "Invite somebody by mail",
  description:
    "Makes an account that signs in once its invitation is accepted, within 72 hours. It never has a password before. " +
    "The group is at most the caller's own. A Super Admin names the company; only Super Admins belong to the platform company. " +
    "Repeated with its Idempotency-Key it makes and mails nothing, and answers with the account as it is by then. One address is " +
    "mailed at most five times an hour by one company.",
  request: { headers: z.object(idempotencyHeader), body: jsonBody(schemas.invitationSchema) },
  problems: ["email_taken", "idempotency_key_reused", "rate_limited", "not_found"],
  responses: {
    201: {
      ...jsonContent(userSchema, "The account; its invitation is on its way."),
      headers: headersOf({ Location: "Where it can be read." }),
    },
  },
});

export const get = operation({
  ...common,
  operationId: "getUser",
  method: "get",
  path: "/{id}",
  access: "users:read",
  reach: "all-companies",
  summary: "Somebody's account",
  request: { params },
  problems: ["not_found"],
  responses: { 200: jsonContent(userSchema, "The account.") },
});

export const update = operation({
  ...common,
  operationId: "updateUser",
  method: "patch",
  path: "/{id}",
  access: "users:write",
  reach: "all-companies",
  summary: "Change somebody's group, activity, names or company",
  description:
    "A new group, deactivation and a move to another company end all sessions of the account. Nobody grants a group above their " +
    "own or changes their own; the last active Admin of a company and the last Super Admin stay. `company_id` is for Super " +
    "Admins: the account moves with its id, address and password, and what it made stays where it was made.",
  request: { params, body: jsonBody(schemas.userPatchSchema) },
  problems: ["not_found", "last_admin", "email_taken"],
  responses: { 200: jsonContent(userSchema, "The account as it is now.") },
});

export const remove = operation({
  ...common,
  operationId: "deleteUser",
  method: "delete",
  path: "/{id}",
  access: "users:write",
  reach: "all-companies",
  summary: "Delete somebody's account",
  description: "It cannot sign in any more and shows nowhere; its sessions end. What it made stays.",
  request: { params },
  problems: ["not_found", "last_admin"],
  responses: { 204: { description: "Deleted." } },
});

export const inviteAgain = operation({
  ...common,
  operationId: "resendInvitation",
  method: "post",
  path: "/{id}/invitation",
  access: "users:write",
  reach: "all-companies",
  summary: "Send an invitation again",
  description:
    "With a new token, good for 72 hours; the one before is void. One address is mailed at most five times an hour by one company.",
  request: { params, headers: z.object(idempotencyHeader) },
  problems: ["not_found", "invitation_not_pending", "idempotency_key_reused", "rate_limited"],
  responses: { 204: { description: "On its way." } },
});

export const endSessions = operation({
  ...common,
  operationId: "revokeUserSessions",
  method: "post",
  path: "/{id}/sessions/revoke",
  access: "users:write",
  reach: "all-companies",
  summary: "End all of somebody's sessions",
  description: "Their access tokens are refused from the next call on. They may sign in again.",
  request: { params },
  problems: ["not_found"],
  responses: { 204: { description: "Ended." } },
});
