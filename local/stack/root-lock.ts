import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startedAtMs } from "./processes.ts";

const START_TIME_TOLERANCE_MS = 3_000;

interface Owner {
  processId: number;
  startedAtMs: number | null;
}

/** Thrown when a living process already runs a stack on this folder. */
export class RootInUseError extends Error {
  readonly ownerProcessId: number;

  constructor(root: string, ownerProcessId: number) {
    super(`Another Etter (process ${ownerProcessId}) already uses ${root}: stop it first, or work in a second clone.`);
    this.name = "RootInUseError";
    this.ownerProcessId = ownerProcessId;
  }
}

/**
 * Claims a folder for this process until the returned function is called or the process is gone, however it ends.
 * A lock left by a dead process (or by a process id that somebody else has now) is taken over.
 */
export function claimRoot(root: string): () => void {
  const lock = join(root, "stack.lock");
  const mine = `${lock}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  const owner: Owner = { processId: process.pid, startedAtMs: startedAtMs(process.pid) ?? null };
  writeFileSync(mine, JSON.stringify(owner));
  try {
    link(mine, lock, root);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (readOwner(lock)?.processId === process.pid) rmSync(lock, { force: true });
  };
}

/** A hard link appears with its content and never replaces another: there is no moment with an empty lock. */
function link(mine: string, lock: string, root: string): void {
  if (tryLink(mine, lock)) return;
  const found = readOwner(lock);
  if (found && isAlive(found)) throw new RootInUseError(root, found.processId);
  const stale = `${mine}.stale`;
  try {
    renameSync(lock, stale);
  } catch {
    // Its owner, or another starter, has removed it in between; the link below decides.
  }
  const moved = readOwner(stale);
  rmSync(stale, { force: true });
  if (moved && isAlive(moved)) {
    // Another starter was faster and it was that one's fresh lock which we moved away: give it back.
    writeFileSync(lock, JSON.stringify(moved), { flag: "wx" });
    throw new RootInUseError(root, moved.processId);
  }
  if (!tryLink(mine, lock)) throw new RootInUseError(root, readOwner(lock)?.processId ?? 0);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(owner: Owner): boolean {
  if (!isRunning(owner.processId)) return false;
  const startedNow = startedAtMs(owner.processId);
  if (startedNow === undefined || owner.startedAtMs === null) return true;
  // Start times are derived from the wall clock, which may be corrected between two readings.
  return Math.abs(startedNow - owner.startedAtMs) < START_TIME_TOLERANCE_MS;
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}
