import { z } from "@hono/zod-openapi";
import { digestOfJson } from "./canonical-json.ts";
import { AppError } from "./errors.ts";

/** A key counts for a day; afterwards it is as good as new. */
export const idempotencySeconds = 24 * 3600;

/** One try of a caller to make something: which key, and what it was sent with. */
export interface IdempotentTry {
  readonly route: string;
  readonly key: string;
  readonly bodyDigest: Uint8Array;
}

export const idempotencyHeader = {
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
    .optional()
    .openapi({
      description:
        "Send the same key with a repeated request: the first answer comes again, nothing is made twice. Kept 24 hours.",
      example: "5b0e7c2e-7d0c-4c31-9a9e-0b6f2f0a7f11",
    }),
};

/** `body` is the validated body, so that two spellings of the same request are the same request. */
export function idempotentTry(route: string, key: string | undefined, body: unknown): IdempotentTry | undefined {
  return key === undefined ? undefined : { route, key, bodyDigest: digestOfJson(body) };
}

export const keyReused = (): AppError =>
  new AppError(
    "idempotency_key_reused",
    "This Idempotency-Key came with another body before. Use a new key for a new request.",
  );
