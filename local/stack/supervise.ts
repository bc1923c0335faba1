import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

export interface SuperviseOptions {
  cwd?: string;
  /** All of its variables; ours if not given. */
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** Where the server's output goes: a file descriptor, or "pipe" to read it from `stdout` and `stderr`. */
  output?: number | "pipe" | "ignore";
  /** The polite signal; SIGKILL follows when the grace is over. */
  signal?: "TERM" | "INT" | "QUIT";
  /** Who gets the polite signal: the server alone, or everything it has started too. */
  signalTarget?: "server" | "group";
  graceSeconds?: number;
}

export interface SupervisedProcess {
  /** The process group all of it lives in; also the process id of the supervising shell. */
  readonly groupId: number;
  readonly child: ChildProcess;
  /** Resolves, never rejects, once the server and its whole group are gone. */
  readonly exited: Promise<ExitReport>;
  /** Undefined while it runs. */
  exitReport(): ExitReport | undefined;
  /** Polite signal, then SIGKILL; resolves when the group is gone. May be called twice. */
  stop(): Promise<void>;
}

/** `status` is the server's exit status; null when the supervisor itself was killed or could not start. */
export interface ExitReport {
  status: number | null;
  error?: Error;
}

const DEFAULT_GRACE_SECONDS = 5;

// Runs as leader of its own process group. Descriptor 3 is the lifeline: its other end is ours alone, so end of file
// there means that we have stopped or died, by SIGKILL too. Descriptor 4 carries the exit status back, because the last
// act is to kill the whole group, this shell included (and if we are dead, writing there must not end it before). The traps are handlers and not "ignore", which children inherit.
const SUPERVISOR_SCRIPT = `
signal=$1 target=$2 grace_tenths=$3
shift 3
trap : TERM INT HUP QUIT
"$@" 3<&- 4>&- </dev/null &
server=$!
(
  trap : TERM INT HUP QUIT
  exec 4>&- 1>&- 2>&-
  read -r _ <&3
  if [ "$target" = group ]; then kill -s "$signal" -- "-$$"; else kill -s "$signal" "$server"; fi
  waited=0
  while [ "$waited" -lt "$grace_tenths" ]; do sleep 0.1; waited=$((waited + 1)); done
  kill -s KILL -- "-$$"
) &
while :; do
  wait "$server"
  status=$?
  kill -0 "$server" 2>/dev/null || break
done
trap "" PIPE
echo "$status" >&4 2>/dev/null
kill -s KILL -- "-$$"
`;

/**
 * Runs a server whose whole process group dies with this process, even when this process is killed with SIGKILL.
 * The group is separate from ours, so Ctrl-C in a terminal reaches us alone and we stop the server in order.
 */
export function supervise(command: string, args: readonly string[], options: SuperviseOptions = {}): SupervisedProcess {
  const { signal = "TERM", signalTarget = "server", graceSeconds = DEFAULT_GRACE_SECONDS, output = "ignore" } = options;
  const graceTenths = String(Math.ceil(graceSeconds * 10));
  const child = spawn("sh", ["-c", SUPERVISOR_SCRIPT, "sh", signal, signalTarget, graceTenths, command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ["ignore", output, output, "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  let report: ExitReport | undefined;
  const exited = waitForExit(child).then((value) => (report = value));
  return {
    groupId: child.pid ?? -1,
    child,
    exited,
    exitReport: () => report,
    stop: async () => {
      const lifeline = child.stdio[3];
      if (lifeline && "end" in lifeline) lifeline.end();
      await exited;
    },
  };
}

function waitForExit(child: ChildProcess): Promise<ExitReport> {
  return new Promise((resolve) => {
    let statusText = "";
    child.stdio[3]?.on("error", () => undefined);
    child.stdio[4]?.on("error", () => undefined);
    child.stdio[4]?.on("data", (chunk: Buffer) => (statusText += chunk.toString("latin1")));
    child.once("error", (error) => resolve({ status: null, error }));
    // If somebody killed only the supervising shell, the server would live on as an orphan.
    child.once("exit", () => killGroup(child.pid));
    child.once("close", () => resolve({ status: statusText === "" ? null : Number.parseInt(statusText, 10) }));
  });
}

function killGroup(groupId: number | undefined): void {
  if (groupId === undefined) return;
  try {
    process.kill(-groupId, "SIGKILL");
  } catch {
    // The group is already gone.
  }
}
