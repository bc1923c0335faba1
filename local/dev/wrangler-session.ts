import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, descendantsOf } from "../stack/processes.ts";
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

/** One `wrangler dev`, from its start to its end. */
export interface WranglerSession {
  /** Resolves when the Worker answers; rejects with a Sentence when it never will. */
  ready: Promise<void>;
  workerdPids(): number[];
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const ONE_TRY_MS = 2_000;
const READY_POLL_MS = 40;
const GRACE_SECONDS = 2;
const OUTPUT_KEPT_LINES = 60;
const SERVER_ERROR = 500;

/** Wrangler's own word for a dead workerd. It starts another one then, but what it serves hangs for ever (4.155). */
const CRASH_LINE = /Workers runtime crashed unexpectedly/;
const ERROR_LINE = /\[.{0,20}ERROR/;
/** The Worker logs its requests itself. */
const REQUEST_LINE = /^\[wrangler:info\] [A-Z]+ \/\S* \d{3} /;

/** Starts `wrangler dev`; `onCrash` is called once, when after it was ready its workerd or the whole of it is gone unasked. */
export function launchWrangler(options: WranglerOptions, onCrash: () => void): WranglerSession {
  const server = supervise(process.execPath, [wranglerScript(), ...wranglerArguments(options)], {
    cwd: PROJECT_FOLDER,
    env: wranglerEnvironment(options.folder),
    output: "pipe",
    graceSeconds: GRACE_SECONDS,
  });
  const output: string[] = [];
  let state: "starting" | "ready" | "over" = "starting";
  const crash = (): void => {
    if (state === "ready") onCrash();
    state = "over";
  };
  const onLine = (line: string): void => {
    if (CRASH_LINE.test(line)) return crash();
    if (output.push(line) > OUTPUT_KEPT_LINES) output.shift();
    if (state === "ready" && !REQUEST_LINE.test(line)) options.log(line);
  };
  for (const stream of [server.child.stdout, server.child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", onLine);
  }
  void server.exited.then(crash);
  const becomeReady = async (): Promise<void> => {
    const status = await firstAnswer(server, options.port, output);
    // Its reason, such as a variable that is missing, has been printed before anyone listened.
    if (status >= SERVER_ERROR) options.log(`The Worker answers with ${status}:\n${output.join("\n").trim()}`);
    if (state === "starting") state = "ready";
  };
  return {
    ready: becomeReady(),
    workerdPids: () => descendantsOf(server.groupId).filter((id) => commandLine(id)?.includes("workerd serve")),
    stop: async () => {
      state = "over";
      await server.stop();
    },
  };
}

/** The status of the Worker's first answer. Any will do, also one that says that its environment is wrong. */
async function firstAnswer(server: SupervisedProcess, port: number, output: string[]): Promise<number> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (server.exitReport() || output.some((line) => ERROR_LINE.test(line)) || Date.now() > deadline) {
      throw new Sentence(`The Worker did not start. Wrangler says:\n\n${complaint(output)}`);
    }
    // While a build fails, wrangler takes the call and never answers it: look at what it says in between.
    const signal = AbortSignal.timeout(ONE_TRY_MS);
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response) return response.status;
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
