import { z } from "zod";
import { emailFaults, emailOf, emailVariables } from "./email.ts";
import { scannerFaults, scannerOf, scannerVariables } from "./scanner.ts";
import { secret } from "./secret.ts";

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** What a server that speaks S3 may be able to do beyond what all of them do. */
const storeCapabilities = ["list-parts", "list-uploads", "delete-objects"];

const namesIn = (text: string): string[] =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
/** Addresses that secrets, tokens and people's data travel to, and those of pages that may call. */
const httpsInProduction = [
  "PUBLIC_URL",
  "APP_URL",
  "UPSTASH_REDIS_REST_URL",
  "S3_ENDPOINT",
  "SIMULATION_PROVIDER_URL",
  "EMAIL_SERVICE_URL",
  "SES_ENDPOINT",
  "SCANNER_URL",
  "CORS_ORIGINS",
] as const;

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
const binding = z.custom<NonNullable<unknown>>((v) => typeof v === "object" && v !== null, "binding is missing");

/** The name of every variable, secret and binding the Worker reads. Bindings are objects made by the platform. */
export const environmentSchema = z
  .object({
    ETTER_ENV: z.enum(["development", "test", "production"]),
    PUBLIC_URL: z.url({ protocol: /^https?$/ }),
    APP_URL: z.url({ protocol: /^https?$/ }),
    SECRET_KEY: secret,
    SECRET_KEY_PREVIOUS: secret.optional(),
    ALGORITHM: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
    ACCESS_TOKEN_EXPIRE_MINUTES: integer(1, 24 * 60).default(30),
    REFRESH_TOKEN_EXPIRE_DAYS: integer(1, 90).default(7),
    SESSION_EXPIRE_DAYS: integer(1, 365).default(30),
    ADMIN_SECRET: secret,
    SIMULATION_PROVIDER_TYPE: z.enum(["local", "http"]).default("local"),
    SIMULATION_PROVIDER_URL: z.url({ protocol: /^https?$/ }).optional(),
    SIMULATION_PROVIDER_TOKEN: z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/)
      .optional(),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
    NEON_LOCAL_PROXY: z
      .string()
      .regex(/^[\w.-]+:\d+$/)
      .optional(),
    UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
    UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
    S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
    S3_DOCUMENTS_BUCKET: z.string().min(3).max(63),
    AWS_ACCESS_KEY_ID: z.string().min(1),
    AWS_SECRET_ACCESS_KEY: z.string().min(1),
    AWS_REGION: z.string().min(1),
    S3_CAPABILITIES: z
      .string()
      .refine(
        (text) => namesIn(text).every((name) => storeCapabilities.includes(name)),
        `must be a list of ${storeCapabilities.join(", ")}`,
      )
      .default(""),
    ...emailVariables,
    ...scannerVariables,
    DOCUMENTS_QUOTA_BYTES: integer(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 4),
    CORS_ORIGINS: z
      .string()
      .refine((text) => namesIn(text).every(isOrigin), "must be a list of origins such as https://app.example.com")
      .default(""),
    SIMULATION_RUN: binding,
    SIMULATION_SWEEP: binding,
    SIMULATION_SHARD: binding,
    AUTH_FENCE: binding.optional(),
  })
  .superRefine((env, context) => {
    const secrets = ["SECRET_KEY", "SECRET_KEY_PREVIOUS", "ADMIN_SECRET", "SCANNER_SECRET"] as const;
    for (const [index, name] of secrets.entries())
      for (const other of secrets.slice(0, index))
        if (env[name] !== undefined && env[name] === env[other])
          context.addIssue({ code: "custom", path: [name], message: `must differ from ${other}` });
    if (env.SIMULATION_PROVIDER_TYPE === "http")
      for (const name of ["SIMULATION_PROVIDER_URL", "SIMULATION_PROVIDER_TOKEN"] as const)
        if (env[name] === undefined)
          context.addIssue({ code: "custom", path: [name], message: "is needed with SIMULATION_PROVIDER_TYPE http" });
    const isProduction = env.ETTER_ENV === "production";
    for (const name of isProduction ? httpsInProduction : [])
      if (/(^|[\s,])http:/i.test(env[name] ?? ""))
        context.addIssue({ code: "custom", path: [name], message: "must be https in production" });
    for (const [name, message] of [...emailFaults(env, isProduction), ...scannerFaults(env)])
      context.addIssue({ code: "custom", path: [name], message });
    if (isProduction && env.NEON_LOCAL_PROXY !== undefined)
      context.addIssue({ code: "custom", path: ["NEON_LOCAL_PROXY"], message: "is for local development only" });
  });

