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

const maxUrlLength = 2_048;

/** The address of a picture: https only, so that a page of ours may show it, and without a name or password in it. */
export const httpsUrl = () =>
  z
    .string()
    .max(maxUrlLength)
    .refine(isHttpsUrl, "must be an https:// address without blanks, name or password")
    .openapi({ format: "uri", example: "https://cdn.example.com/acme/logo.svg" });

function isHttpsUrl(value: string): boolean {
  if (!/^https:\/\/[^\s\\]+$/i.test(value) || hasNul(value) || !value.isWellFormed()) return false;
  const url = URL.parse(value);
  return url !== null && url.username === "" && url.password === "";
}

/** An e-mail address, compared in lower case. */
export const emailAddress = () =>
  z
    .string()
    .max(254)
    .refine((value) => !hasNul(value) && value.isWellFormed(), "must be well-formed Unicode without NUL characters")
    .pipe(z.email())
    .transform((value) => value.toLowerCase())
    .openapi({ type: "string", format: "email", maxLength: 254, example: "researcher@demo.example" });
