import type { MiddlewareHandler } from "hono";
import { may, type Actor, type Permission } from "./access.ts";
import { AppError, invariant } from "./errors.ts";
import type { RequestOrigin } from "./origin.ts";

/** What every request carries in its context. Slices add their services to it (`RequestEnv<{ users: UserService }>`). */
export interface RequestEnv<Services extends object = object> {
  Variables: {
    origin: RequestOrigin;
    services: Services;
    /** Verifies the bearer token. @throws AppError `unauthorized` */
    authenticate: () => Promise<Actor>;
    /** Set by `requireAccess` on every operation that is not open. */
    actor?: Actor;
  };
}

/** Who may call an operation: anyone, the holder of the admin secret, or those whose group has the permission. */
export type Access = "open" | "admin-secret" | Permission;

/** Lets a request through to its operation. What is not open needs a signed-in caller. */
export function requireAccess(access: Access): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    if (access !== "open" && access !== "admin-secret") {
      const actor = await c.var.authenticate();
      if (!may(actor.group, access))
        throw new AppError(
          "forbidden",
          `Your group (${actor.group}) lacks the permission ${access}. Ask an Admin of your company.`,
        );
      c.set("actor", actor);
    }
    await next();
  };
}

/** The caller of an operation that is not open. */
export function actorOf(c: { readonly var: { readonly actor?: Actor } }): Actor {
  invariant(c.var.actor, "an operation used its actor without requiring access");
  return c.var.actor;
}
