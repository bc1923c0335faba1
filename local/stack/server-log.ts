import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";

const LOG_BYTES_LIMIT = 5 * 1024 * 1024;

/** Runs `use` with a descriptor that appends to a server's log; a log that has grown too long starts over. */
export function withServerLog<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, "a", 0o600);
  try {
    if (statSync(path).size > LOG_BYTES_LIMIT) truncateSync(path);
    return use(descriptor);
  } finally {
    // The server has its own copy of the descriptor by now.
    closeSync(descriptor);
  }
}

/** The last line that says something, to end an error message with. */
export function lastLogLine(path: string): string {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? "its log is empty";
}
