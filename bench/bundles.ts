import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WRANGLER_CONFIG } from "../local/dev/wrangler-config.ts";
import { bundleWith, COMPATIBILITY_DATE, type Bundle } from "./workerd.ts";

const COMPATIBILITY_FLAGS = ["nodejs_compat", "enable_request_signal", "request_signal_passthrough"];

/** The production Worker, with an environment that is complete and leads nowhere. */
export function bundleEtter(folder: string): Bundle {
  return {
    name: "etter",
    file: bundleWith(WRANGLER_CONFIG, path.join(folder, "etter"), ["--env", "production"]),
    compatibilityFlags: COMPATIBILITY_FLAGS,
    objects: {
      SIMULATION_RUN: "SimulationRun",
      SIMULATION_SWEEP: "SimulationSweep",
      SIMULATION_SHARD: "SimulationShard",
    },
    variables: {
      ETTER_ENV: "production",
      PUBLIC_URL: "https://etter.example.com",
      APP_URL: "https://app.example.com",
      EMAIL_PROVIDER_TYPE: "ses",
      EMAIL_SENDER: "no-reply@example.com",
      SECRET_KEY: randomBytes(32).toString("hex"),
      ADMIN_SECRET: randomBytes(32).toString("hex"),
      DATABASE_URL: "postgres://etter_app:none@db.example.com/etter",
      UPSTASH_REDIS_REST_URL: "https://redis.example.com",
      UPSTASH_REDIS_REST_TOKEN: "none",
      S3_ENDPOINT: "https://s3.example.com",
      S3_DOCUMENTS_BUCKET: "etter-documents",
      AWS_ACCESS_KEY_ID: "none",
      AWS_SECRET_ACCESS_KEY: "none",
      AWS_REGION: "eu-central-1",
      CORS_ORIGINS: "https://app.example.com",
    },
  };
}

/** A Worker to compare with, bundled in the same way. */
function bundlePlain(folder: string, name: string, source: string): Bundle {
  const main = fileURLToPath(source);
  const config = path.join(folder, `${name}.toml`);
  const flags = JSON.stringify(COMPATIBILITY_FLAGS);
  writeFileSync(
    config,
    `name = "${name}"\nmain = ${JSON.stringify(main)}\ncompatibility_date = "${COMPATIBILITY_DATE}"\ncompatibility_flags = ${flags}\n`,
  );
  const file = bundleWith(config, path.join(folder, name));
  return { name, file, compatibilityFlags: COMPATIBILITY_FLAGS, objects: {}, variables: {} };
}

/** A Worker of `workers/`, with our adapters in it. */
export const bundleWorker = (folder: string, name: string): Bundle =>
  bundlePlain(folder, name, import.meta.resolve(`./workers/${name}.ts`));

/** One bare Hono route. */
export const bundleBare = (folder: string): Bundle =>
  bundlePlain(folder, "bare", import.meta.resolve("./http-bare.ts"));

export const bundleEmpty = (folder: string): Bundle =>
  bundlePlain(folder, "empty", import.meta.resolve("./bundle-empty.ts"));

/** One hash a request. */
export const bundleScrypt = (folder: string): Bundle =>
  bundlePlain(folder, "scrypt", import.meta.resolve("./scrypt-bare.ts"));