/** What the Worker knows of its surroundings: parsed once, grouped, frozen. */
export type Config = ReturnType<typeof group>;

function group(env: z.infer<typeof environmentSchema>) {
  const can = namesIn(env.S3_CAPABILITIES);
  return deepFreeze({
    environment: env.ETTER_ENV,
    publicUrl: env.PUBLIC_URL.replace(/\/+$/, ""),
    /** The front end, whose pages mails link to. */
    appUrl: env.APP_URL.replace(/\/+$/, ""),
    corsOrigins: namesIn(env.CORS_ORIGINS),
    tokens: {
      algorithm: env.ALGORITHM,
      secret: env.SECRET_KEY,
      previousSecret: env.SECRET_KEY_PREVIOUS,
      accessSeconds: env.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      /** A session that is not refreshed for so long ends. */
      refreshSeconds: env.REFRESH_TOKEN_EXPIRE_DAYS * 24 * 3600,
      /** A session ends after this, however often it is refreshed. */
      sessionSeconds: env.SESSION_EXPIRE_DAYS * 24 * 3600,
    },
    adminSecret: env.ADMIN_SECRET,
    database: { url: env.DATABASE_URL, localProxy: env.NEON_LOCAL_PROXY },
    redis: { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN },
    s3: {
      endpoint: env.S3_ENDPOINT.replace(/\/+$/, ""),
      bucket: env.S3_DOCUMENTS_BUCKET,
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      region: env.AWS_REGION,
      capabilities: {
        listParts: can.includes("list-parts"),
        listUploads: can.includes("list-uploads"),
        deleteObjects: can.includes("delete-objects"),
      },
    },
    email: emailOf(env),
    scanner: scannerOf(env),
    documents: { quotaBytes: env.DOCUMENTS_QUOTA_BYTES },
    /** Undefined: our own catalogue describes roles. */
    workloadService:
      env.SIMULATION_PROVIDER_TYPE === "http"
        ? { url: env.SIMULATION_PROVIDER_URL ?? "", token: env.SIMULATION_PROVIDER_TOKEN ?? "" }
        : undefined,
  });
}

/** The environment does not fit the schema. Carries names and rules, never a value. */
export class ConfigError extends Error {
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    super(`The Worker's environment is not valid: ${fields.join("; ")}`);
    this.name = "ConfigError";
    this.fields = fields;
  }
}

const parsed = new WeakMap<object, Config>();

/** @throws ConfigError with the names of the variables that are missing or wrong. */
export function loadConfig(env: object): Config {
  const known = parsed.get(env);
  if (known) return known;
  const result = environmentSchema.safeParse(env);
  if (!result.success)
    throw new ConfigError(
      result.error.issues.map((issue) => `${issue.path.join(".") || "environment"}: ${ruleOf(issue)}`),
    );
  const config = group(result.data);
  parsed.set(env, config);
  return config;
}

/** zod's messages name rules and types only; custom ones are ours. Neither holds the value. */
function ruleOf(issue: { code?: string | undefined; message: string }): string {
  return issue.code === "custom" ? issue.message : (issue.code ?? "is not valid");
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
