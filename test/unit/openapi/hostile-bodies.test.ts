import { describe, expect, it } from "vitest";
import { hostileBodies } from "../../support/workerd/openapi-fuzz/bodies.ts";
import { conformanceFaults } from "../../support/workerd/openapi-fuzz/conformance.ts";
import type { OpenApiDocument, Schema } from "../../support/workerd/openapi-fuzz/document.ts";
import { smallest } from "../../support/workerd/openapi-fuzz/samples.ts";
import { seededRandom } from "../../support/workerd/openapi-fuzz/seeded-random.ts";

const empty = {
  openapi: "3.1.0",
  info: {},
  paths: {},
  components: { schemas: {}, securitySchemes: {} },
} satisfies OpenApiDocument;
const schema: Schema = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 2, maxLength: 10 },
    share: { type: "number", exclusiveMinimum: 0, maximum: 1 },
    kind: { type: "string", enum: ["a", "b"] },
    code: { type: "string", pattern: "^[A-Z]{3}$" },
    parts: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: { count: { type: "integer", minimum: 3 } },
        required: ["count"],
        additionalProperties: false,
      },
    },
  },
  required: ["name", "share", "parts"],
  additionalProperties: false,
};

describe("the smallest body", () => {
  it("fits its schema and has what is required only", () => {
    const body = smallest(empty, schema);
    expect(body).toEqual({ name: "xx", share: 1, parts: [{ count: 3 }] });
    expect(conformanceFaults(empty, schema, body)).toEqual([]);
  });
});

describe("hostile bodies", () => {
  const bodies = hostileBodies(empty, schema);
  const texts = bodies.map(({ text }) => text);

  it("are JSON, all of them, and mostly do not fit", () => {
    const faulty = texts.filter((text) => conformanceFaults(empty, schema, JSON.parse(text)).length > 0);
    expect(faulty.length).toBeGreaterThan(texts.length * 0.8);
  });

  it("reach every field, those inside lists and optional ones too", () => {
    for (const spot of ["body", "name", "share", "kind", "code", "parts", "parts.0", "parts.0.count"])
      expect(bodies.filter(({ label }) => label.startsWith(`${spot} = `)).length, spot).toBeGreaterThan(30);
  });

  it("leave each required field out once", () => {
    const missing = bodies.filter(({ label }) => label.endsWith("missing")).map(({ label }) => label);
    expect(missing.toSorted()).toEqual(["name missing", "parts missing", "parts.0.count missing", "share missing"]);
  });

  it("hold what JSON.stringify would not write: prototype keys, numbers beyond all bounds, minus zero", () => {
    expect(texts).toContain('{"name":"xx","share":1e999,"parts":[{"count":3}]}');
    expect(texts).toContain('{"name":"xx","share":-0,"parts":[{"count":3}]}');
    expect(texts.some((text) => text.includes('"__proto__":'))).toBe(true);
    expect(texts.some((text) => text.includes("\\ud800"))).toBe(true);
    expect(texts.some((text) => text.includes("\\u0000"))).toBe(true);
    expect(texts.join("\n")).not.toContain("@@raw");
  });
});

describe("the seeded generator", () => {
  it("gives the same order for the same seed and another for another", () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    const [first, again, other] = [7, 7, 8].map((seed) => seededRandom(seed).shuffled(values));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first?.toSorted((a, b) => a - b)).toEqual(values);
  });

  it("stays below its bound and reaches everything", () => {
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.below(7)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
