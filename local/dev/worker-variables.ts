import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { PROJECT_FOLDER } from "./places.ts";

/** In the example file this stands where a secret belongs; the Worker refuses a value that has it. */
const PLACEHOLDER = /replace-me[\w-]*/g;
const SECRET_BYTES = 32;

/** Makes a variables file from .dev.vars.example, each secret in it random; never touches one that is there. True if it made one. */
export function ensureVariablesFile(file: string): boolean {
  if (existsSync(file)) return false;
  const example = readFileSync(path.join(PROJECT_FOLDER, ".dev.vars.example"), "utf8");
  const text = example.replace(PLACEHOLDER, () => randomBytes(SECRET_BYTES).toString("base64url"));
  writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  return true;
}

/** The variables of a file in dotenv format. */
export function readVariables(file: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parseEnv(readFileSync(file, "utf8"))).map(([name, value]) => [name, value ?? ""]),
  );
}

/**
 * Writes a dotenv file that wrangler reads back to the same values. Wrangler expands `$NAME` even between single quotes,
 * and no quoting of dotenv can hold all three kinds of quotes at once.
 */
export function writeVariables(file: string, variables: Record<string, string>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(name, value)}`);
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
}

function quoted(name: string, value: string): string {
  // Not the double quote: inside it dotenv turns \n into a line break.
  const quote = ["'", "`"].find((candidate) => !value.includes(candidate));
  if (quote === undefined) throw new Error(`${name} has both ' and \` in it, which no variables file can hold.`);
  return quote + value.replaceAll("$", String.raw`\$`) + quote;
}
