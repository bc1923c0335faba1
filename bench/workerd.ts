import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_FOLDER } from "../local/dev/places.ts";
import { freePort } from "../local/stack/free-port.ts";
import { descendantsOf } from "../local/stack/processes.ts";
import { supervise } from "../local/stack/supervise.ts";

/** A Worker as `wrangler deploy` would upload it. */
export interface Bundle {
  readonly name: string;
  /** Its one module. */
  readonly file: string;
  readonly compatibilityFlags: readonly string[];
  /** Classes of Durable Objects by the names of their bindings. */
  readonly objects: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Workerd {
  /** Where the Workers answer, in the order given. */
  readonly urls: readonly string[];
  /** Milliseconds from its start to the first answer of the last Worker. */
  readonly readyMs: number;
  /** Seconds of processor time that it has used, by all its threads. */
  cpuSeconds(): number;
  /** Forgets the peak; gives the bytes that are resident now. */
  resetPeakMemory(): number;
  /** The most bytes that were resident since. */
  peakMemory(): number;
  stop(): Promise<void>;
}

export const COMPATIBILITY_DATE = "2026-10-01";
const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 2;

/** Runs `use` with a folder that is gone afterwards. In the clone, so that paths in the bundles' maps stay relative. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const parent = path.join(PROJECT_FOLDER, ".data/bench");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, "run-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bundles with `wrangler deploy --dry-run`: what production would get, nothing uploaded. Returns the path of the one module. */
export function bundleWith(config: string, outFolder: string, flags: readonly string[] = []): string {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const args = [wrangler, "deploy", "-c", config, "--dry-run", "--outdir", outFolder, ...flags];
  const run = spawnSync(process.execPath, args, {
    cwd: PROJECT_FOLDER,
    encoding: "utf8",
    env: {
      ...process.env,
      CI: "1",
      NO_COLOR: "1",
      NO_UPDATE_NOTIFIER: "1",
      WRANGLER_LOG_PATH: path.join(outFolder, "../logs"),
      WRANGLER_SEND_METRICS: "false",
    },
  });
  if (run.status !== 0) throw new Error(`wrangler could not bundle ${config}:\n${run.stdout}${run.stderr}`);
  const modules = readdirSync(outFolder).filter((name) => !/\.(map|md)$/.test(name));
  const [module] = modules;
  if (module === undefined || modules.length > 1)
    throw new Error(`expected one module in the bundle, found ${modules.join(", ")}`);
  return path.join(outFolder, module);
}

/** Runs Workers in one workerd without anything in front of it, and resolves when each answers. Linux only. */
export async function startWorkerd(folder: string, bundles: readonly Bundle[]): Promise<Workerd> {
  const ports = await Promise.all(bundles.map(() => freePort()));
  const config = path.join(folder, "workerd.capnp");
  writeFileSync(config, capnpOf(folder, bundles, ports));
  const startedAt = performance.now();
  const server = supervise(workerdBinary(), ["serve", config], { cwd: folder, graceSeconds: 1 });
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  try {
    for (const url of urls) await untilAnswers(url, () => server.exitReport() !== undefined);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const readyMs = performance.now() - startedAt;
  return {
    urls,
    readyMs,
    cpuSeconds: () => descendantsOf(server.groupId).reduce((sum, id) => sum + cpuSecondsOf(id), 0),
    resetPeakMemory: () => {
      const id = largestOf(descendantsOf(server.groupId));
      writeFileSync(`/proc/${id}/clear_refs`, "5");
      return memoryOf(id, "VmRSS");
    },
    peakMemory: () => memoryOf(largestOf(descendantsOf(server.groupId)), "VmHWM"),
    stop: () => server.stop(),
  };
}

function workerdBinary(): string {
  // A dependency of wrangler's: the very one that `wrangler dev` runs.
  const { default: binary } = createRequire(createRequire(import.meta.url).resolve("wrangler"))("workerd") as {
    default: string;
  };
  return binary;
}

async function untilAnswers(url: string, isOver: () => boolean): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!isOver() && performance.now() < deadline) {
    const response = await fetch(`${url}/api/etter/test`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    if (response) throw new Error(`${url} answers ${response.status}`);
    await sleep(READY_POLL_MS);
  }
  throw new Error("workerd does not run the bundles: try `workerd serve` by hand");
}

function cpuSecondsOf(processId: number): number {
  // Nanoseconds on a processor, thread by thread; /proc/<pid>/stat counts in hundredths of a second.
  const threads = readdirSync(`/proc/${processId}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${processId}/task/${id}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
}

/** Bytes, of the kernel's own account. */
function memoryOf(processId: number, name: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${processId}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}

/** workerd among the shells that watch over it. */
const largestOf = (processIds: readonly number[]): number =>
  processIds.toSorted((a, b) => memoryOf(b, "VmRSS") - memoryOf(a, "VmRSS"))[0] ?? -1;

/** What `fetch` reaches: this machine as well, where the benches' own servers are. */
const INTERNET = '(name = "internet", network = (allow = ["public", "private"]))';

/** Cap'n Proto in text form; JSON writes its strings the same way as long as they are ASCII. */
function capnpOf(folder: string, bundles: readonly Bundle[], ports: readonly number[]): string {
  const text = JSON.stringify;
  const services = bundles.map(({ name }) => `(name = ${text(name)}, worker = .${name})`);
  const sockets = bundles.map(
    ({ name }, index) =>
      `(name = ${text(name)}, address = "127.0.0.1:${ports[index]}", http = (), service = ${text(name)})`,
  );
  const workers = bundles.map(({ name, file, compatibilityFlags, objects, variables }) => {
    const bindings = [
      ...Object.entries(variables).map(([key, value]) => `(name = ${text(key)}, text = ${text(value)})`),
      ...Object.entries(objects).map(
        ([key, className]) => `(name = ${text(key)}, durableObjectNamespace = ${text(className)})`,
      ),
    ];
    const namespaces = Object.values(objects).map(
      (className) => `(className = ${text(className)}, uniqueKey = ${text(className)}, enableSql = true)`,
    );
    return `const ${name} :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${text(path.relative(folder, file))})],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = ${text(compatibilityFlags)},
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (inMemory = void),
);`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${[...services, INTERNET].join(", ")}],
  sockets = [${sockets.join(", ")}],
);
${workers.join("\n")}
`;
}
