import { z } from "zod";

const minSecretBytes = 32;
const exampleMarker = "replace-me";

/** A key of ours: long enough, and not what the example file says. */
export const secret = z
  .string()
  .refine((v) => new TextEncoder().encode(v).length >= minSecretBytes, `must have at least ${minSecretBytes} bytes`)
  .refine((v) => !v.includes(exampleMarker), "is still the value of the example file");
