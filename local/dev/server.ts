import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildAssets } from "../cli/build-assets.ts";
import { ensureDemoData } from "../demo-data.ts";
import { migrateUp } from "../migrations.ts";
import { canListen, freePort } from "../stack/free-port.ts";
import { claimRoot, RootInUseError } from "../stack/root-lock.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { startCronTicker } from "./cron-ticker.ts";
import {
  CACHE_FOLDER,
  DEFAULT_PORT,
  DEV_ROOT,
  findRunningServer,
  PROJECT_FOLDER,
  removeRunningServer,
  Sentence,
  writeRunningServer,
} from "./places.ts";
import { ensureVariablesFile, readVariables, writeVariables } from "./worker-variables.ts";
import { cronExpressions, localBucket } from "./wrangler-config.ts";
import { startWrangler, type Wrangler } from "./wrangler.ts";

export interface DevServerOptions {
  /** Holds all its data; `.data/dev` if not given. Two servers never share one. */
  root?: string;
  /** A free one if not given. */
  port?: number;
  /** Delete the data first. */
  fresh?: boolean;
  /** No lines of the Worker or the stack. */
  quiet?: boolean;
}

export interface DevServer extends Wrangler {
  stack: Stack;
  /** True when it has just made a variables file with random secrets. */
  madeSecrets: boolean;
}

/** After a crash the last server's processes need so long to notice and go. */
const PORT_WAIT_MS = 8_000;
const PORT_POLL_MS = 100;
const LAST_PORT = 65_535;

/**
 * Starts the whole service on this machine: stack, migrations, demo data, Worker, clock. Resolves when the Worker answers;
 * when anything fails, stops what has started and throws (a Sentence where a person can do something about it).
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const root = path.resolve(options.root ?? DEV_ROOT);
  const log = options.quiet ? () => undefined : (line: string) => console.log(line);
  prepareRoot(root, options.fresh ?? false);
  const port = await portToUse(root, options.port);
  const cleanups: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    return await startParts({ root, port, log }, cleanups, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Setting {
  root: string;
  port: number;
  log: (line: string) => void;
}

async function startParts(
  { root, port, log }: Setting,
  cleanups: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
) {
  // The own clone's secrets are where people look for them; another root keeps its own.
  const secretsFile = path.join(root === DEV_ROOT ? PROJECT_FOLDER : root, ".dev.vars");
  const madeSecrets = ensureVariablesFile(secretsFile);
  const [stack] = await both(startServers(root, port, log), buildAssets(), (started) => {
    cleanups.push(() => started.stop());
  });
  const url = `http://127.0.0.1:${port}`;
  writeRunningServer(root, {
    processId: process.pid,
    url,
    mailSinkUrl: stack.frontUrls.mailSink,
    ownerUrl: stack.postgres.ownerUrl(),
    appUrl: stack.postgres.appUrl(),
  });
  cleanups.push(() => removeRunningServer(root));
  const variablesFile = path.join(root, "worker.env");
  writeVariables(variablesFile, { ...readVariables(secretsFile), ...localVariables(url), ...stack.vars });
  const [wrangler] = await both(
    startWrangler({ folder: path.join(root, "wrangler"), port, variablesFile, log }),
    migrateUp(stack.postgres.ownerUrl()).then(() => ensureDemoData(superuserUrl(stack))),
    (started) => cleanups.push(() => started.stop()),
  );
  const ticker = startCronTicker(url, cronExpressions(), log);
  cleanups.push(() => ticker.stop());
  return { ...wrangler, stack, madeSecrets, stop };
}

/** The stack's own errors are written for people: what is missing, and what to do. */
async function startServers(root: string, port: number, log: (line: string) => void): Promise<Stack> {
  try {
    return await startStack({
      root,
      durable: true,
      cache: CACHE_FOLDER,
      mailSinkPort: port < LAST_PORT ? port + 1 : 0,
      log,
    });
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) throw new Sentence(error.message, { cause: error });
    throw error;
  }
}

/** The superuser in the main database; the stack's own address leads to the one for maintenance. */
function superuserUrl({ postgres }: Stack): string {
  return Object.assign(new URL(postgres.superuserUrl), { pathname: new URL(postgres.ownerUrl()).pathname }).href;
}

/** Runs two things side by side; when the second fails, what the first has started is known to `onStarted` all the same. */
async function both<A, B>(first: Promise<A>, second: Promise<B>, onStarted: (value: A) => void): Promise<[A, B]> {
  const announced = first.then((value) => {
    onStarted(value);
    return value;
  });
  const [a, b] = await Promise.allSettled([announced, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}

function localVariables(url: string): Record<string, string> {
  const { bucket, accessKeyId, secretAccessKey } = localBucket();
  return {
    ETTER_ENV: "development",
    PUBLIC_URL: url,
    // Wrangler's own, on the Worker's port. Signatures cover the host, so 127.0.0.1 here and in the browser.
    S3_ENDPOINT: `${url}/cdn-cgi/local/r2/s3`,
    S3_DOCUMENTS_BUCKET: bucket,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "auto",
  };
}

function prepareRoot(root: string, fresh: boolean): void {
  mkdirSync(root, { recursive: true });
  // The stack claims the root for itself in a moment; this claim makes deleting safe and the refusal helpful.
  const release = claimOrExplain(root);
  if (fresh) {
    const lock = "stack.lock";
    for (const name of readdirSync(root))
      if (name !== lock) rmSync(path.join(root, name), { recursive: true, force: true });
  }
  release();
}

function claimOrExplain(root: string): () => void {
  try {
    return claimRoot(root);
  } catch (error) {
    if (!(error instanceof RootInUseError)) throw error;
    const url = findRunningServer(root)?.url;
    const where = url === undefined ? "is starting in this folder" : `runs in this folder already: ${url}`;
    throw new Sentence(
      `Etter ${where} (process ${error.ownerProcessId}). Use that one, or stop it with Ctrl-C in its terminal. For a second one, make a second clone.`,
    );
  }
}

async function portToUse(root: string, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort();
  // Only a crash leaves this file; its processes may still hold the port for a moment.
  const deadline = Date.now() + (findRunningServer(root) ? PORT_WAIT_MS : 0);
  while (!(await canListen(wanted))) {
    if (Date.now() >= deadline) {
      throw new Sentence(
        `Port ${wanted} is taken by another program. Stop that one, or choose another port: PORT=${wanted + 10} npm run dev`,
      );
    }
    await sleep(PORT_POLL_MS);
  }
  return wanted;
}

/** The port that PORT or a flag names. Throws a Sentence when it is not one. */
export function readPort(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > LAST_PORT)
    throw new Sentence(`"${text}" is not a port: PORT=7081 npm run dev`);
  return port;
}
