import { groups, may, type Group, type Permission } from "../../../../src/shared/access.ts";

/** The part of JSON Schema 2020-12 that our documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly description?: string;
}

export interface MediaType {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "header" | "cookie";
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema: Schema;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, MediaType>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export interface OperationObject {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly "x-permission"?: string;
  readonly "x-reach"?: string;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title?: string; readonly version?: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

export interface Operation extends OperationObject {
  /** Upper case. */
  readonly method: string;
  /** The template, such as `/things/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** For test titles. */
  readonly title: string;
}

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      title: `${method.toUpperCase()} ${path}`,
    })),
  );
}

const maxRefs = 20;

/** The schema behind `$ref`s. Keywords beside a reference win, as in JSON Schema 2020-12 they all hold. */
export function resolved(document: OpenApiDocument, schema: Schema): Schema {
  let current = schema;
  for (let hops = 0; current.$ref !== undefined; hops += 1) {
    const name = /^#\/components\/schemas\/([\w.-]+)$/.exec(current.$ref)?.[1] ?? "";
    const target = document.components.schemas[name];
    if (target === undefined || hops > maxRefs) throw new Error(`cannot resolve ${current.$ref}`);
    const { $ref: _, ...beside } = current;
    current = { ...target, ...beside };
  }
  return current;
}

export const jsonBodySchema = (operation: Operation): Schema | undefined =>
  operation.requestBody?.content["application/json"]?.schema;

/** Every operation that takes more than being there: those whose access is not `open`. */
export const isGuarded = (operation: Operation): boolean => operation["x-permission"] !== "open";

/** Guarded by a bearer token and a permission, not by a shared secret. */
export const needsPermission = (operation: Operation): boolean =>
  isGuarded(operation) && !["admin-secret", "scanner-signature"].includes(operation["x-permission"] ?? "");

/** The groups that a permission lets in, from the most to the least powerful. */
export const allowedGroups = (operation: Operation): Group[] =>
  groups.filter((group) => may(group, operation["x-permission"] as Permission));

/** One of a tenant who may call the operation; a Super Admin only where nobody else may. */
export const tenantGroup = (operation: Operation): Group =>
  allowedGroups(operation).find((group) => group !== "Super Admin") ?? "Super Admin";
