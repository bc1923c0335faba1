import { operationsOf, type OpenApiDocument, type Operation } from "./document.ts";

const methods = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);
const types = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);

/** Keywords of OpenAPI 3.0 that mean nothing, or something else, in 3.1. */
const goneKeywords = ["nullable"];

/** What makes a document no OpenAPI 3.1: the rules of the specification that a generator can break. */
export function structureFaults(document: OpenApiDocument): string[] {
  return [
    ...documentFaults(document),
    ...operationsOf(document).flatMap((operation) => [...operationFaults(document, operation)]),
    ...schemaFaults(document, document, "#"),
  ];
}

function* documentFaults(document: OpenApiDocument): Generator<string> {
  if (!/^3\.1\.\d+$/.test(document.openapi)) yield `openapi is ${document.openapi}`;
  if (!document.info.title || !document.info.version) yield "info lacks title or version";
  for (const path of Object.keys(document.paths)) if (!path.startsWith("/")) yield `${path} does not start with /`;
  for (const name of Object.keys(document.components.schemas))
    if (!/^[\w.-]+$/.test(name)) yield `${name} is no component name`;
  const shapes = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, "{}"));
  if (new Set(shapes).size < shapes.length) yield "two paths differ only in the names of their parameters";
  const ids = operationsOf(document).map(({ operationId }) => operationId);
  if (new Set(ids).size < ids.length) yield "an operationId is used twice";
}

function* operationFaults(document: OpenApiDocument, operation: Operation): Generator<string> {
  const { title, path, method, parameters, responses, tags, security, requestBody } = operation;
  if (!methods.has(method)) yield `${title}: no method`;
  const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const declared = parameters.filter((parameter) => parameter.in === "path");
  if (templated.length !== declared.length || declared.some(({ name }) => !templated.includes(name)))
    yield `${title}: path and parameters differ`;
  for (const { name, required } of declared) if (required !== true) yield `${title}: ${name} must be required`;
  for (const { name, in: place, schema } of parameters) {
    if (!["query", "path", "header", "cookie"].includes(place)) yield `${title}: ${name} is in ${place}`;
    if (typeof schema !== "object") yield `${title}: ${name} has no schema`;
    if (place === "header" && ["accept", "content-type", "authorization"].includes(name.toLowerCase()))
      yield `${title}: ${name} may not be a parameter`;
  }
  const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
  if (new Set(names).size < names.length) yield `${title}: a parameter is declared twice`;
  if (Object.keys(responses).length === 0) yield `${title}: no responses`;
  if (!Object.keys(responses).some((status) => /^[23]\d\d$/.test(status))) yield `${title}: no success`;
  for (const [status, response] of Object.entries(responses)) {
    if (!/^([1-5]\d\d|default)$/.test(status)) yield `${title}: ${status} is no status`;
    if (typeof response.description !== "string" || response.description === "")
      yield `${title}: ${status} has no description`;
  }
  // A DELETE may have one for clients that like to, but must work without: HTTP gives it no meaning, and some drop it.
  const meaningless = ["GET", "HEAD"].includes(method) || (method === "DELETE" && requestBody?.required === true);
  if (requestBody !== undefined && meaningless) yield `${title}: a body where none means anything`;
  for (const tag of tags ?? [])
    if (!document.tags?.some(({ name }) => name === tag)) yield `${title}: the tag ${tag} is not described`;
  for (const scheme of (security ?? []).flatMap((requirement) => Object.keys(requirement)))
    if (!Object.hasOwn(document.components.securitySchemes, scheme)) yield `${title}: no security scheme ${scheme}`;
}

/** Walks everything that is not an example: references resolve, types exist, bounds are numbers. */
function* schemaFaults(document: OpenApiDocument, node: unknown, at: string): Generator<string> {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) yield* schemaFaults(document, item, `${at}/${index}`);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const schema = node as Record<string, unknown>;
  const { $ref } = schema;
  if (typeof $ref === "string" && !refersToSomething(document, $ref)) yield `${at}: ${$ref} does not exist`;
  for (const keyword of goneKeywords) if (keyword in schema) yield `${at}: ${keyword} is of OpenAPI 3.0`;
  if (!at.endsWith("/properties")) yield* keywordFaults(schema, at);
  for (const [key, value] of Object.entries(schema)) {
    const data = ["example", "examples", "default", "enum", "const"].includes(key) && !at.endsWith("/properties");
    if (!data) yield* schemaFaults(document, value, `${at}/${key}`);
  }
}

function* keywordFaults(schema: Record<string, unknown>, at: string): Generator<string> {
  const { type, required, properties } = schema;
  const isScheme = at.includes("/securitySchemes/");
  if (type !== undefined && !isScheme)
    for (const name of [type].flat()) if (!types.has(name as string)) yield `${at}: ${JSON.stringify(name)} is no type`;
  for (const bound of [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
  ])
    if (bound in schema && typeof schema[bound] !== "number") yield `${at}: ${bound} is no number`;
  if (Array.isArray(required) && typeof properties === "object" && properties !== null)
    for (const name of required)
      if (!Object.hasOwn(properties, name as string)) yield `${at}: requires ${String(name)}, which it does not have`;
  if (typeof schema["pattern"] === "string" && !compiles(schema["pattern"]))
    yield `${at}: the pattern is no regular expression`;
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function refersToSomething(document: OpenApiDocument, reference: string): boolean {
  if (!reference.startsWith("#/")) return false;
  let node: unknown = document;
  for (const step of reference.slice(2).split("/")) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, step)) return false;
    node = (node as Record<string, unknown>)[step];
  }
  return true;
}
