import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../free-port.ts";
import { readProcessId } from "../leftover.ts";
import { descendantsOf, sendSignal } from "../processes.ts";
import { lastLogLine, withServerLog } from "../server-log.ts";
import { supervise } from "../supervise.ts";
import type { SupervisedProcess } from "../supervise.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { dataFolderArgument, serverEnvironment, SUPERUSER } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";

export interface PostgresServer {
  readonly port: number;
  /** Starts it, on the same port as before. */
  start(): Promise<void>;
  /** Stops it; `start` brings it back with its data. */
  stop(): Promise<void>;
  /** Freezes every process of it: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
}

const START_ATTEMPT_LIMIT = 3;
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 20;
const MAX_CONNECTIONS = 300;
const CLIENT_CHECK_INTERVAL_MS = 500;

/** A server over the cluster, not yet started. `durable`: may the data survive a loss of power. */
export async function createPostgresServer(
  binaries: PostgresBinaries,
  cluster: Cluster,
  options: { logFile: string; durable: boolean },
): Promise<PostgresServer> {
  let port = await freePort();
  let running: SupervisedProcess | undefined;
  let startedBefore = false;
  let paused = false;

  const launch = (): SupervisedProcess =>
    withServerLog(options.logFile, (output) =>
      supervise(join(binaries.binFolder, "postgres"), serverArguments(binaries, cluster, port, options.durable), {
        ...binaries.runAs,
        cwd: cluster.dataFolder,
        env: serverEnvironment(),
        output,
        // Fast shutdown: sessions are ended and everything is written out.
        signal: "INT",
        graceSeconds: 10,
      }),
    );

  const start = async (): Promise<void> => {
    if (running && !running.exitReport()) return;
    for (let attempt = 1; ; attempt += 1) {
      running = launch();
      if (await becomesReady(running, superuserUrl(cluster, port))) break;
      await running.stop();
      if (attempt === START_ATTEMPT_LIMIT) {
        throw new Error(`PostgreSQL did not start: ${lastLogLine(options.logFile)} (more in ${options.logFile})`);
      }
      // Somebody may have taken the port in between. After the first start it is promised to others and stays.
      if (!startedBefore) port = await freePort();
    }
    startedBefore = true;
  };

  const resume = (): void => {
    signalAll(cluster, "SIGCONT");
    paused = false;
  };

  return {
    get port() {
      return port;
    },
    start,
    stop: async () => {
      if (paused) resume();
      await running?.stop();
    },
    pause: () => {
      signalAll(cluster, "SIGSTOP");
      paused = true;
    },
    resume,
  };
}

export function superuserUrl(cluster: Cluster, port: number): string {
  return `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/postgres`;
}

function serverArguments(binaries: PostgresBinaries, cluster: Cluster, port: number, durable: boolean): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: MAX_CONNECTIONS,
    timezone: "UTC",
    // A query whose client has gone away ends soon, instead of holding its locks until it is done.
    client_connection_check_interval: CLIENT_CHECK_INTERVAL_MS,
    // Every WebSocket opens a connection: the usual 4096 rounds of hashing would be most of its time.
    ...(binaries.majorVersion >= 16 ? { scram_iterations: 1 } : {}),
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", dataFolderArgument(binaries, cluster.dataFolder), "-p", String(port), ...flags];
}

/** True once it answers queries; false when it exits first or takes too long. */
async function becomesReady(server: SupervisedProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!server.exitReport()) {
    if (Date.now() > deadline) return false;
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: READY_POLL_MS * 50 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return true;
    } catch (error) {
      if (isPermanent(error)) return false;
      await sleep(READY_POLL_MS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return false;
}

/** A wrong password means that somebody else's server answers on this port; class 28 never heals by waiting. */
function isPermanent(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code?.startsWith("28") === true;
}

function signalAll(cluster: Cluster, signal: "SIGSTOP" | "SIGCONT"): void {
  const postmaster = readProcessId(join(cluster.dataFolder, "postmaster.pid"));
  if (postmaster === undefined) throw new Error(`PostgreSQL is not running: it cannot get ${signal}.`);
  // The postmaster first, so that none of its children is born after the list is made.
  sendSignal(postmaster, signal);
  for (const child of descendantsOf(postmaster)) sendSignal(child, signal);
}
