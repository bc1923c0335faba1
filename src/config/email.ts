import { z } from "zod";

/** How mails go out: to the sink of this machine, by HTTP to a mail service of one's own, or by Amazon SES. */
export const emailVariables = {
  EMAIL_PROVIDER_TYPE: z.enum(["sink", "http", "ses"]),
  /** `no-reply@example.com` or `Etter <no-reply@example.com>`. */
  EMAIL_SENDER: z.string().regex(/^(?:[^\s<>@,;"]+@[^\s<>@,;"]+|[\w .-]{1,100} <[^\s<>@,;"]+@[^\s<>@,;"]+>)$/),
  MAIL_SINK_URL: z.url({ protocol: /^https?$/ }).optional(),
  EMAIL_SERVICE_URL: z.url({ protocol: /^https?$/ }).optional(),
  EMAIL_SERVICE_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/)
    .optional(),
  SES_REGION: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/)
    .optional(),
  SES_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  SES_ACCESS_KEY_ID: z.string().min(1).optional(),
  SES_SECRET_ACCESS_KEY: z.string().min(1).optional(),
};

type EmailVariables = z.infer<z.ZodObject<typeof emailVariables>>;
type Fault = [name: keyof EmailVariables, message: string];

const needed = {
  sink: ["MAIL_SINK_URL"],
  http: ["EMAIL_SERVICE_URL", "EMAIL_SERVICE_TOKEN"],
  ses: ["SES_REGION", "SES_ACCESS_KEY_ID", "SES_SECRET_ACCESS_KEY"],
} as const;

/** What the variables cannot say each by itself. */
export function emailFaults(env: EmailVariables, isProduction: boolean): Fault[] {
  const type = env.EMAIL_PROVIDER_TYPE;
  const missing = needed[type]
    .filter((name) => env[name] === undefined)
    .map((name): Fault => [name, `is needed with EMAIL_PROVIDER_TYPE ${type}`]);
  if (isProduction && type === "sink")
    return [["EMAIL_PROVIDER_TYPE", "must not be sink in production: it sends nothing"]];
  return missing;
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** After `emailFaults` has found none, hence without undefined where a provider needs a value. */
export function emailOf(env: EmailVariables) {
  const sender = env.EMAIL_SENDER;
  const region = env.SES_REGION ?? "";
  switch (env.EMAIL_PROVIDER_TYPE) {
    case "sink":
      return {
        provider: "http",
        sender,
        url: `${withoutSlash(env.MAIL_SINK_URL ?? "")}/messages`,
        token: undefined,
      } as const;
    case "http":
      return { provider: "http", sender, url: env.EMAIL_SERVICE_URL ?? "", token: env.EMAIL_SERVICE_TOKEN } as const;
    case "ses":
      return {
        provider: "ses",
        sender,
        endpoint: withoutSlash(env.SES_ENDPOINT ?? `https://email.${region}.amazonaws.com`),
        region,
        accessKeyId: env.SES_ACCESS_KEY_ID ?? "",
        secretAccessKey: env.SES_SECRET_ACCESS_KEY ?? "",
      } as const;
  }
}
