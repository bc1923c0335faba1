import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { auditRoutes } from "../features/audit/index.ts";
import { authRoutes } from "../features/auth/index.ts";
import { companyRoutes } from "../features/companies/index.ts";
import { s3Routes } from "../features/documents/index.ts";
import { simulationRoutes } from "../features/simulation/index.ts";
import { userRoutes } from "../features/users/index.ts";
import { AppError, invariant } from "../shared/errors.ts";
import type { RequestEnv } from "../shared/http.ts";
import { authFence } from "./auth-fence.ts";
import { mountDocs } from "./docs.ts";
import { healthRoutes } from "./health.ts";
import { openApiDocument } from "./openapi.ts";
import { validationProblem } from "./field-errors.ts";
import { problemResponse } from "./problem.ts";
import { requestLog, requestServices, type AppEnv } from "./request-context.ts";
import { secureHeaders } from "./secure-headers.ts";
import { refuseWrongMethods } from "./wrong-method.ts";

/** Where middleware sits; a handler for all methods anywhere else would be a way in without a guard. */
const middlewarePaths = ["/*", "/api/*", "/api/etter/auth/*"];
const preflightSeconds = 600;

/** Builds the routes once; services are made anew for every request by `requestServices`. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({
    // The contract writes a collection's address both ways, with a slash at the end and without: they are one.
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw validationProblem(result.error);
    },
  });
  app.onError((error, c) => problemResponse(c as unknown as Context<RequestEnv>, error));
  app.notFound((c) =>
    problemResponse(
      c as unknown as Context<RequestEnv>,
      new AppError("not_found", "There is nothing at this address. The operations are listed at /docs/etter."),
    ),
  );
  app.use(requestLog());
  app.use(secureHeaders());
  app.use(requestServices());
  app.use("/api/*", allowListedCors());
  app.use(refuseWrongMethods(app));
  app.use("/api/etter/auth/*", authFence());
  app.route("/", healthRoutes());
  app.route("/api/etter/auth", authRoutes());
  app.route("/api/etter/users", userRoutes());
  app.route("/api/etter/companies", companyRoutes());
  app.route("/api/etter/audit", auditRoutes());
  app.route("/api/etter/simulation/v1", simulationRoutes());
  app.route("/api/etter/s3", s3Routes());
  refuseUnguarded(app);
  mountDocs(app, { openApi: () => openApiDocument(app) });
  return app;
}

/** Origins come from configuration, which takes neither `null` nor `*`. No cookies cross origins. */
function allowListedCors() {
  const answerOrigin = cors({
    origin: (origin, c: Context<AppEnv>) => (c.var.services.config.corsOrigins.includes(origin) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Idempotency-Key",
      "Range",
      "If-Range",
      "X-Content-Sha256",
      "Prefer",
      "X-Request-Id",
      "Last-Event-ID",
    ],
    exposeHeaders: [
      "Accept-Ranges",
      "Content-Disposition",
      "Content-Range",
      "ETag",
      "Location",
      "Preference-Applied",
      "Retry-After",
      "RateLimit",
      "RateLimit-Policy",
      "Server-Timing",
      "X-Request-Id",
    ],
    maxAge: preflightSeconds,
  });
  const middleware: MiddlewareHandler<AppEnv> = async (c, next) => {
    if (c.req.header("origin") !== undefined) return answerOrigin(c, next);
    await next();
    // Said to those who name no origin too: a cache between must not give their answer to a page.
    c.res.headers.append("Vary", "Origin");
  };
  return middleware;
}

/**
 * Deny by default: an operation that does not say who may call it, or a route that is no operation at all, stops the
 * Worker from starting.
 */
function refuseUnguarded(app: OpenAPIHono<AppEnv>): void {
  const guarded = new Set<string>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path } = definition.route;
    invariant("x-permission" in definition.route, `${method} ${path} has no x-permission`);
    guarded.add(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`);
  }
  for (const { method, path } of app.routes)
    invariant(
      (method === "ALL" && middlewarePaths.includes(path)) || guarded.has(`${method} ${path}`),
      `${method} ${path} was not made by operation()`,
    );
}
