import { resolved, type OpenApiDocument, type Schema } from "./document.ts";

const maxFaults = 10;

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
  email: /^[^@\s]+@[^@\s]+$/,
};

/** Where and why `value` does not fit `schema`, as `path: reason`; empty when it fits. At most ten. */
export function conformanceFaults(document: OpenApiDocument, schema: Schema, value: unknown, path = "$"): string[] {
  return [...faults(document, schema, value, path)].slice(0, maxFaults);
}

function* faults(document: OpenApiDocument, given: Schema, value: unknown, path: string): Generator<string> {
  const schema = resolved(document, given);
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value))) {
    yield `${path}: expected ${types.join(" or ")}, found ${nameOf(value)}`;
    return;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) yield `${path}: not one of the enum`;
  if ("const" in schema && schema.const !== value) yield `${path}: not the constant`;
  yield* alternativeFaults(document, schema, value, path);
  if (typeof value === "string") yield* stringFaults(schema, value, path);
  else if (typeof value === "number") yield* numberFaults(schema, value, path);
  else if (Array.isArray(value)) yield* arrayFaults(document, schema, value, path);
  else if (typeof value === "object" && value !== null)
    yield* objectFaults(document, schema, value as Record<string, unknown>, path);
}

function* alternativeFaults(
  document: OpenApiDocument,
  schema: Schema,
  value: unknown,
  path: string,
): Generator<string> {
  for (const part of schema.allOf ?? []) yield* faults(document, part, value, path);
  for (const [keyword, parts] of [
    ["anyOf", schema.anyOf],
    ["oneOf", schema.oneOf],
  ] as const) {
    if (parts === undefined) continue;
    const fitting = parts.filter((part) => conformanceFaults(document, part, value, path).length === 0).length;
    if (fitting === 0 || (keyword === "oneOf" && fitting > 1)) yield `${path}: fits ${fitting} of ${keyword}`;
  }
}

function* stringFaults(schema: Schema, value: string, path: string): Generator<string> {
  // JSON Schema counts code points, as zod does.
  const { length } = [...value];
  if (length < (schema.minLength ?? 0)) yield `${path}: shorter than ${schema.minLength}`;
  if (length > (schema.maxLength ?? Infinity)) yield `${path}: longer than ${schema.maxLength}`;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value))
    yield `${path}: does not match ${schema.pattern}`;
  const format = formats[schema.format ?? ""];
  if (format !== undefined && !format.test(value)) yield `${path}: is no ${schema.format}`;
}

function* numberFaults(schema: Schema, value: number, path: string): Generator<string> {
  if (value < (schema.minimum ?? -Infinity)) yield `${path}: below ${schema.minimum}`;
  if (value > (schema.maximum ?? Infinity)) yield `${path}: above ${schema.maximum}`;
  if (value <= (schema.exclusiveMinimum ?? -Infinity)) yield `${path}: not above ${schema.exclusiveMinimum}`;
  if (value >= (schema.exclusiveMaximum ?? Infinity)) yield `${path}: not below ${schema.exclusiveMaximum}`;
}

function* arrayFaults(
  document: OpenApiDocument,
  schema: Schema,
  value: readonly unknown[],
  path: string,
): Generator<string> {
  if (value.length < (schema.minItems ?? 0)) yield `${path}: fewer than ${schema.minItems} items`;
  if (value.length > (schema.maxItems ?? Infinity)) yield `${path}: more than ${schema.maxItems} items`;
  if (schema.items !== undefined)
    for (const [index, item] of value.entries()) yield* faults(document, schema.items, item, `${path}[${index}]`);
}

function* objectFaults(
  document: OpenApiDocument,
  schema: Schema,
  value: Record<string, unknown>,
  path: string,
): Generator<string> {
  const properties = schema.properties ?? {};
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) yield `${path}: lacks ${name}`;
  for (const [name, inner] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) yield* faults(document, known, inner, `${path}.${name}`);
    else if (typeof schema.additionalProperties === "object")
      yield* faults(document, schema.additionalProperties, inner, `${path}.${name}`);
    // An answer with a field the document does not tell of is a document that is out of date.
    else if (schema.additionalProperties === false || schema.properties !== undefined)
      yield `${path}: has the unknown field ${name}`;
  }
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

const nameOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
