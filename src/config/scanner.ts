import { z } from "zod";
import { secret } from "./secret.ts";

/** Who looks for malware after our own checks: nobody, or a service of one's own over HTTP. */
export const scannerVariables = {
  SCANNER_TYPE: z.enum(["none", "http"]).default("none"),
  SCANNER_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** By which the scanner knows us. */
  SCANNER_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/)
    .optional(),
  /** By which we know the scanner: it signs its verdicts with it. */
  SCANNER_SECRET: secret.optional(),
};

type ScannerVariables = z.infer<z.ZodObject<typeof scannerVariables>>;
type Fault = [name: keyof ScannerVariables, message: string];

/** What the variables cannot say each by itself. */
export function scannerFaults(env: ScannerVariables): Fault[] {
  const names = ["SCANNER_URL", "SCANNER_TOKEN", "SCANNER_SECRET"] as const;
  const missing = env.SCANNER_TYPE === "http" ? names.filter((name) => env[name] === undefined) : [];
  return missing.map((name): Fault => [name, "is needed with SCANNER_TYPE http"]);
}

/** After `scannerFaults` has found none. Verdicts are taken as long as there is a secret, also once nobody is asked any more. */
export const scannerOf = (env: ScannerVariables) => ({
  service: env.SCANNER_TYPE === "http" ? { url: env.SCANNER_URL ?? "", token: env.SCANNER_TOKEN ?? "" } : undefined,
  secret: env.SCANNER_SECRET,
});
