import { describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../src/config/index.ts";

const good = {
  ETTER_ENV: "production",
  PUBLIC_URL: "https://etter.example.com/",
  APP_URL: "https://app.example.com/",
  SECRET_KEY: "k".repeat(32),
  ADMIN_SECRET: "a".repeat(32),
  DATABASE_URL: "postgres://etter_app:database-password@db.example.com/etter",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
  UPSTASH_REDIS_REST_TOKEN: "redis-token-value",
  S3_ENDPOINT: "https://s3.example.com/",
  S3_DOCUMENTS_BUCKET: "etter-documents",
  AWS_ACCESS_KEY_ID: "access-key-value",
  AWS_SECRET_ACCESS_KEY: "secret-access-key-value",
  AWS_REGION: "eu-central-1",
  EMAIL_PROVIDER_TYPE: "ses",
  EMAIL_SENDER: "Etter <no-reply@example.com>",
  SES_REGION: "eu-central-1",
  SES_ACCESS_KEY_ID: "ses-key-value",
  SES_SECRET_ACCESS_KEY: "secret-ses-key-value",
  SIMULATION_RUN: {},
  SIMULATION_SWEEP: {},
  SIMULATION_SHARD: {},
};

/** The fields that a changed environment is refused for, and the whole message. */
function refusal(change: Record<string, unknown>): { fields: string[]; message: string } {
  try {
    loadConfig({ ...good, ...change });
  } catch (error) {
    if (error instanceof ConfigError)
      return { fields: error.fields.map((field) => field.split(":")[0]!), message: error.message };
    throw error;
  }
  throw new Error("was accepted");
}

describe("a good environment", () => {
  it("is grouped, with its defaults", () => {
    const config = loadConfig({ ...good });
    expect(config.tokens).toEqual({
      algorithm: "HS256",
      secret: good.SECRET_KEY,
      previousSecret: undefined,
      accessSeconds: 1_800,
      refreshSeconds: 604_800,
      sessionSeconds: 30 * 86_400,
    });
    expect(config.publicUrl).toBe("https://etter.example.com");
    expect(config.s3.endpoint).toBe("https://s3.example.com");
    expect(config.corsOrigins).toEqual([]);
    expect(config.database.localProxy).toBeUndefined();
  });

  it("is parsed once for an environment and frozen to the bottom", () => {
    const env = { ...good };
    const config = loadConfig(env);
    expect(loadConfig(env)).toBe(config);
    expect(loadConfig({ ...good })).not.toBe(config);
    const inner = Object.values(config).filter((value) => typeof value === "object");
    for (const value of [config, ...inner]) expect(Object.isFrozen(value)).toBe(true);
  });

  it("has a list of origins without blanks", () => {
    const { corsOrigins } = loadConfig({
      ...good,
      ETTER_ENV: "development",
      CORS_ORIGINS: " https://a.example.com,, http://localhost:5173 ",
    });
    expect(corsOrigins).toEqual(["https://a.example.com", "http://localhost:5173"]);
  });

  it("says what the S3 server can do: nothing special unless named", () => {
    const none = { listParts: false, listUploads: false, deleteObjects: false };
    expect(loadConfig({ ...good }).s3.capabilities).toEqual(none);
    const some = loadConfig({ ...good, S3_CAPABILITIES: " list-parts,, " });
    expect(some.s3.capabilities).toEqual({ ...none, listParts: true });
  });

  it("takes numbers as the text that variables are", () => {
    const { tokens } = loadConfig({ ...good, ACCESS_TOKEN_EXPIRE_MINUTES: "5", REFRESH_TOKEN_EXPIRE_DAYS: "30" });
    expect([tokens.accessSeconds, tokens.refreshSeconds]).toEqual([300, 30 * 86_400]);
  });
});

describe("how mails go out", () => {
  const url = "https://mail.example.com/send";
  const token = "t".repeat(16);

  it("is SES in its region, or where it is said to be", () => {
    const ses = { provider: "ses", region: "eu-central-1", accessKeyId: "ses-key-value" };
    expect(loadConfig({ ...good }).email).toMatchObject({
      ...ses,
      endpoint: "https://email.eu-central-1.amazonaws.com",
    });
    const elsewhere = loadConfig({ ...good, SES_ENDPOINT: "https://ses.example.com/" });
    expect(elsewhere.email).toMatchObject({ ...ses, endpoint: "https://ses.example.com" });
  });

  it("is a mail service whose address and token are there", () => {
    const http = { EMAIL_PROVIDER_TYPE: "http" };
    expect(refusal(http).fields).toEqual(["EMAIL_SERVICE_URL", "EMAIL_SERVICE_TOKEN"]);
    const { email } = loadConfig({ ...good, ...http, EMAIL_SERVICE_URL: url, EMAIL_SERVICE_TOKEN: token });
    expect(email).toEqual({ provider: "http", sender: good.EMAIL_SENDER, url, token });
  });

  it("is the sink of this machine, but in production", () => {
    const sink = { ETTER_ENV: "development", EMAIL_PROVIDER_TYPE: "sink" };
    expect(refusal(sink).fields).toEqual(["MAIL_SINK_URL"]);
    const { email } = loadConfig({ ...good, ...sink, MAIL_SINK_URL: "http://127.0.0.1:1025/" });
    expect(email).toMatchObject({ provider: "http", url: "http://127.0.0.1:1025/messages", token: undefined });
  });
});

describe("who scans documents", () => {
  const http = { SCANNER_TYPE: "http" };
  const service = { SCANNER_URL: "https://scanner.example.com/scan", SCANNER_TOKEN: "t".repeat(16) };

  it("is nobody, or a service whose address, token and secret are there", () => {
    expect(loadConfig({ ...good }).scanner).toEqual({ service: undefined, secret: undefined });
    expect(refusal(http).fields).toEqual(["SCANNER_URL", "SCANNER_TOKEN", "SCANNER_SECRET"]);
    expect(loadConfig({ ...good, ...http, ...service, SCANNER_SECRET: "v".repeat(32) }).scanner).toEqual({
      service: { url: service.SCANNER_URL, token: service.SCANNER_TOKEN },
      secret: "v".repeat(32),
    });
  });

  it("is still listened to once it is not asked any more", () => {
    const { scanner } = loadConfig({ ...good, ...service, SCANNER_SECRET: "v".repeat(32) });
    expect(scanner).toEqual({ service: undefined, secret: "v".repeat(32) });
  });
});

describe("a bad environment", () => {
  it.each(Object.keys(good))("without %s is refused by that name", (name) => {
    expect(refusal({ [name]: undefined }).fields).toEqual([name]);
  });

  it.each([
    ["ETTER_ENV", "staging"],
    ["PUBLIC_URL", "etter.example.com"],
    ["PUBLIC_URL", "ftp://etter.example.com"],
    ["PUBLIC_URL", "http://etter.example.com"],
    ["APP_URL", "HTTP://app.example.com"],
    ["UPSTASH_REDIS_REST_URL", "http://redis.example.com"],
    ["S3_ENDPOINT", "http://s3.example.com"],
    ["ALGORITHM", "none"],
    ["ALGORITHM", "RS256"],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "0"],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "soon"],
    ["ACCESS_TOKEN_EXPIRE_MINUTES", "1.5"],
    ["REFRESH_TOKEN_EXPIRE_DAYS", "3650"],
    ["SIMULATION_PROVIDER_TYPE", "elsewhere"],
    ["SCANNER_TYPE", "clamav"],
    ["SCANNER_URL", "http://scanner.example.com"],
    ["SCANNER_TOKEN", "too-short"],
    ["SCANNER_SECRET", "too-short"],
    ["SCANNER_SECRET", good.SECRET_KEY],
    ["SIMULATION_PROVIDER_URL", "roles.example.com"],
    ["SIMULATION_PROVIDER_URL", "http://roles.example.com"],
    ["SIMULATION_PROVIDER_TOKEN", "too-short"],
    ["SIMULATION_PROVIDER_TOKEN", "a token of several words\n"],
    ["DATABASE_URL", "mysql://db.example.com/etter"],
    ["EMAIL_PROVIDER_TYPE", "smtp"],
    ["EMAIL_PROVIDER_TYPE", "sink"],
    ["EMAIL_SENDER", "Etter"],
    ["EMAIL_SENDER", "Etter <no-reply@example.com>, more@example.com"],
    ["EMAIL_SENDER", "Etter\r\nBcc: x <no-reply@example.com>"],
    ["EMAIL_SENDER", "<no-reply@example.com"],
    ["EMAIL_SERVICE_URL", "http://mail.example.com"],
    ["EMAIL_SERVICE_TOKEN", "too-short"],
    ["SES_REGION", "europe"],
    ["SES_ENDPOINT", "http://ses.example.com"],
    ["NEON_LOCAL_PROXY", "http://127.0.0.1:5432"],
    ["UPSTASH_REDIS_REST_URL", "redis.example.com"],
    ["S3_DOCUMENTS_BUCKET", "ab"],
    ["AWS_REGION", ""],
    ["S3_CAPABILITIES", "list-parts,time-travel"],
    ["SIMULATION_RUN", "a text"],
    ["SIMULATION_SWEEP", "a text"],
    ["SIMULATION_SHARD", null],
    ["AUTH_FENCE", "a text"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "null"],
    ["CORS_ORIGINS", "https://a.example.com/"],
    ["CORS_ORIGINS", "a.example.com"],
    ["CORS_ORIGINS", "https://a.example.com https://b.example.com"],
    ["CORS_ORIGINS", "https://a.example.com,http://b.example.com"],
    // Upper case is no way around it.
    ["PUBLIC_URL", "HTTP://etter.example.com"],
    ["EMAIL_SERVICE_URL", "HTTP://mail.example.com"],
    ["SES_ENDPOINT", "HTTP://ses.example.com"],
    ["SCANNER_URL", "HTTP://scanner.example.com"],
  ])("with a wrong %s (%j) is refused by that name", (name, value) => {
    expect(
      refusal({ [name]: value, ...(name === "NEON_LOCAL_PROXY" ? { ETTER_ENV: "development" } : {}) }).fields,
    ).toEqual([name]);
  });

  it.each(["SECRET_KEY", "ADMIN_SECRET", "SECRET_KEY_PREVIOUS"])(
    "with a %s of fewer than 32 bytes, or of the example file, is refused",
    (name) => {
      expect(refusal({ [name]: "z".repeat(31) }).fields).toEqual([name]);
      expect(refusal({ [name]: "replace-me-".repeat(4) }).fields).toEqual([name]);
      expect(refusal({ [name]: "" }).fields).toEqual([name]);
      // Bytes count, not characters.
      expect(() => loadConfig({ ...good, [name]: "é".repeat(16) })).not.toThrow();
    },
  );

  it.each([
    ["ADMIN_SECRET", { ADMIN_SECRET: good.SECRET_KEY }],
    ["SECRET_KEY_PREVIOUS", { SECRET_KEY_PREVIOUS: good.SECRET_KEY }],
    ["ADMIN_SECRET", { SECRET_KEY_PREVIOUS: good.ADMIN_SECRET }],
  ])("with two equal secrets is refused (%s)", (name, change) => {
    expect(refusal(change).fields).toEqual([name]);
  });

  it("with a workload service lacks neither its address nor its token", () => {
    const http = { SIMULATION_PROVIDER_TYPE: "http" };
    expect(refusal(http).fields).toEqual(["SIMULATION_PROVIDER_URL", "SIMULATION_PROVIDER_TOKEN"]);
    const url = { SIMULATION_PROVIDER_URL: "https://roles.example.com/v1" };
    expect(refusal({ ...http, ...url }).fields).toEqual(["SIMULATION_PROVIDER_TOKEN"]);
    const token = { SIMULATION_PROVIDER_TOKEN: "t".repeat(16) };
    expect(loadConfig({ ...good, ...http, ...url, ...token }).workloadService).toEqual({
      url: url.SIMULATION_PROVIDER_URL,
      token: token.SIMULATION_PROVIDER_TOKEN,
    });
    // Set but not asked for: nothing is called.
    expect(loadConfig({ ...good, ...url, ...token }).workloadService).toBeUndefined();
  });

  it("of production that points at a local front is refused", () => {
    expect(refusal({ NEON_LOCAL_PROXY: "127.0.0.1:5432" }).fields).toEqual(["NEON_LOCAL_PROXY"]);
    expect(() => loadConfig({ ...good, ETTER_ENV: "development", NEON_LOCAL_PROXY: "127.0.0.1:5432" })).not.toThrow();
  });

  it("is named in full, and no value is in the error", () => {
    const bad = Object.fromEntries(Object.keys(good).map((name, index) => [name, `value-${index}-of-no-use`]));
    const { fields, message } = refusal({
      ...bad,
      ALGORITHM: "value-x-of-no-use",
      CORS_ORIGINS: 4711,
      NEON_LOCAL_PROXY: "value-y-of-no-use",
    });
    for (const name of [
      "ETTER_ENV",
      "PUBLIC_URL",
      "APP_URL",
      "SECRET_KEY",
      "ADMIN_SECRET",
      "DATABASE_URL",
      "ALGORITHM",
      "CORS_ORIGINS",
      "NEON_LOCAL_PROXY",
      "SIMULATION_SHARD",
    ])
      expect(fields).toContain(name);
    expect(message).not.toMatch(/of-no-use|4711/);
  });

  it("of nothing at all is refused without a slip", () => {
    expect(() => loadConfig({})).toThrow(ConfigError);
  });
});
