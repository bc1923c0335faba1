import { describe, expect, it } from "vitest";
import { conformanceFaults } from "../../support/workerd/openapi-fuzz/conformance.ts";
import type { OpenApiDocument, Schema } from "../../support/workerd/openapi-fuzz/document.ts";
import { structureFaults } from "../../support/workerd/openapi-fuzz/structure.ts";

const document: OpenApiDocument = {
  openapi: "3.1.0",
  info: { title: "A test", version: "1" },
  tags: [{ name: "Things" }],
  paths: {
    "/things/{id}": {
      get: {
        operationId: "getThing",
        tags: ["Things"],
        security: [{ bearer: [] }],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: {
          "200": {
            description: "It.",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    schemas: {
      Thing: {
        type: "object",
        properties: { id: { type: "string", format: "uuid" }, size: { type: ["integer", "null"], minimum: 1 } },
        required: ["id"],
      },
    },
  },
};
const faults = (schema: Schema, value: unknown): string[] => conformanceFaults(document, schema, value);
const id = "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10";

describe("conformance", () => {
  it("finds nothing in what fits", () => {
    expect(faults({ $ref: "#/components/schemas/Thing" }, { id, size: null })).toEqual([]);
    expect(faults({ type: "array", items: { type: "number", exclusiveMinimum: 0 }, minItems: 1 }, [1, 2.5])).toEqual(
      [],
    );
    expect(faults({ type: "object", additionalProperties: { type: "number" } }, { a: 1 })).toEqual([]);
    expect(faults({ anyOf: [{ type: "string" }, { type: "null" }] }, null)).toEqual([]);
    expect(faults({}, { anything: [1] })).toEqual([]);
  });

  it.each<[string, Schema, unknown, string]>([
    ["a wrong type", { type: "string" }, 1, "$: expected string, found number"],
    ["null", { type: "object" }, null, "$: expected object, found null"],
    ["an array for an object", { type: "object" }, [], "$: expected object, found array"],
    ["a fraction for a whole number", { type: "integer" }, 1.5, "$: expected integer, found number"],
    ["a missing field", { $ref: "#/components/schemas/Thing" }, {}, "$: lacks id"],
    ["an unknown field", { $ref: "#/components/schemas/Thing" }, { id, colour: 1 }, "$: has the unknown field colour"],
    [
      "a field of a prototype",
      { $ref: "#/components/schemas/Thing" },
      { id, constructor: 1 },
      "$: has the unknown field constructor",
    ],
    ["a wrong format", { $ref: "#/components/schemas/Thing" }, { id: "x" }, "$.id: is no uuid"],
    ["a value below", { type: "number", exclusiveMinimum: 0 }, 0, "$: not above 0"],
    ["a value above", { type: "number", maximum: 1 }, 2, "$: above 1"],
    ["none of an enum", { type: "string", enum: ["a"] }, "b", "$: not one of the enum"],
    ["a text too long", { type: "string", maxLength: 1 }, "ab", "$: longer than 1"],
    ["a text of another pattern", { type: "string", pattern: "^a$" }, "b", "$: does not match ^a$"],
    ["an item", { type: "array", items: { type: "null" } }, [null, 0], "$[1]: expected null, found number"],
    [
      "a value of a record",
      { type: "object", additionalProperties: { type: "number" } },
      { a: "1" },
      "$.a: expected number, found string",
    ],
    ["no alternative", { oneOf: [{ type: "string" }, { type: "null" }] }, 1, "$: fits 0 of oneOf"],
    ["two alternatives of one", { oneOf: [{ type: "number" }, { type: "integer" }] }, 1, "$: fits 2 of oneOf"],
  ])("finds %s", (_what, schema, value, fault) => {
    expect(faults(schema, value)).toEqual([fault]);
  });

  it("says at most ten things", () => {
    expect(
      faults(
        { type: "array", items: { type: "null" } },
        Array.from({ length: 50 }, () => 0),
      ),
    ).toHaveLength(10);
  });
});

describe("structure", () => {
  const broken = (edit: (copy: never) => unknown): string[] => {
    const copy = structuredClone(document);
    edit(copy as never);
    return structureFaults(copy);
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- reaches into a document to break it
  const operationOf = (copy: any) => copy.paths["/things/{id}"].get;

  it("finds nothing in a good document", () => {
    expect(structureFaults(document)).toEqual([]);
  });

  it.each<[string, (copy: never) => unknown, RegExp]>([
    ["another version", (copy) => Object.assign(copy, { openapi: "3.0.3" }), /openapi is 3\.0\.3/],
    [
      "a parameter that is not declared",
      (copy) => Object.assign(operationOf(copy), { parameters: [] }),
      /path and parameters differ/,
    ],
    [
      "a path parameter that may be left out",
      (copy) => delete operationOf(copy).parameters[0].required,
      /id must be required/,
    ],
    [
      "a reference to nothing",
      (copy) => Object.assign(operationOf(copy).parameters[0], { schema: { $ref: "#/components/schemas/None" } }),
      /None does not exist/,
    ],
    [
      "a keyword of 3.0",
      (copy) => Object.assign(operationOf(copy).parameters[0].schema, { nullable: true }),
      /nullable is of OpenAPI 3\.0/,
    ],
    [
      "a bound of 3.0",
      (copy) => Object.assign(operationOf(copy).parameters[0].schema, { exclusiveMinimum: true }),
      /exclusiveMinimum is no number/,
    ],
    [
      "an unknown type",
      (copy) => Object.assign(operationOf(copy).parameters[0].schema, { type: "uuid" }),
      /"uuid" is no type/,
    ],
    [
      "a tag nobody describes",
      (copy) => Object.assign(operationOf(copy), { tags: ["Ghosts"] }),
      /Ghosts is not described/,
    ],
    [
      "an unknown security scheme",
      (copy) => Object.assign(operationOf(copy), { security: [{ cookie: [] }] }),
      /no security scheme cookie/,
    ],
    [
      "no success",
      (copy) => Object.assign(operationOf(copy), { responses: { "404": { description: "None." } } }),
      /no success/,
    ],
    [
      "an operationId twice",
      (copy) =>
        Object.assign((copy as { paths: object }).paths, {
          "/others": { get: { ...operationOf(copy), parameters: [] } },
        }),
      /operationId is used twice/,
    ],
  ])("finds %s", (_what, edit, fault) => {
    expect(broken(edit).join("\n")).toMatch(fault);
  });
});
