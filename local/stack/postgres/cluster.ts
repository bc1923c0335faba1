import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { endLeftover } from "../leftover.ts";
import { fillOnce } from "../partial-folder.ts";
import { lastLogLine, withServerLog } from "../server-log.ts";
import { supervise } from "../supervise.ts";
import type { PostgresBinaries } from "./binaries.ts";

export const SUPERUSER = "postgres";

/** A data folder of PostgreSQL and the one password of its local roles. */
export interface Cluster {
  dataFolder: string;
  password: string;
}

export interface ClusterOptions {
  /** The cluster lives in a folder in here; what it holds survives this process if `keep`. */
  root: string;
  /** Where a pristine cluster is kept to copy from: a copy takes a tenth of the time of initdb. */
  cache: string;
  keep: boolean;
}

/** The cluster below `root`, made when there is none; without `keep` always a new one. Ends its server of an earlier run. */
export async function prepareCluster(binaries: PostgresBinaries, options: ClusterOptions): Promise<Cluster> {
  const name = clusterName(binaries);
  const folder = join(options.root, name);
  await endLeftover(join(folder, "data/postmaster.pid"), "postgres", "SIGQUIT");
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  await fillOnce(folder, async (partial) => {
    const pristine = join(options.cache, name);
    await fillOnce(pristine, (empty) => initialise(binaries, empty));
    // -p keeps the owner, who is `nobody` when we are root. node:fs's cp cannot.
    await promisify(execFile)("cp", ["-R", "-p", `${pristine}/.`, partial]);
  });
  return { dataFolder: join(folder, "data"), password: readFileSync(join(folder, "password"), "utf8") };
}

/** Data folders of different major versions do not fit each other, so each has its own. */
export function clusterName(binaries: PostgresBinaries): string {
  return `postgres-${binaries.majorVersion}`;
}

/**
 * How a server or initdb is told its data folder, which must also be its working folder. `nobody` may not be able to
 * walk to it from the file system's root (a checkout below /root); through its own working folder it always can.
 */
export function dataFolderArgument(binaries: PostgresBinaries, dataFolder: string): string {
  return binaries.runAs.uid === undefined ? dataFolder : "/proc/self/cwd";
}

/** The variables a server gets: none of the caller's locale, time zone, PG* settings or secrets. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}

async function initialise(binaries: PostgresBinaries, folder: string): Promise<void> {
  const dataFolder = join(folder, "data");
  const passwordFile = join(folder, "password");
  mkdirSync(dataFolder, { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(18).toString("base64url"), { mode: 0o600 });
  for (const path of [folder, dataFolder, passwordFile]) giveToServer(binaries, path);
  const dataArgument = dataFolderArgument(binaries, dataFolder);
  const log = join(folder, "initdb.log");
  const locale = ["--encoding=UTF8", "--locale=C"];
  if (binaries.majorVersion >= 17) locale.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  const initdb = withServerLog(log, (output) =>
    supervise(
      join(binaries.binFolder, "initdb"),
      // "password" and not SCRAM: Neon's driver sends it in clear together with the start-up message.
      [
        "-D",
        dataArgument,
        "-U",
        SUPERUSER,
        "-A",
        "password",
        `--pwfile=${dataArgument}/../password`,
        "--no-sync",
        ...locale,
      ],
      { ...binaries.runAs, cwd: dataFolder, env: serverEnvironment(), output, signal: "TERM", signalTarget: "group" },
    ),
  );
  const { status, error } = await initdb.exited;
  if (status !== 0) throw new Error(`initdb failed (exit status ${status}): ${error?.message ?? lastLogLine(log)}`);
}

function giveToServer({ runAs }: PostgresBinaries, path: string): void {
  if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(path, runAs.uid, runAs.gid);
}
