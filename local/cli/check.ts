import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { PROJECT_FOLDER } from "../dev/places.ts";

/** A tool that hangs is a failure, not a wait; one on a busy machine is slow, ten times slower than on a quiet one. */
const TOOL_LIMIT_SECONDS = 300;
const SOURCE_FOLDERS = ["src", "local", "bench", "test", "console"];
const KEPT_OUTPUT_LINES = 200;

interface Tool {
  readonly name: string;
  /** A program of node_modules/.bin and its arguments. */
  readonly command: readonly [bin: string, ...args: string[]];
  /** What to do when it fails. */
  readonly mend: string;
  /** A remark for its line, from what it printed. */
  readonly remark?: (output: string) => string | undefined;
  /** Why its success is not to be believed, from what it printed. */
  readonly doubt?: (output: string) => string | undefined;
}

interface Outcome {
  readonly tool: Tool;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

// The slow ones first, so that the quick ones fill the gaps at the end.
const tools: readonly Tool[] = [
  {
    name: "lint",
    command: ["oxlint"],
    mend: "npx oxlint --fix mends some; a rule is disabled only with `-- why` beside it",
    remark: (output) => /Found (\d+ warnings?)/.exec(output)?.[1],
  },
  typesOf("Worker", "tsconfig.json"),
  typesOf("Node side", "local/tsconfig.json"),
  typesOf("console", "console/tsconfig.json"),
  {
    name: "tidy rules",
    command: ["vitest", "run", "--project", "unit", "test/unit/tidy/tree.test.ts"],
    mend: "each finding says what it wants; the rules are in test/unit/tidy",
    remark: (output) => /Tests {2}(.+)/.exec(output)?.[1],
  },
  {
    name: "dead code",
    command: ["knip", "--no-progress", "--no-config-hints"],
    mend: "delete what nothing uses, or import it where it is meant to be used",
  },
  {
    name: "binding types",
    command: bindingTypesCommand(),
    mend: "npm run types",
  },
  {
    name: "import directions",
    command: ["depcruise", "--output-type", "err-long", ...SOURCE_FOLDERS.filter((folder) => countSources(folder) > 0)],
    mend: "move the line to the folder it belongs to: CONTRIBUTING.md, “Where a line belongs”",
    remark: (output) => /\d+ modules/.exec(output)?.[0],
    doubt: tooFewModules,
  },
  {
    name: "format",
    command: ["oxfmt", "--check"],
    mend: "npm run format",
  },
];

/** tsc remembers what it found in .data, so that a second run reads only what changed. */
function typesOf(what: string, project: string): Tool {
  const memory = path.join(".data/check", `${project.replaceAll("/", "-")}.tsbuildinfo`);
  return {
    name: `types, ${what}`,
    command: ["tsc", "--noEmit", "--pretty", "false", "-p", project, "--incremental", "--tsBuildInfoFile", memory],
    mend: "each error names its line",
  };
}

/** The script that writes worker-configuration.d.ts, asked whether it would change anything. */
function bindingTypesCommand(): [string, ...string[]] {
  const text = readFileSync(path.join(PROJECT_FOLDER, "package.json"), "utf8");
  const { scripts } = JSON.parse(text) as { scripts: { types: string } };
  const [bin = "wrangler", ...args] = scripts.types.split(" ");
  return [bin, ...args, "--check"];
}

function countSources(folder: string): number {
  const place = path.join(PROJECT_FOLDER, folder);
  if (!existsSync(place)) return 0;
  return readdirSync(place, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts")).length;
}

/** dependency-cruiser passes when it cannot read TypeScript, having read nothing: it must have met every file. */
function tooFewModules(output: string): string | undefined {
  const met = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  const ours = SOURCE_FOLDERS.reduce((sum, folder) => sum + countSources(folder), 0);
  return met >= ours
    ? undefined
    : `read ${met} modules of at least ${ours}: does it understand this TypeScript version?`;
}

const running = new Set<number>();

/** Ends the tools' whole process groups: some are shims around the real process. */
function stopAll(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It ended by itself in this moment.
    }
  }
}

function run(tool: Tool): Promise<Outcome> {
  const [bin, ...args] = tool.command;
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  // Without `--`, Node takes a tool's --env-file for its own and refuses to start when the file is missing.
  const child = spawn(process.execPath, ["--", path.join(PROJECT_FOLDER, "node_modules/.bin", bin), ...args], {
    cwd: PROJECT_FOLDER,
    env: { ...process.env, ...quietly(), ...natively },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    timeout: TOOL_LIMIT_SECONDS * 1000,
    killSignal: "SIGKILL",
  });
  if (child.pid !== undefined) running.add(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  child.on("error", (error) => (output += `${error.message}\n`));
  child.on("close", (code, signal) => {
    if (child.pid !== undefined) running.delete(child.pid);
    if (signal !== null) output += `ended by ${signal}, after at most ${TOOL_LIMIT_SECONDS} s\n`;
    const doubt = code === 0 ? tool.doubt?.(output) : undefined;
    const seconds = (performance.now() - startedAt) / 1000;
    resolve({
      tool,
      ok: code === 0 && doubt === undefined,
      seconds,
      output: doubt === undefined ? output : `${doubt}\n`,
    });
  });
  return promise;
}

/**
 * knip loads our configurations through jiti, and with them wrangler, which jiti would translate whole in every new clone: 51 s.
 * Node reads TypeScript by itself.
 */
const natively = { JITI_TRY_NATIVE: "1" };

/** No colours, no banner, and with it no look-up of newer versions: the check works without a network. */
function quietly(): Record<string, string> {
  return {
    NO_COLOR: "1",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: path.join(PROJECT_FOLDER, ".data/wrangler-logs"),
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
}

function printLine({ tool, ok, seconds, output }: Outcome): void {
  const remark = tool.remark?.(output);
  const line = `${ok ? "ok  " : "FAIL"} ${tool.name.padEnd(18)} ${seconds.toFixed(1).padStart(5)} s`;
  console.log(remark === undefined ? line : `${line}  ${remark}`);
}

function printFailure({ tool, output }: Outcome): void {
  const lines = output.trimEnd().split("\n");
  console.log(`\n── ${tool.name}: ${tool.command.join(" ")}`);
  for (const line of lines.slice(0, KEPT_OUTPUT_LINES)) console.log(line);
  if (lines.length > KEPT_OUTPUT_LINES) console.log(`… and ${lines.length - KEPT_OUTPUT_LINES} lines more`);
  console.log(`To mend: ${tool.mend}.`);
}

/** Runs all tools, as many at once as there are processors, and prints each result when it is there. */
async function check(): Promise<boolean> {
  const waiting = tools.values();
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (const tool of waiting) {
      const outcome = await run(tool);
      printLine(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  const failed = outcomes.filter(({ ok }) => !ok);
  for (const outcome of failed) printFailure(outcome);
  return failed.length === 0;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopAll();
    process.exit(1);
  });
}

const startedAt = performance.now();
const ok = await check();
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(ok ? `\nAll ${tools.length} checks passed in ${seconds} s.` : `\nNot all checks passed (${seconds} s).`);
process.exitCode = ok ? 0 : 1;
