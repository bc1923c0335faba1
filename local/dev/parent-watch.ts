import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { commandLine, isRunning } from "../stack/processes.ts";

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
  return /^(\S*\/)?(ba|da|z|k|a)?sh -c /.test(commandLine(processId) ?? "");
}

function parentOf(processId: number): number {
  if (process.platform !== "linux")
    return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(processId)], { encoding: "utf8" }));
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"))?.[1]);
}
