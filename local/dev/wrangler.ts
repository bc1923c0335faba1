import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntilGone } from "../stack/processes.ts";
import { launchWrangler, type WranglerOptions } from "./wrangler-session.ts";

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

const NOTICE_TIMEOUT_MS = 5_000;
const NOTICE_POLL_MS = 20;
/** More crashes than these in so long, and there is no point in starting again. */
const CRASH_LIMIT = 5;
const CRASH_WINDOW_MS = 60_000;

/** Runs `wrangler dev` and resolves when the Worker answers. A crashed one is replaced, up to a limit. */
export async function startWrangler(options: WranglerOptions): Promise<Wrangler> {
  mkdirSync(options.folder, { recursive: true });
  let crashes: number[] = [];
  let isStopped = false;
  /** A crash that was asked for says nothing about the Worker. */
  let isWanted = false;
  let replacement: Promise<void> | undefined;
  let session = launchWrangler(options, onCrash);

  async function replace(): Promise<void> {
    await session.stop();
    if (isStopped) return;
    session = launchWrangler(options, onCrash);
    await session.ready;
  }

  function onCrash(): void {
    const now = Date.now();
    if (!isWanted) crashes = [...crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    if (crashes.length > CRASH_LIMIT) {
      options.log(`The Worker's runtime crashed ${crashes.length} times within a minute and stays down.`);
      return;
    }
    options.log("The Worker's runtime crashed; it is started again.");
    replacement = replace();
    replacement.catch((error: unknown) => options.log(error instanceof Error ? error.message : String(error)));
  }

  async function killWorkerd(): Promise<void> {
    const before = replacement;
    isWanted = true;
    const victims = session.workerdPids();
    for (const id of victims) process.kill(id, "SIGKILL");
    await Promise.all(victims.map((id) => waitUntilGone(id, NOTICE_TIMEOUT_MS)));
    const deadline = Date.now() + NOTICE_TIMEOUT_MS;
    while (replacement === before) {
      if (Date.now() > deadline) throw new Error("nobody noticed that workerd is gone");
      await sleep(NOTICE_POLL_MS);
    }
    isWanted = false;
    await replacement;
  }

  async function stop(): Promise<void> {
    isStopped = true;
    await session.stop();
  }

  try {
    await session.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  const workerdPids = () => session.workerdPids();
  return { url: `http://127.0.0.1:${options.port}`, workerdPids, killWorkerd, restart: replace, stop };
}
