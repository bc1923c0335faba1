import {
  jsonBodySchema,
  resolved,
  type MediaType,
  type OpenApiDocument,
  type Operation,
  type Schema,
} from "./document.ts";

/** The example of a media type or of its schema; undefined where there is none. */
export function exampleOf(document: OpenApiDocument, media: MediaType): unknown {
  if (media.example !== undefined) return media.example;
  const [named] = Object.values(media.examples ?? {});
  if (named?.value !== undefined) return named.value;
  return media.schema && schemaExample(resolved(document, media.schema));
}

const schemaExample = (schema: Schema): unknown => schema.example ?? schema.examples?.[0] ?? schema.default;

/** The smallest body that fits: required fields only, each as short, few and low as its schema lets it be. */
export function smallestBody(document: OpenApiDocument, operation: Operation): unknown {
  const schema = jsonBodySchema(operation);
  return schema && smallest(document, schema);
}

export function smallest(document: OpenApiDocument, given: Schema): unknown {
  const schema = resolved(document, given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.example ?? schema.enum[0];
  const alternative = schema.allOf?.[0] ?? schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (alternative !== undefined) return smallest(document, alternative);
  switch ([schema.type].flat()[0]) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, smallest(document, schema.properties?.[name] ?? {})]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => smallest(document, schema.items ?? {}));
    case "integer":
    case "number":
      if (typeof schema.example === "number") return schema.example;
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 0 : schema.exclusiveMinimum + 1);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return smallestString(schema);
  }
}

function smallestString(schema: Schema): string {
  const example = schemaExample(schema);
  if (typeof example === "string") return example;
  if (schema.format === "uuid") return "00000000-0000-4000-8000-00000000f0f0";
  if (schema.format === "date-time") return "2026-01-01T00:00:00.000Z";
  if (schema.pattern !== undefined)
    throw new Error(`a string with the pattern ${schema.pattern} needs an example in its schema`);
  return "x".repeat(schema.minLength ?? 0);
}
