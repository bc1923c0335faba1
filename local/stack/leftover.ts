import { readFileSync, rmSync, statSync } from "node:fs";
import { commandLine, isRunning, sendSignal, startedAtMs, waitUntilGone } from "./processes.ts";

const POLITE_WAIT_MS = 5_000;
const KILL_WAIT_MS = 5_000;
const CLOCK_TOLERANCE_MS = 3_000;

/**
 * Ends the server of an earlier run that wrote this pid file and is still there (its supervisor was killed too), and
 * removes the file. A process that merely got the same id since then is left alone.
 */
export async function endLeftover(pidFile: string, name: string, politeSignal: NodeJS.Signals): Promise<void> {
  const processId = readProcessId(pidFile);
  if (processId !== undefined && wroteThisFile(processId, name, pidFile)) {
    sendSignal(processId, politeSignal);
    if (!(await waitUntilGone(processId, POLITE_WAIT_MS))) {
      sendSignal(processId, "SIGKILL");
      await waitUntilGone(processId, KILL_WAIT_MS);
    }
  }
  rmSync(pidFile, { force: true });
}

/** The id in the first line of a pid file, as PostgreSQL and Redis write it. */
export function readProcessId(pidFile: string): number | undefined {
  try {
    const processId = Number.parseInt(readFileSync(pidFile, "latin1"), 10);
    return processId > 1 ? processId : undefined;
  } catch {
    return undefined;
  }
}

function wroteThisFile(processId: number, name: string, pidFile: string): boolean {
  if (!isRunning(processId) || !commandLine(processId)?.includes(name)) return false;
  const started = startedAtMs(processId);
  // Whoever started after the file was written cannot have written it.
  return started !== undefined && started <= statSync(pidFile).mtimeMs + CLOCK_TOLERANCE_MS;
}
