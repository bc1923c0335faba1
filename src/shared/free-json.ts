import { z } from "@hono/zod-openapi";

interface FreeJsonLimits {
  readonly bytes: number;
  readonly depth: number;
}

/** An object of whatever somebody wants to keep with us, as long as it is small and flat, and Postgres can store it. */
export const freeJson = (limits: FreeJsonLimits, example: Readonly<Record<string, unknown>>) =>
  z
    .record(z.string(), z.unknown())
    .superRefine((value, context) => {
      const message = freeJsonFault(value, limits);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .openapi({
      type: "object",
      description: `JSON of at most ${limits.bytes} bytes and ${limits.depth} levels.`,
      example,
    });

function freeJsonFault(value: unknown, { bytes, depth }: FreeJsonLimits): string | undefined {
  if (depthOf(value, depth) > depth) return `must be at most ${depth} levels deep`;
  if (holdsInfinity(value)) return "must hold numbers up to 1.7e308";
  const json = JSON.stringify(value);
  if (new TextEncoder().encode(json).length > bytes) return `must have at most ${bytes} bytes`;
  // JSON.stringify writes half a surrogate pair and NUL as these escapes, which Postgres does not take.
  return /\\u(0000|d[89a-f])/i.test(json.replaceAll("\\\\", ""))
    ? "must hold well-formed Unicode without NUL characters"
    : undefined;
}

/** 1e999 is read as infinite, and would be kept as null. */
const holdsInfinity = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.values(value).some(holdsInfinity)
    : value === Infinity || value === -Infinity;

/** Stops counting one level beyond `most`. */
function depthOf(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (most < 0) return 1;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, most - 1)));
}
