import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The checkout. */
export const PROJECT_FOLDER = path.resolve(import.meta.dirname, "../..");
/** What `npm run dev` keeps: databases, Durable Objects, documents. `--fresh` deletes it. */
export const DEV_ROOT = path.join(PROJECT_FOLDER, ".data/dev");
/** What is slow to make and holds no data; all stacks of the clone share it. */
export const CACHE_FOLDER = path.join(PROJECT_FOLDER, ".data/cache");
export const DEFAULT_PORT = 7071;

/** A refusal that a person can act on: printed as it is, without a stack. */
export class Sentence extends Error {
  override readonly name = "Sentence";
}

/** What a dev server leaves in its root for the command-line tools; removed when it stops, stale after a crash. */
export interface RunningServer {
  processId: number;
  /** Base address of the API, such as http://127.0.0.1:7071. */
  url: string;
  mailSinkUrl: string;
  /** PostgreSQL as the role that migrates. */
  ownerUrl: string;
  /** PostgreSQL as the role the Worker has. */
  appUrl: string;
}

const runningFile = (root: string) => path.join(root, "running.json");

export function writeRunningServer(root: string, running: RunningServer): void {
  writeFileSync(runningFile(root), JSON.stringify(running), { mode: 0o600 });
}

export function removeRunningServer(root: string): void {
  rmSync(runningFile(root), { force: true });
}

/** The server that runs on this root, or ran until it crashed. */
export function findRunningServer(root: string = DEV_ROOT): RunningServer | undefined {
  const file = runningFile(root);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as RunningServer) : undefined;
}

/** The database to migrate: DATABASE_OWNER_URL, else the running dev server's. Throws a Sentence. */
export function ownerUrl(root: string = DEV_ROOT): string {
  const url = process.env["DATABASE_OWNER_URL"] || findRunningServer(root)?.ownerUrl;
  if (url === undefined)
    throw new Sentence("Which database? Start `npm run dev` in another terminal, or set DATABASE_OWNER_URL.");
  return url;
}

/** The database to work in with the Worker's own rights: DATABASE_URL, else the running dev server's. Throws a Sentence. */
export function appUrl(root: string = DEV_ROOT): string {
  const url = process.env["DATABASE_URL"] || findRunningServer(root)?.appUrl;
  if (url === undefined)
    throw new Sentence(
      "Which database? Start `npm run dev` in another terminal, or set DATABASE_URL (role etter_app).",
    );
  return url;
}

/** Runs a command-line tool: a refusal is one line on stderr and exit code 1, anything else keeps its stack. */
export async function runTool(tool: () => Promise<void>): Promise<void> {
  try {
    await tool();
  } catch (error) {
    if (!isForPeople(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Errors whose message says what to do. By name, since they are made in many places. */
const NAMES_FOR_PEOPLE = new Set(["Sentence", "MigrationError", "RootInUseError", "RedisMissingError"]);

export function isForPeople(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return NAMES_FOR_PEOPLE.has(error.name) || code.startsWith("ERR_PARSE_ARGS");
}
