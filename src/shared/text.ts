import { z } from "@hono/zod-openapi";

const hasNul = (value: string): boolean => value.includes("\0");

/**
 * A string that Postgres can store: no NUL, well-formed Unicode, between `min` and `max` characters (code points, as
 * JSON Schema and Postgres count).
 */
export const text = (max: number, min = 1) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((value) => !hasNul(value) && value.isWellFormed(), "must be well-formed Unicode without NUL characters");

/** A name for people to read: `text` that is not only blanks. */
export const label = (max: number) => text(max).refine((value) => value.trim() !== "", "must contain more than blanks");

/** An e-mail address, compared in lower case. */
export const emailAddress = () =>
  z
    .string()
    .max(254)
    .refine((value) => !hasNul(value) && value.isWellFormed(), "must be well-formed Unicode without NUL characters")
    .pipe(z.email())
    .transform((value) => value.toLowerCase())
    .openapi({ type: "string", format: "email", maxLength: 254, example: "researcher@demo.example" });
