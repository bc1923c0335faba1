import type { Context, MiddlewareHandler } from "hono";
import { holdersOf, may, type Actor, type Permission } from "./access.ts";
import { AppError, invariant } from "./errors.ts";
import type { RequestOrigin } from "./origin.ts";

/** What every request carries in its context. Slices add their services to it (`RequestEnv<{ users: UserService }>`). */
export interface RequestEnv<Services extends object = object> {
  Variables: {
    origin: RequestOrigin;
    services: Services;
    /** Verifies the bearer token. @throws AppError `unauthorized` */
    authenticate: () => Promise<Actor>;
    /** Lets the holder of the admin secret in. @throws AppError `rate_limited`, `unauthorized` */
    admitAdmin: () => Promise<void>;
    /** Lets the malware scanner in, by the signature over its body. @throws AppError `unauthorized` */
    admitScanner: () => Promise<void>;
    /** Writes down that a known caller was refused. @throws AppError `unauthorized` when their session has ended */
    auditRefusal: (actor: Actor, permission: Permission) => Promise<void>;
    /** Set by `requireAccess` on every operation that is not open. */
    actor?: Actor;
  };
}

/** Who may call an operation: anyone, the holder of a secret, or those whose group has the permission. */
export type Access = "open" | "admin-secret" | "scanner-signature" | Permission;

/** Lets a request through to its operation. What is not open needs a signed-in caller. */
export function requireAccess(access: Access): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    if (access === "admin-secret") await c.var.admitAdmin();
    else if (access === "scanner-signature") await c.var.admitScanner();
    else if (access !== "open") c.set("actor", await admitCaller(c, access));
    await next();
  };
}

async function admitCaller(c: Context<RequestEnv>, permission: Permission): Promise<Actor> {
  const actor = await c.var.authenticate();
  if (may(actor.group, permission)) return actor;
  await c.var.auditRefusal(actor, permission);
  throw new AppError(
    "forbidden",
    `Your group (${actor.group}) lacks the permission ${permission}. It takes a ${holdersOf(permission)}.`,
  );
}

/** The caller of an operation that is not open. */
export function actorOf(c: { readonly var: { readonly actor?: Actor } }): Actor {
  invariant(c.var.actor, "an operation used its actor without requiring access");
  return c.var.actor;
}
