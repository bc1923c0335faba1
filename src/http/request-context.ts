import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { loadConfig, ConfigError } from "../config/index.ts";
import { createContainer, type Services } from "../container.ts";
import type { DeliveryReport } from "../features/email/index.ts";
import { describeError, log, type LogFields } from "../platform/telemetry/log.ts";
import { RequestMeter } from "../platform/telemetry/meter.ts";
import type { RequestEnv } from "../shared/http.ts";
import type { RateDecision } from "../shared/rate-limit.ts";
import { asRefusal } from "./problem.ts";

export type AppEnv = RequestEnv<Services> & { Bindings: Env; Variables: { meter: RequestMeter } };

const saneRequestId = /^[A-Za-z0-9._-]{8,128}$/;
const maxUserAgentLength = 256;

/** The outermost layer: names the request and afterwards writes one log line and the headers every answer carries. */
export function requestLog(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = Date.now();
    const { req } = c;
    const given = req.header("x-request-id");
    const requestId = given !== undefined && saneRequestId.test(given) ? given : crypto.randomUUID();
    const meter = new RequestMeter(Date.now);
    c.set("meter", meter);
    c.set("origin", {
      requestId,
      // Read when asked for: few answers need them.
      get ip() {
        return req.header("cf-connecting-ip");
      },
      // A cut may go through a surrogate pair, and half a pair is no text that Postgres takes.
      get userAgent() {
        return req.header("user-agent")?.slice(0, maxUserAgentLength).toWellFormed();
      },
    });
    await next();
    const milliseconds = Date.now() - startedAt;
    c.res.headers.set("X-Request-Id", requestId);
    // To who has not signed in, how long Postgres took may tell whether it found an account.
    if (c.get("actor") !== undefined || c.env.ETTER_ENV !== "production")
      c.res.headers.set("Server-Timing", meter.serverTiming(milliseconds));
    log(c.res.status >= 500 ? "error" : "info", "request", lineOf(c, milliseconds));
  };
}

/** Builds the request's services. A bad environment ends here: names in the log, a constant 500 for the client. */
export function requestServices(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    // Not c.var, which makes a new object of all variables each time.
    const services = createContainer(loadConfig(c.env), c.env, { origin: c.get("origin"), meter: c.get("meter") });
    c.set("services", services);
    c.set("authenticate", () => services.auth.authenticate(c.req.header("authorization")));
    c.set("admitAdmin", () => services.auth.admitAdmin(c.req.header("x-admin-secret")));
    c.set("admitScanner", async () => {
      const headers = { timestamp: c.req.header("x-etter-timestamp"), signature: c.req.header("x-etter-signature") };
      return services.scans.admit(headers, await c.req.text());
    });
    c.set("auditRefusal", (actor, permission) => services.auth.auditRefusal(actor, permission));
    await next();
    for (const [name, value] of rateHeaders(services.rateDecisions)) c.res.headers.set(name, value);
    const delivery = services.deliverQueuedMails();
    if (delivery !== undefined) c.executionCtx.waitUntil(told(delivery, c.get("origin").requestId));
  };
}

/** A delivery that did not begin is nothing lost: the clock sends what is queued. */
async function told(delivery: Promise<DeliveryReport>, requestId: string): Promise<void> {
  try {
    log("info", "mail", { request_id: requestId, ...(await delivery) });
  } catch (error) {
    log("warn", "mail_failed", { request_id: requestId, ...describeError(error) });
  }
}

/** draft-ietf-httpapi-ratelimit-headers: the policies that applied, and what is left of each. */
function rateHeaders(decisions: readonly RateDecision[]): [string, string][] {
  if (decisions.length === 0) return [];
  const policies = decisions.map(({ policy }) => `"${policy.name}";q=${policy.limit};w=${policy.windowSeconds}`);
  const states = decisions.map(
    ({ policy, remaining, resetSeconds }) => `"${policy.name}";r=${remaining};t=${resetSeconds}`,
  );
  return [
    ["RateLimit-Policy", policies.join(", ")],
    ["RateLimit", states.join(", ")],
  ];
}

function lineOf(c: Context<AppEnv>, milliseconds: number): LogFields {
  const meter = c.get("meter");
  const actor = c.get("actor");
  return {
    request_id: c.get("origin").requestId,
    method: c.req.method,
    route: answeringRoute(c),
    status: c.res.status,
    ms: milliseconds,
    rounds: meter.rounds,
    ...Object.fromEntries([...meter.tallies].map(([name, { calls }]) => [`${name}_calls`, calls])),
    actor: actor?.userId,
    company: actor?.companyId,
    ...errorOf(c.error),
  };
}

/**
 * The pattern, not the address: an address may carry what a log must not. Of the routes that match, such as `/me` and `/:id`, the one
 * that was reached last has answered; where none was, because something for every path refused, the last one would have.
 */
function answeringRoute(c: Context<AppEnv>): string {
  const reached = routePath(c);
  return reached.endsWith("*") ? routePath(c, -1) : reached;
}

function errorOf(error: Error | undefined): LogFields {
  if (error === undefined) return {};
  if (error instanceof ConfigError) return { code: "internal", bad_environment: error.fields };
  const { code, cause } = asRefusal(error);
  if (code === "internal") return { code, ...describeError(error) };
  return { code, ...(cause === undefined ? {} : describeError(cause)) };
}
