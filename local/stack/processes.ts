import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** True while a process with this id exists, whoever owns it; a zombie counts as gone. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return statFields(processId)?.[0] !== "Z";
}

/** Signals a process, or a process group by its negative id; one that is gone in the meantime is no error. */
export function sendSignal(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** When the process began, in milliseconds since 1970 (to about a second), or undefined when there is none. */
export function startedAtMs(processId: number): number | undefined {
  if (process.platform === "linux") {
    // Counted from the state, which is field 3 of /proc/<pid>/stat, the start time is number 19; in ticks of 10 ms since boot.
    const ticks = statFields(processId)?.[19];
    const bootSeconds = /^btime (\d+)$/m.exec(readText("/proc/stat") ?? "")?.[1];
    return ticks === undefined || bootSeconds === undefined
      ? undefined
      : Number(bootSeconds) * 1000 + Number(ticks) * 10;
  }
  const text = processStatus(processId, "lstart=");
  return text === undefined ? undefined : Date.parse(text);
}

/** The command line as one string, or undefined when there is no such process. */
export function commandLine(processId: number): string | undefined {
  if (process.platform === "linux") return readText(`/proc/${processId}/cmdline`)?.replaceAll("\0", " ").trim();
  return processStatus(processId, "args=");
}

/** The ids of all children, their children and so on. */
export function descendantsOf(processId: number): number[] {
  const parents = process.platform === "linux" ? linuxParents() : listedParents();
  const found: number[] = [];
  const queue = [processId];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    for (const [child, parentOfChild] of parents) {
      if (parentOfChild !== parent || found.includes(child)) continue;
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}

/** Polls until the process is gone; false when it still runs after the time given. */
export async function waitUntilGone(processId: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(processId)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** The fields of /proc/<pid>/stat from the third (the state) on: the second, a name in brackets, may contain spaces. */
function statFields(processId: number): string[] | undefined {
  if (process.platform !== "linux") return undefined;
  const stat = readText(`/proc/${processId}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function linuxParents(): Map<number, number> {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(ids.map((id) => [Number(id), Number(statFields(Number(id))?.[1] ?? -1)]));
}

function listedParents(): Map<number, number> {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
}

function processStatus(processId: number, format: string): string | undefined {
  try {
    const env = { ...process.env, LC_ALL: "C" };
    return execFileSync("ps", ["-o", format, "-p", String(processId)], { encoding: "utf8", env }).trim();
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
