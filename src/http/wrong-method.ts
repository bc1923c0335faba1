import type { Context, Hono, MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { AppError } from "../shared/errors.ts";
import type { RequestEnv } from "../shared/http.ts";
import { lazy } from "../shared/lazy.ts";
import { problemResponse } from "./problem.ts";
import type { AppEnv } from "./request-context.ts";

/**
 * 405 with `Allow` for a method that an address does not answer. Of two that fit, the narrower is meant: deleting `/users/me` is
 * no deletion of the user `me` by `/users/:id`. The others Hono looks at when nobody has answered.
 */
export function refuseWrongMethods(app: Hono<AppEnv>): MiddlewareHandler<AppEnv> {
  const narrow = lazy(() => narrowAddresses(app));
  const others = methodNotAllowed({ app, onMethodNotAllowed: refuse });
  return async (c, next) => {
    const meant = narrow().find(({ pattern }) => pattern.test(c.req.path));
    if (meant === undefined) return others(c, next);
    return meant.methods.has(c.req.method) ? next() : refuse(c, [...meant.methods]);
  };
}

interface Address {
  readonly path: string;
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Those that another address takes in as well. */
function narrowAddresses(app: Hono<AppEnv>): Address[] {
  const byPath = new Map<string, Address>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue;
    const address = byPath.get(path) ?? { path, pattern: patternOf(path), methods: new Set() };
    address.methods.add(method);
    if (method === "GET") address.methods.add("HEAD");
    byPath.set(path, address);
  }
  const addresses = [...byPath.values()];
  const takesIn = (wide: Address, one: Address) => wide.pattern.test(one.path) && !one.pattern.test(wide.path);
  return addresses.filter((one) => addresses.some((wide) => takesIn(wide, one)));
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);

function refuse(c: Context, allowed: readonly string[]): Response {
  const error = new AppError("method_not_allowed", `This address answers ${allowed.join(", ")}.`, {
    headers: { Allow: allowed.join(", ") },
  });
  return problemResponse(c as Context<RequestEnv>, error);
}
