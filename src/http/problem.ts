import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { AppError } from "../shared/errors.ts";
import type { RequestEnv } from "../shared/http.ts";
import { problemType } from "../shared/openapi.ts";
import { problems, type ProblemCode } from "../shared/problems.ts";

/** Of addresses that carry their own permission: a problem is shown and passed on where they must not be. */
const secretSegment = /^(\/api\/etter\/s3\/(?:uppy|content)\/)[^/]+/;

/** Writes any error as RFC 9457. What is not a refusal of ours becomes a 500 with constant text. */
export function problemResponse(c: Context<RequestEnv>, error: unknown): Response {
  const refusal = asRefusal(error);
  const { status, title } = problems[refusal.code];
  const headers = new Headers(refusal.headers);
  headers.set("Content-Type", "application/problem+json");
  if (refusal.retryAfterSeconds !== undefined) headers.set("Retry-After", String(refusal.retryAfterSeconds));
  if (status === 401) headers.set("WWW-Authenticate", 'Bearer realm="etter"');
  const body = {
    type: problemType(refusal.code),
    title,
    status,
    detail: refusal.detail,
    instance: c.req.path.replace(secretSegment, "$1:token"),
    code: refusal.code,
    request_id: c.var.origin.requestId,
    ...refusal.extensions,
    ...(refusal.errors ? { errors: refusal.errors } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

/** The refusal a client sees for an error; `internal` for whatever is not one of ours. */
export function asRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException) return fromFramework(error);
  return new AppError("internal", "Something went wrong on our side. If it happens again, tell us the request_id.");
}

/** What Hono and its validators throw by themselves. */
function fromFramework({ status }: HTTPException): AppError {
  const known: Partial<Record<number, [ProblemCode, string]>> = {
    400: ["malformed_json", "The body could not be read as JSON. Check its syntax and that it is UTF-8."],
    404: ["not_found", "There is nothing at this address."],
    413: ["payload_too_large", "The body is too large."],
    415: ["unsupported_media_type", "Send the body as JSON with the header Content-Type: application/json."],
  };
  const [code, detail] = known[status] ?? ["internal", "Something went wrong on our side."];
  return new AppError(code, detail);
}
