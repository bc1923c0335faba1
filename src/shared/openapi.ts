import { createRoute, z, type RouteConfig } from "@hono/zod-openapi";
import type { FieldError } from "./errors.ts";
import { requireAccess, type Access } from "./http.ts";
import { guardJsonBody } from "./json-body.ts";
import { problemDetails, problemMembers } from "./problem-examples.ts";
import { problemCodes, problems, type ProblemCode, type ProblemStatus } from "./problems.ts";

/** Bodies of most operations are a few fields; those that need more say so. */
const defaultMaxBodyBytes = 64 * 1024;

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:etter:problem:validation_failed" }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().openapi({ description: "What happened here, and what to do next." }),
    instance: z.string().openapi({ description: "The path of the request, without what is secret in it." }),
    code: z.enum(problemCodes as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    missing: z
      .array(z.number().int())
      .optional()
      .openapi({ description: "With `upload_incomplete`: numbers of parts." }),
    wrong: z.array(z.number().int()).optional().openapi({ description: "With `upload_incomplete`: numbers of parts." }),
    parts: z
      .record(z.string(), z.enum(["up", "down"]))
      .optional()
      .openapi({ description: "With `unavailable` of `/health/ready`: which parts are up or down." }),
    reason: z.string().nullable().optional().openapi({ description: "With `document_quarantined`: why." }),
    estimate: z
      .object({ work_units: z.number(), cpu_seconds: z.number(), cost_usd: z.number(), wall_seconds: z.number() })
      .optional()
      .openapi({ description: "With `over_budget`, of a run or a sweep: what it would have taken." }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

/** A name, not an address: it stays the same wherever Etter runs. */
export const problemType = (code: ProblemCode): string => `urn:etter:problem:${code}`;

/** Problems that any operation can answer with; the rest is named by each. */
const everywhere: readonly ProblemCode[] = ["internal", "unavailable"];

interface OperationDetails {
  readonly operationId: string;
  readonly tags: string[];
  readonly summary: string;
  readonly access: Access;
  /** `all-companies`: a Super Admin reaches every company by it; `self`: everybody what is theirs alone. Otherwise their own company. */
  readonly reach?: "self" | "own-company" | "all-companies";
  /** Codes beyond those that follow from access and body. */
  readonly problems?: readonly ProblemCode[];
  readonly maxBodyBytes?: number;
}

/** A JSON body that must be there. */
export const jsonBody = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { "application/json": { schema } } }) as const;

/** A JSON body that may be left out. */
export const optionalJsonBody = <T extends z.ZodType>(schema: T) =>
  ({ required: false, content: { "application/json": { schema } } }) as const;

export const jsonContent = <T extends z.ZodType>(schema: T, description: string) =>
  ({ description, content: { "application/json": { schema } } }) as const;

/** Headers of an answer, each with what it says; those whose name ends in `?` come now and then. */
export const headersOf = (told: Readonly<Record<string, string>>) =>
  z.object(
    Object.fromEntries(
      Object.entries(told).map(([name, description]) => {
        const header = z.string().openapi({ description });
        return name.endsWith("?") ? [name.slice(0, -1), header.optional()] : [name, header];
      }),
    ),
  );

/**
 * The only way to define a route: it cannot be had without saying who may call it. Puts the guard in front of the
 * validators, and permission, security and every problem into the OpenAPI document.
 */
export function operation<const R extends RouteConfig>(route: R & OperationDetails): R {
  const { access, reach = "own-company", problems: named = [], maxBodyBytes = defaultMaxBodyBytes, ...config } = route;
  const hasBody = config.request?.body !== undefined;
  const hasInput = hasBody || config.request?.query !== undefined || config.request?.params !== undefined;
  const codes = new Set<ProblemCode>([...named, ...everywhere]);
  if (access !== "open") codes.add("unauthorized");
  if (isPermission(access)) codes.add("forbidden");
  if (hasBody)
    for (const code of ["malformed_json", "payload_too_large", "unsupported_media_type"] as const) codes.add(code);
  if (hasInput) codes.add("validation_failed");
  const guards = hasBody ? [guardJsonBody(maxBodyBytes, config.request?.body?.required)] : [];
  const complete = {
    ...config,
    "x-permission": access,
    ...(isPermission(access) ? { "x-reach": reach } : {}),
    security: securityOf(access),
    // A signature over the body is looked at once the body is known to be small.
    middleware:
      access === "scanner-signature" ? [...guards, requireAccess(access)] : [requireAccess(access), ...guards],
    responses: { ...problemResponses(codes, fieldOf(config.request)), ...config.responses },
  };
  return createRoute(complete as unknown as RouteConfig) as unknown as R;
}

const isPermission = (access: Access): boolean =>
  access !== "open" && access !== "admin-secret" && access !== "scanner-signature";

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === "open") return [];
  if (access === "admin-secret") return [{ adminSecret: [] }];
  return access === "scanner-signature" ? [{ scannerSignature: [] }] : [{ bearer: [] }];
}

/** A field of what the operation takes, and what may be wrong with it. */
function fieldOf(request: RouteConfig["request"]): FieldError {
  const nameIn = (schema: unknown): string | undefined =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape)[0] : undefined;
  const body = request?.body?.content["application/json"];
  const inBody = body && "schema" in body ? nameIn(body.schema) : undefined;
  if (inBody !== undefined) return { path: inBody, message: "is missing" };
  return {
    path: nameIn(request?.params) ?? nameIn(request?.query) ?? "body",
    message: "does not have the form it must have",
  };
}

/** Headers that come with every problem of a status. */
const problemHeaders: Readonly<Partial<Record<ProblemStatus, { readonly headers: z.ZodObject }>>> = {
  401: { headers: headersOf({ "WWW-Authenticate": "`Bearer`." }) },
  415: { headers: headersOf({ "Accept-Encoding?": "`identity`, where the body came with a Content-Encoding." }) },
  416: { headers: headersOf({ "Content-Range": "How many bytes there are." }) },
  429: { headers: headersOf({ "Retry-After": "Seconds." }) },
  503: { headers: headersOf({ "Retry-After": "Seconds." }) },
};

function problemResponses(codes: ReadonlySet<ProblemCode>, field: FieldError): RouteConfig["responses"] {
  const byStatus = new Map<ProblemStatus, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, listed]) => [
      String(status),
      {
        description: listed.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
        ...problemHeaders[status],
        content: {
          "application/problem+json": {
            schema: problemSchema,
            examples: Object.fromEntries(listed.map((code) => [code, { value: exampleOf(code, field) }])),
          },
        },
      },
    ]),
  );
}

const exampleOf = (code: ProblemCode, field: FieldError) => ({
  type: problemType(code),
  title: problems[code].title,
  status: problems[code].status,
  detail: problemDetails[code],
  instance: "/api/etter/…",
  code,
  request_id: "0b6f7a0e-3f0a-4a8e-9d5c-2f5b1a7e9c11",
  ...problemMembers(code, field),
});
