import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { isRunning } from "../../../local/stack/processes.ts";

const READY_LINE = /Etter is ready, after ([\d.]+) s/;
const POLL_MS = 50;
/** Longer than every grace period of the servers together. */
const GONE_TIMEOUT_MS = 20_000;

export interface DevProcess {
  /** Of npm, and the leader of the terminal's foreground group. */
  npmId: number;
  /** Everything printed until now. */
  output(): string;
  /** Seconds that it says it took; rejects with its output when it ends instead. */
  ready: Promise<number>;
  /** Exit code of npm, null when a signal ended it. */
  ended: Promise<number | null>;
  /** The process that runs local/dev.ts. */
  nodeId(): number;
  /** Ctrl-C: the terminal sends SIGINT to its whole foreground group. */
  pressCtrlC(): void;
  /** Waits for every process that descends from this one to end; what is still there then, as command lines. */
  leftovers(): Promise<string[]>;
  /** Ends whatever is left, for the sake of the tests that follow. */
  destroy(): Promise<void>;
}

/** `npm run dev -- --data …` as a terminal starts it: in a process group of its own. */
export function startDev(root: string, port: number, flags: string[] = []): DevProcess {
  // Children inherit variables, however often they are adopted. PostgreSQL and Redis overwrite theirs, but the one has its
  // data folder among its arguments, and the other works in it.
  const mark = `ETTER_E2E_MARK=${randomBytes(8).toString("hex")}`;
  const [name = "", value = ""] = mark.split("=");
  const child = spawn("npm", ["run", "dev", "--", "--data", root, ...flags], {
    cwd: PROJECT_FOLDER,
    env: { ...process.env, PORT: String(port), [name]: value },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  const mine = () =>
    processes().filter(
      ({ words, folder, variables }) => `${words} ${folder}`.includes(root) || variables.includes(mark),
    );
  const leftovers = async () => {
    const deadline = Date.now() + GONE_TIMEOUT_MS;
    while (mine().length > 0 && Date.now() < deadline) await sleep(POLL_MS);
    return mine().map(({ id, words }) => `${id} ${words.slice(0, 200)}`);
  };
  return {
    npmId: child.pid ?? -1,
    output: () => output,
    ready: untilReady(
      () => output,
      () => child.exitCode !== null || child.signalCode !== null,
    ),
    ended,
    nodeId: () => {
      const found = mine().find(isDevScript);
      if (!found) throw new Error(`local/dev.ts does not run:\n${output}`);
      return found.id;
    },
    pressCtrlC: () => process.kill(-(child.pid ?? 0), "SIGINT"),
    leftovers,
    destroy: async () => {
      // Not their supervisors: those end the servers once this process is gone.
      for (const { id } of mine().filter(isDevScript)) kill(id);
      const left = await leftovers();
      if (left.length > 0) throw new Error(`still there: ${left.join("\n")}`);
    },
  };
}

async function untilReady(output: () => string, hasEnded: () => boolean): Promise<number> {
  for (;;) {
    const seconds = READY_LINE.exec(output())?.[1];
    if (seconds !== undefined) return Number(seconds);
    if (hasEnded()) throw new Error(`npm run dev ended:\n${output()}`);
    await sleep(POLL_MS);
  }
}

interface ProcessFacts {
  id: number;
  words: string;
  /** Where it works. */
  folder: string;
  variables: string;
}

/** All processes of this machine (Linux) but zombies, which in a container may stay for ever. */
function processes(): ProcessFacts[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((id) => id > 0 && id !== process.pid && isRunning(id))
    .map((id) => ({ id, words: factOf(id, "cmdline"), folder: folderOf(id), variables: factOf(id, "environ") }));
}

function isDevScript({ words }: ProcessFacts): boolean {
  return /^\S*node local\/dev\.ts /.test(words);
}

function folderOf(id: number): string {
  try {
    return readlinkSync(`/proc/${id}/cwd`);
  } catch {
    return "";
  }
}

function factOf(id: number, name: string): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // Gone in between.
  }
}
