import { execFileSync } from "node:child_process";
import { isRunning } from "../stack/processes.ts";

const POLL_MS = 500;

/**
 * Calls back once when npm, which started this process, is gone: a SIGKILL of npm reaches nobody else. Without npm nothing
 * is watched, since a process started straight from a shell may well outlive it.
 */
export function onParentGone(callback: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const npm = isShell(parent) ? parentOf(parent) : parent;
  const timer = setInterval(() => {
    if (process.ppid === parent && isRunning(npm)) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}

// npm runs a script through `sh -c`; some shells replace themselves by the command, others stay in between.
function isShell(processId: number): boolean {
  return /(^|\/)-?(ba|da|z|k|a)?sh$/.test(status(processId, "comm="));
}

function parentOf(processId: number): number {
  return Number(status(processId, "ppid="));
}

function status(processId: number, format: string): string {
  return execFileSync("ps", ["-o", format, "-p", String(processId)], { encoding: "utf8" }).trim();
}
