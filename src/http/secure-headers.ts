import type { MiddlewareHandler } from "hono";

const twoYears = 63_072_000;

/** Headers of every answer. HTML pages bring their own Content-Security-Policy; everything else runs nothing at all. */
export function secureHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    c.header("Strict-Transport-Security", `max-age=${twoYears}; includeSubDomains`);
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Cross-Origin-Opener-Policy", "same-origin");
    if (!headers.has("Content-Security-Policy"))
      c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    // What is not marked otherwise may be personal.
    if (!headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  };
}
