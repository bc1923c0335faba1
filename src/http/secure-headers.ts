import type { MiddlewareHandler } from "hono";

const twoYears = 63_072_000;

const always = Object.entries({
  "Strict-Transport-Security": `max-age=${twoYears}; includeSubDomains`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
});

const unlessSaid = Object.entries({
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  // What is not marked otherwise may be personal.
  "Cache-Control": "no-store",
});

/** Headers of every answer. HTML pages bring their own Content-Security-Policy; everything else runs nothing at all. */
export function secureHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    // In place: `c.header` copies the whole response for every header it adds to a finished one.
    const { headers } = c.res;
    for (const [name, value] of always) headers.set(name, value);
    for (const [name, value] of unlessSaid) if (!headers.has(name)) headers.set(name, value);
  };
}
