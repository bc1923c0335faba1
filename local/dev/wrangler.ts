import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, descendantsOf, waitUntilGone } from "../stack/processes.ts";
import { supervise, type SupervisedProcess } from "../stack/supervise.ts";
import { PROJECT_FOLDER, Sentence } from "./places.ts";
import { WRANGLER_CONFIG } from "./wrangler-config.ts";

export interface WranglerOptions {
  /** Everything it writes goes in here. */
  folder: string;
  port: number;
  /** Variables and secrets in dotenv format; with it wrangler leaves .dev.vars alone, and nothing secret is in its arguments. */
  variablesFile: string;
  /** Gets every line it prints once it is ready. */
  log: (line: string) => void;
}

export interface Wrangler {
  url: string;
  /** Of the workerd processes that run now. */
  workerdPids(): number[];
  /** SIGKILLs every workerd and resolves when the Worker answers again. */
  killWorkerd(): Promise<void>;
  /** Stops it and starts it again, on the same port and with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** One `wrangler dev`, from its start to its end. */
interface Session {
  server: SupervisedProcess;
  /** Rejects with a Sentence when it cannot serve. */
  ready: Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 40;
const GRACE_SECONDS = 2;
const GONE_TIMEOUT_MS = 5_000;
/** More crashes than these in so long, and there is no point in starting again. */
const CRASH_LIMIT = 5;
const CRASH_WINDOW_MS = 60_000;
const OUTPUT_KEPT_LINES = 60;

/** Wrangler's own word for a dead workerd. It starts another one then, but what it serves hangs for ever (4.155). */
const CRASH_LINE = /Workers runtime crashed unexpectedly/;
const ERROR_LINE = /\[.{0,20}ERROR/;
/** The Worker logs its requests itself. */
const REQUEST_LINE = /^\[wrangler:info\] [A-Z]+ \/\S* \d{3} /;

/** Runs `wrangler dev` and resolves when the Worker answers. A crashed one is started again, up to a limit. */
export async function startWrangler(options: WranglerOptions): Promise<Wrangler> {
  const url = `http://127.0.0.1:${options.port}`;
  mkdirSync(options.folder, { recursive: true });
  const crashes: number[] = [];
  let stopped = false;
  let current = launch(options, url, () => onCrash());
  let recovery: Promise<void> = current.ready;

  const replace = async (): Promise<void> => {
    await current.server.stop();
    if (stopped) return;
    current = launch(options, url, () => onCrash());
    await current.ready;
  };
  const onCrash = (): void => {
    if (stopped) return;
    const now = Date.now();
    crashes.push(now);
    if (crashes.filter((at) => now - at < CRASH_WINDOW_MS).length > CRASH_LIMIT) {
      options.log(`The Worker's runtime crashed ${CRASH_LIMIT + 1} times within a minute. Stop, and look at what is printed above.`);
      return;
    }
    options.log("The Worker's runtime crashed; it is started again.");
    recovery = replace();
    recovery.catch((error: unknown) => options.log(String(error instanceof Error ? error.message : error)));
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    await current.server.stop();
  };
  try {
    await current.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    workerdPids: () => workerdOf(current),
    killWorkerd: async () => {
      const before = recovery;
      const victims = workerdOf(current);
      for (const id of victims) process.kill(id, "SIGKILL");
      await Promise.all(victims.map((id) => waitUntilGone(id, GONE_TIMEOUT_MS)));
      const deadline = Date.now() + GONE_TIMEOUT_MS;
      while (recovery === before) {
        if (Date.now() > deadline) throw new Error("wrangler did not notice that workerd is gone");
        await sleep(READY_POLL_MS);
      }
      await recovery;
    },
    restart: () => (recovery = replace()),
    stop,
  };
}

function workerdOf(session: Session): number[] {
  return descendantsOf(session.server.groupId).filter((id) => commandLine(id)?.includes("workerd serve"));
}

function launch(options: WranglerOptions, url: string, onCrash: () => void): Session {
  const server = supervise(process.execPath, [wranglerScript(), ...wranglerArguments(options)], {
    cwd: PROJECT_FOLDER,
    env: wranglerEnvironment(options.folder),
    output: "pipe",
    graceSeconds: GRACE_SECONDS,
  });
  const output: string[] = [];
  let isReady = false;
  let crashed = false;
  const onCrashOnce = (): void => {
    if (crashed || !isReady) return;
    crashed = true;
    onCrash();
  };
  const onLine = (line: string): void => {
    if (CRASH_LINE.test(line)) return onCrashOnce();
    if (output.push(line) > OUTPUT_KEPT_LINES) output.shift();
    if (isReady && !REQUEST_LINE.test(line)) options.log(line);
  };
  for (const stream of [server.child.stdout, server.child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", onLine);
  }
  let stopAsked = false;
  const stop = server.stop.bind(server);
  const session: SupervisedProcess = { ...server, stop: () => ((stopAsked = true), stop()) };
  void server.exited.then(() => stopAsked || onCrashOnce());
  const ready = becomeReady(server, url, output).then(() => {
    isReady = true;
  });
  return { server: session, ready };
}

/** Any answer of the Worker will do, also one that says that its environment is wrong. */
async function becomeReady(server: SupervisedProcess, url: string, output: string[]): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (server.exitReport() || output.some((line) => ERROR_LINE.test(line)) || Date.now() > deadline) {
      throw new Sentence(`The Worker did not start. Wrangler says:\n\n${complaint(output)}`);
    }
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response) return;
    await sleep(READY_POLL_MS);
  }
}

/** What it printed from its first error on; all of it, if it names none. */
function complaint(output: string[]): string {
  const first = output.findIndex((line) => ERROR_LINE.test(line));
  return output.slice(Math.max(0, first)).join("\n").trim();
}

function wranglerScript(): string {
  // Not its bin: that is one more process, which dies without taking the others along.
  return createRequire(import.meta.url).resolve("wrangler");
}

function wranglerArguments({ folder, port, variablesFile }: WranglerOptions): string[] {
  return [
    "dev",
    // Said aloud, for a wrangler.jsonc in any folder above would win silently.
    ...["-c", WRANGLER_CONFIG],
    ...["--ip", "127.0.0.1", "--port", String(port)],
    // Two servers that start at once take each other's inspector port.
    ...["--inspector-port", "0"],
    ...["--persist-to", path.join(folder, "state")],
    ...["--env-file", variablesFile],
    "--show-interactive-dev-session=false",
  ];
}

function wranglerEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: "1",
    // No colours in what passes through a pipe.
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    // Without this it asks the internet for the request.cf of this place.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    CLOUDFLARE_INCLUDE_PROCESS_ENV: "false",
    NO_UPDATE_NOTIFIER: "1",
    WRANGLER_LOG_PATH: path.join(folder, "logs"),
    WRANGLER_REGISTRY_PATH: path.join(folder, "registry"),
    WRANGLER_SEND_METRICS: "false",
  };
}
