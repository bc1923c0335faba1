import { readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT_FOLDER, Sentence } from "./places.ts";

export const WRANGLER_CONFIG = path.join(PROJECT_FOLDER, "wrangler.toml");

export interface LocalBucket {
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The bucket that `wrangler dev` serves over S3, and the key it expects, as wrangler.toml has them. */
export function localBucket(toml: string = readFileSync(WRANGLER_CONFIG, "utf8")): LocalBucket {
  return {
    bucket: stringIn(toml, "[[r2_buckets]]", "bucket_name"),
    accessKeyId: stringIn(toml, "[r2_buckets.local_dev.experimental_s3_credentials]", "accessKeyId"),
    secretAccessKey: stringIn(toml, "[r2_buckets.local_dev.experimental_s3_credentials]", "secretAccessKey"),
  };
}

/** The cron expressions of [triggers]; none if there is no such table. */
export function cronExpressions(toml: string = readFileSync(WRANGLER_CONFIG, "utf8")): string[] {
  const list = /^crons\s*=\s*\[([^\]]*)\]/m.exec(tableOf(toml, "[triggers]"))?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}

// Not a TOML parser: it reads the plain `key = "text"` lines of a table, which is how our one file is written.
// Wrangler has a parser, but loading it costs more than starting the whole stack.
function stringIn(toml: string, header: string, key: string): string {
  const value = new RegExp(`^${key}\\s*=\\s*"([^"\\\\]*)"`, "m").exec(tableOf(toml, header))?.[1];
  if (value === undefined)
    throw new Sentence(`wrangler.toml needs ${key} = "…" in ${header}, in double quotes on a line of its own.`);
  return value;
}

/** The lines between a table's header and the next one; empty without such a table. */
function tableOf(toml: string, header: string): string {
  const lines = toml.split("\n").map((line) => line.trim());
  const start = lines.indexOf(header);
  if (start === -1) return "";
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("["));
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join("\n");
}
