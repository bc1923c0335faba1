import { resolved, type OpenApiDocument, type Schema } from "./document.ts";
import { canary, hostileValues, RawJson } from "./hostile-values.ts";
import { smallest } from "./samples.ts";

export interface HostileBody {
  readonly label: string;
  readonly text: string;
  /** What a database refuses to store: worth trying in every field, every time. */
  readonly unstorable: boolean;
}

type Path = readonly (string | number)[];

/** A spot in a body, with a body that reaches it. */
interface Place {
  readonly path: Path;
  readonly schema: Schema;
  readonly required: boolean;
  readonly host: unknown;
}

const strangeKeys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "not_a_field",
  "a.b[0]",
  "naïve ключ 🔑",
  "lone \u{d800}",
  "nul \0",
  "k".repeat(3_000),
];

/** Bodies that are JSON and differ from a good one in one spot: a value, a missing field, a strange field. */
export function hostileBodies(document: OpenApiDocument, schema: Schema): HostileBody[] {
  const sample = smallest(document, schema);
  const bodies: HostileBody[] = [];
  const add = (label: string, body: unknown, unstorable = false): void =>
    void bodies.push({ label, text: toJson(body), unstorable });
  for (const { path, schema: at, required, host } of placesIn(document, schema, sample, [], sample, true)) {
    const where = path.length === 0 ? "body" : path.join(".");
    for (const [index, value] of hostileValues(document, at).entries())
      add(`${where} = value ${index}`, withValue(host, path, value), at.type === "string" && isUnstorable(value));
    if (required && path.length > 0) add(`${where} missing`, withoutValue(host, path));
    if (isObject(at)) {
      for (const key of strangeKeys)
        add(`${where} + ${JSON.stringify(key).slice(0, 20)}`, withField(host, path, key, canary));
      add(`${where} + 1,000 fields`, withFields(host, path, 1_000));
    }
  }
  return bodies;
}

function* placesIn(
  document: OpenApiDocument,
  given: Schema,
  value: unknown,
  path: Path,
  host: unknown,
  required: boolean,
): Generator<Place> {
  const schema = resolved(document, given);
  yield { path, schema, required, host };
  if (schema.items !== undefined && !(Array.isArray(value) && value.length > 0)) {
    const item = smallest(document, schema.items);
    yield* placesIn(document, schema.items, item, [...path, 0], withValue(host, path, [item]), false);
  } else if (schema.items !== undefined)
    yield* placesIn(document, schema.items, (value as unknown[])[0], [...path, 0], host, false);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) ?? false;
    const there = (value as Record<string, unknown>)[name] ?? smallest(document, withExample(inner));
    const next = [...path, name];
    yield* placesIn(document, inner, there, next, isRequired ? host : withValue(host, next, there), isRequired);
  }
}

/** An optional string with a pattern is left to its hostile values: no sample of it is needed to reach it. */
const withExample = (schema: Schema): Schema =>
  schema.pattern !== undefined && schema.example === undefined ? { ...schema, example: "ABC" } : schema;

const isUnstorable = (value: unknown): boolean =>
  typeof value === "string" && (value.includes("\0") || !value.isWellFormed());

const isObject = (schema: Schema): boolean => schema.type === "object" || schema.properties !== undefined;

function edited(
  body: unknown,
  path: Path,
  edit: (parent: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  const root = structuredClone({ body });
  let parent = root as unknown as Record<string | number, unknown>;
  let key: string | number = "body";
  for (const step of path) {
    parent = parent[key] as Record<string | number, unknown>;
    key = step;
  }
  edit(parent, key);
  return root.body;
}

const withValue = (body: unknown, path: Path, value: unknown): unknown =>
  edited(body, path, (parent, key) => {
    parent[key] = value;
  });

const withoutValue = (body: unknown, path: Path): unknown =>
  edited(body, path, (parent, key) => {
    delete parent[key];
  });

/** defineProperty, because `__proto__` must become a field like any other. */
const withField = (body: unknown, path: Path, name: string, value: unknown): unknown =>
  edited(body, path, (parent, key) => {
    Object.defineProperty(parent[key], name, { value, enumerable: true, configurable: true, writable: true });
  });

const withFields = (body: unknown, path: Path, count: number): unknown =>
  edited(body, path, (parent, key) => {
    Object.assign(
      parent[key] as object,
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`extra_${index}`, canary])),
    );
  });

function toJson(body: unknown): string {
  const tokens: string[] = [];
  const text = JSON.stringify(body, (_key, value: unknown) => {
    if (Object.is(value, -0)) return placeholder(tokens.push("-0") - 1);
    return value instanceof RawJson ? placeholder(tokens.push(value.token) - 1) : value;
  });
  return tokens.reduce((written, token, index) => written.replace(`"${placeholder(index)}"`, token), text);
}

const placeholder = (index: number): string => `@@raw ${index}@@`;
