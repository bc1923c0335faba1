import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { endLeftover, readProcessId } from "../leftover.ts";
import { sendSignal } from "../processes.ts";
import { lastLogLine, withServerLog } from "../server-log.ts";
import { supervise } from "../supervise.ts";
import type { SupervisedProcess } from "../supervise.ts";
import { findRedis } from "./binaries.ts";
import { RespClient } from "./resp-client.ts";

export interface RedisServer {
  readonly port: number;
  /** Starts it, on the same port as before. */
  start(): Promise<void>;
  /** Stops it; `start` brings it back, with its data if it is durable. */
  stop(): Promise<void>;
  /** Freezes the process: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
}

export interface RedisServerOptions {
  root: string;
  cache: string;
  /** Keep the data in `<root>/redis`, with an append-only file; else everything is gone when it stops. */
  durable: boolean;
  log: (line: string) => void;
}

const START_ATTEMPT_LIMIT = 3;
const READY_TIMEOUT_MS = 10_000;
const READY_POLL_MS = 10;

/** A redis-server, not yet started. */
export async function createRedisServer({ root, cache, durable, log }: RedisServerOptions): Promise<RedisServer> {
  const binary = await findRedis(cache, log);
  const folder = join(root, "redis");
  const pidFile = join(folder, "redis.pid");
  const logFile = join(root, "redis.log");
  await endLeftover(pidFile, "redis-server", "SIGTERM");
  if (!durable) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let port = await freePort();
  let running: SupervisedProcess | undefined;
  let startedBefore = false;
  let paused = false;

  const launch = (): SupervisedProcess =>
    withServerLog(logFile, (output) =>
      supervise(binary.path, serverArguments(port, folder, pidFile, durable), {
        cwd: folder,
        env: { PATH: process.env.PATH, ...binary.env },
        output,
      }),
    );

  const start = async (): Promise<void> => {
    if (running && !running.exitReport()) return;
    for (let attempt = 1; ; attempt += 1) {
      running = launch();
      if (await becomesReady(running, port)) break;
      await running.stop();
      if (attempt === START_ATTEMPT_LIMIT)
        throw new Error(`Redis did not start: ${lastLogLine(logFile)} (more in ${logFile})`);
      // Somebody may have taken the port in between. After the first start it is promised to others and stays.
      if (!startedBefore) port = await freePort();
    }
    startedBefore = true;
  };

  const resume = (): void => {
    signal(pidFile, "SIGCONT");
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
      signal(pidFile, "SIGSTOP");
      paused = true;
    },
    resume,
  };
}

function serverArguments(port: number, folder: string, pidFile: string, durable: boolean): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    pidfile: pidFile,
    daemonize: "no",
    save: "",
    appendonly: durable ? "yes" : "no",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** True once it answers; false when it exits first or takes too long. */
async function becomesReady(server: SupervisedProcess, port: number): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const client = new RespClient(() => port);
  try {
    while (!server.exitReport()) {
      if (Date.now() > deadline) return false;
      const [reply] = await client.send([["PING"]]).catch(() => []);
      // While it loads its file it answers -LOADING.
      if (reply === "PONG") return true;
      await sleep(READY_POLL_MS);
    }
    return false;
  } finally {
    client.close();
  }
}

function signal(pidFile: string, name: "SIGSTOP" | "SIGCONT"): void {
  const processId = readProcessId(pidFile);
  if (processId === undefined) throw new Error(`Redis is not running: it cannot get ${name}.`);
  sendSignal(processId, name);
}
