import { OpenAPIHono } from "@hono/zod-openapi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { permissions, type Permission } from "../../src/shared/access.ts";
import { problemCodes, problems, type ProblemCode } from "../../src/shared/problems.ts";
import { conformanceFaults } from "../support/workerd/openapi-fuzz/conformance.ts";
import { operationsOf, resolved, type MediaType, type Operation } from "../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../support/workerd/openapi-fuzz/published-document.ts";
import { exampleOf } from "../support/workerd/openapi-fuzz/samples.ts";
import { structureFaults } from "../support/workerd/openapi-fuzz/structure.ts";

const document = await publishedDocument();
const operations = operationsOf(document);
const titled = operations.map((operation) => [operation.title, operation] as const);

/** Codes an operation must list because of who may call it and what it takes. */
function impliedProblems({ "x-permission": access, method, requestBody, parameters }: Operation): ProblemCode[] {
  const codes: ProblemCode[] = ["internal"];
  if (access !== "open") codes.push("unauthorized");
  if (permissions.includes(access as Permission)) codes.push("forbidden");
  if (requestBody !== undefined)
    codes.push("malformed_json", "payload_too_large", "unsupported_media_type", "validation_failed");
  if (parameters.length > 0) codes.push("validation_failed");
  // A PUT makes what is not there.
  if (method.toLowerCase() !== "put" && parameters.some((parameter) => parameter.in === "path"))
    codes.push("not_found");
  return codes;
}

function listedProblems({ responses }: Operation): [status: number, code: string][] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.keys(content?.["application/problem+json"]?.examples ?? {}).map((code): [number, string] => [
      Number(status),
      code,
    ]),
  );
}

function expectedSecurity(access: string | undefined): unknown {
  if (access === "open") return [];
  if (access === "scanner-signature") return [{ scannerSignature: [] }];
  return access === "admin-secret" ? [{ adminSecret: [] }] : [{ bearer: [] }];
}

function exampleFaults(where: string, media: MediaType): string[] {
  const example = exampleOf(document, media);
  if (example === undefined) return [`${where} has no example`];
  return conformanceFaults(document, media.schema ?? {}, example, where);
}

describe("the OpenAPI document", () => {
  it("is a well-formed OpenAPI 3.1 document", () => {
    expect(structureFaults(document)).toEqual([]);
  });

  it("lists exactly the closed list of problem codes", () => {
    expect(document.components.schemas["Problem"]?.properties?.["code"]?.enum).toEqual(problemCodes);
  });

  it("says which group has which permission", () => {
    for (const permission of permissions) expect(document.info.description).toContain(`| \`${permission}\` |`);
  });

  it.each(titled)("%s says what it is and who may call it", (_title, operation) => {
    const access = operation["x-permission"];
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary?.length).toBeGreaterThan(5);
    expect(operation.tags).toHaveLength(1);
    expect(["open", "admin-secret", "scanner-signature", ...permissions]).toContain(access);
    expect(operation.security).toEqual(expectedSecurity(access));
  });

  it.each(titled)(
    "%s shows an example of what it takes and gives, and the examples fit the schemas",
    (_title, operation) => {
      const media = [
        ...Object.entries(operation.requestBody?.content ?? {}).map(
          ([type, body]) => [`request ${type}`, body] as const,
        ),
        ...Object.entries(operation.responses).flatMap(([status, { content }]) =>
          Object.entries(content ?? {}).map(([type, body]) => [`${status} ${type}`, body] as const),
        ),
      ];
      expect(media.length).toBeGreaterThan(0);
      expect(media.flatMap(([where, body]) => exampleFaults(where, body))).toEqual([]);
    },
  );

  it("leaves no member of an answer without a type", () => {
    const untyped = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).flatMap(([member, schema]) => {
        const { type, $ref, anyOf, allOf, enum: values } = schema;
        return [type, $ref, anyOf, allOf, values].every((given) => given === undefined) ? [`${name}.${member}`] : [];
      }),
    );
    expect(untyped).toEqual([]);
  });

  it.each(titled)(
    "%s lists every problem that follows from its access and its input, each under its status",
    (_title, operation) => {
      const listed = listedProblems(operation);
      expect(listed.map(([, code]) => code)).toEqual(expect.arrayContaining(impliedProblems(operation)));
      for (const [status, code] of listed) expect(problems[code as ProblemCode]?.status, code).toBe(status);
    },
  );

  it.each(titled)("%s says when to come back, and how to sign in", (_title, { responses }) => {
    const told = (status: string) => Object.keys(responses[status]?.headers ?? {});
    for (const status of ["429", "503"].filter((one) => responses[one] !== undefined))
      expect([status, told(status)]).toEqual([status, ["Retry-After"]]);
    if (responses["401"] !== undefined) expect(told("401")).toEqual(["WWW-Authenticate"]);
    if (responses["416"] !== undefined) expect(told("416")).toEqual(["Content-Range"]);
  });

  it.each(titled)(
    "%s shows of each problem what it says, and what to do next",
    (_title, { responses, parameters, requestBody }) => {
      const examples = Object.values(responses).flatMap(({ content }) =>
        Object.entries(content?.["application/problem+json"]?.examples ?? {}),
      );
      const fields = [
        ...parameters.map(({ name }) => name),
        ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
          Object.keys((schema && resolved(document, schema).properties) ?? {}),
        ),
      ];
      for (const [code, { value }] of examples) {
        const { detail, errors } = value as { detail: string; errors?: { path: string }[] };
        expect(detail, code).toMatch(/^.{15,}\.$/);
        expect(detail, code).not.toBe(problems[code as ProblemCode].title);
        if (code === "validation_failed") for (const { path } of errors!) expect([...fields, "body"]).toContain(path);
      }
    },
  );

  it.each(titled)(
    "%s takes bodies that must be there and know their fields",
    (_title, { requestBody, operationId }) => {
      if (requestBody === undefined) return;
      const mayBeLeftOut = ["completeUpload", "logout", "releaseLegalHold"];
      expect(requestBody.required ?? false).toBe(!mayBeLeftOut.includes(operationId ?? ""));
      expect(Object.keys(requestBody.content)).toEqual(["application/json"]);
    },
  );
});

describe("an operation that does not say who may call it", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Adds a route beside those of the features, when the first of these is mounted. */
  function beside(add: (app: OpenAPIHono) => void): void {
    const mount = OpenAPIHono.prototype.route;
    vi.spyOn(OpenAPIHono.prototype, "route").mockImplementationOnce(function (
      this: OpenAPIHono,
      ...mounted: unknown[]
    ) {
      add(this);
      return Reflect.apply(mount, this, mounted) as OpenAPIHono;
    } as never);
  }

  it("stops the app from being built", () => {
    beside((app) => app.openAPIRegistry.registerPath({ method: "get", path: "/back-door", responses: {} }));
    expect(() => createApp()).toThrow("get /back-door has no x-permission");
  });

  it("cannot hide from the document either", () => {
    beside((app) => app.get("/back-door", (c) => c.text("come in")));
    expect(() => createApp()).toThrow("GET /back-door was not made by operation()");
  });

  it("and without one the app is built", () => {
    beside(() => undefined);
    expect(() => createApp()).not.toThrow();
  });
});
