import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Group } from "../../src/shared/access.ts";
import type { CompanyId } from "../../src/shared/ids.ts";
import { verdictHeaders } from "../support/verdict-signature.ts";
import { call, callAsFunction, type Answer } from "../support/workerd/api.ts";
import { config, makeCompany, makePerson, type Person } from "../support/workerd/factories.ts";
import { conformanceFaults } from "../support/workerd/openapi-fuzz/conformance.ts";
import {
  allowedGroups,
  isGuarded,
  needsPermission,
  operationsOf,
  tenantGroup,
  type Operation,
} from "../support/workerd/openapi-fuzz/document.ts";
import { canary, canaryNumber } from "../support/workerd/openapi-fuzz/hostile-values.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { hostileRequests, type HostileRequest } from "../support/workerd/openapi-fuzz/requests.ts";
import { pathResources } from "../support/workerd/openapi-fuzz/resources.ts";
import { seededRandom } from "../support/workerd/openapi-fuzz/seeded-random.ts";

const document = await publishedDocument();
const operations = operationsOf(document);
/** VITE_FUZZ_SEED=… runs a failure again. */
const { env: settings } = import.meta as unknown as { readonly env: Readonly<Record<string, string>> };
const seed = Number(settings["VITE_FUZZ_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
/** One request in so many, drawn by the seed: all of them take minutes. CI sets VITE_FUZZ_EVERY=1. */
const every = Number(settings["VITE_FUZZ_EVERY"] ?? 3);
const fuzzTimeoutMs = 120_000;

const securityHeaders: Readonly<Record<string, RegExp>> = {
  "x-request-id": /^[A-Za-z0-9._-]{8,128}$/,
  "strict-transport-security": /max-age=\d{8,}/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^no-referrer$/,
  "content-security-policy": /default-src 'none'/,
  "cache-control": /./,
};

/** Headers that say something of this answer alone: the document tells of each that comes. */
const ownHeaders = [
  "location",
  "preference-applied",
  "etag",
  "accept-ranges",
  "content-range",
  "content-disposition",
] as const;

/** Signing out is counted by the outer fence alone, which says nothing of what is left. */
const isCounted = ({ operationId, responses }: Operation): boolean =>
  operationId !== "logout" &&
  responses["429"]?.content?.["application/problem+json"]?.examples?.["rate_limited"] !== undefined;

/** What is wrong with an answer, in words; empty when the contract holds. */
function faultsOf(operation: Operation, request: HostileRequest, answer: Answer): string[] {
  const { status, headers, body } = answer;
  const found: string[] = [];
  if (status >= 500) found.push("a fault of ours");
  if (request.expected !== undefined && status !== request.expected) found.push(`expected ${request.expected}`);
  const documented = operation.responses[String(status)];
  if (documented === undefined && status !== request.expected && !request.also?.includes(status))
    found.push("a status that is not documented");
  for (const [name, pattern] of Object.entries(securityHeaders))
    if (!pattern.test(headers.get(name) ?? "")) found.push(`header ${name}: ${headers.get(name)}`);
  const told = Object.keys(documented?.headers ?? {}).map((name) => name.toLowerCase());
  for (const name of ownHeaders)
    if (status < 400 && headers.has(name) && !told.includes(name)) found.push(`header ${name} is not documented`);
  if (status < 400 && isCounted(operation) && !/;r=\d+;t=\d+/.test(headers.get("ratelimit") ?? ""))
    found.push("counted, and does not say what is left");
  if (status >= 400) found.push(...problemFaults(operation, answer));
  else if (documented?.content?.["application/json"]?.schema !== undefined)
    found.push(...conformanceFaults(document, documented.content["application/json"].schema, body));
  if (status === 405 && headers.get("allow") === null) found.push("405 without Allow");
  if (status === 401 && !headers.get("www-authenticate")?.startsWith("Bearer"))
    found.push("401 without WWW-Authenticate");
  if (status === 429 && !(Number(headers.get("retry-after")) > 0)) found.push("429 without Retry-After");
  return found;
}

function problemFaults(operation: Operation, { status, headers, body, text }: Answer): string[] {
  if (headers.get("content-type") !== "application/problem+json")
    return [`content type ${headers.get("content-type")}`];
  const found = conformanceFaults(document, document.components.schemas["Problem"]!, body);
  if (body.status !== status) found.push(`says ${body.status}`);
  if (body.request_id !== headers.get("x-request-id")) found.push("another request id than its header");
  const listed = operation.responses[String(status)]?.content?.["application/problem+json"]?.examples;
  if (listed !== undefined && !Object.hasOwn(listed, body.code)) found.push(`the code ${body.code} is not documented`);
  if (status === 422 && !(body.errors?.length > 0)) found.push("422 without errors");
  if (text.includes("does not have the form it must have")) found.push("does not say what form that is");
  // The path is the client's own; everything else is our words.
  const ours = text.replace(JSON.stringify(body.instance), "");
  if (ours.includes(canary) || ours.includes(String(canaryNumber))) found.push("echoes a value");
  return found;
}

const callerGroup = (operation: Operation): Group =>
  allowedGroups(operation).find((group) => group === "Researcher") ?? tenantGroup(operation);

callAsFunction();

describe(`fuzzing every operation, seed ${seed}`, () => {
  let companyId: CompanyId;
  let admin: Person;
  beforeAll(async () => {
    // The first calls to a part are its slowest: fuzzing begins once all of them have answered in time.
    const ready = async () => expect((await call("/health/ready")).status).toBe(200);
    await vi.waitFor(ready, { timeout: 15_000, interval: 250 });
    companyId = await makeCompany();
    // With a Super Admin in place, bootstrap stays closed whatever is sent.
    [admin] = await Promise.all([makePerson({ group: "Admin", companyId }), makePerson({ group: "Super Admin" })]);
  });

  it.each(operations.map((operation) => [operation.title, operation] as const))(
    "%s",
    { timeout: fuzzTimeoutMs },
    async (_title, operation) => {
      const group = callerGroup(operation);
      // One of its own, since the operation may be one that ends the caller's session.
      const caller = await makePerson(group === "Super Admin" ? { group } : { group, companyId });
      const as = needsPermission(operation) ? caller : undefined;
      const resource = pathResources[operation.path];
      const pathParameters = resource === undefined ? {} : await resource.make(admin);
      const credentials: Record<string, string> =
        isGuarded(operation) && !needsPermission(operation) ? { "X-Admin-Secret": config.adminSecret } : {};
      const random = seededRandom(seed);
      const requests = hostileRequests({ document, operation, pathParameters, credentials }, random);
      const failures: string[] = [];
      for (const { label, path, method, headers, raw, ...rest } of requests.filter(() => random.below(every) === 0)) {
        // What a signature is over differs from request to request.
        const isSigned = operation["x-permission"] === "scanner-signature" && typeof raw === "string";
        const answer = await call(path, {
          method,
          headers: { ...(isSigned ? verdictHeaders(config.scanner.secret!, raw) : {}), ...headers },
          ...(raw === undefined ? {} : { raw }),
          ...(as === undefined ? {} : { as }),
        });
        const faults = faultsOf(operation, { label, path, method, headers, ...rest }, answer);
        // Well-formed, since the line to the test runner breaks at half a surrogate pair.
        if (faults.length > 0)
          failures.push(
            `${label} → ${answer.status}: ${faults.join("; ")} ${answer.text.slice(0, 300)}`.toWellFormed(),
          );
      }
      expect(requests.length).toBeGreaterThan(25);
      expect(failures).toEqual([]);
    },
  );
});
