import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { fillOnce } from "../partial-folder.ts";

export interface RedisBinary {
  path: string;
  /** What it needs beside the caller's variables. */
  env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);
const APT_TIMEOUT_MS = 120_000;
// Of every Debian system already, or only asked for when a package is really installed.
const NOT_NEEDED = new Set(["adduser", "debconf", "libc6", "lsb-base", "init-system-helpers", "sysvinit-utils"]);

/** redis-server from PATH, else Debian's package, unpacked without root into `<cache>/redis-debian`. */
export async function findRedis(cache: string, log: (line: string) => void): Promise<RedisBinary> {
  const installed = onPath("redis-server");
  if (installed !== undefined) return { path: installed, env: {} };
  const folder = join(cache, "redis-debian");
  if (!existsSync(folder)) {
    if (onPath("apt-get") === undefined || onPath("dpkg") === undefined) throw new RedisMissingError();
    log("redis-server is not on PATH: unpacking Debian's package (once, a few seconds)");
  }
  try {
    await fillOnce(folder, unpackDebianPackages);
  } catch (error) {
    throw new RedisMissingError({ cause: error });
  }
  return { path: join(folder, "usr/bin/redis-server"), env: { LD_LIBRARY_PATH: libraryFolders(folder).join(":") } };
}

export class RedisMissingError extends Error {
  constructor(options?: ErrorOptions) {
    super(
      "redis-server was not found: install Redis (apt-get install redis-server, brew install redis) so that it is on PATH.",
      options,
    );
    this.name = "RedisMissingError";
  }
}

async function unpackDebianPackages(folder: string): Promise<void> {
  const downloads = join(folder, "downloads");
  for (const name of ["lists/partial", "cache/archives/partial", "downloads"])
    mkdirSync(join(folder, name), { recursive: true });
  const options = [
    "-qq",
    "-o",
    `Dir::Cache=${folder}/cache`,
    "-o",
    "Debug::NoLocking=1",
    "-o",
    "APT::Sandbox::User=",
    "-o",
    "Acquire::Retries=1",
  ];
  const ownLists = [...options, "-o", `Dir::State::Lists=${folder}/lists`];
  const aptGet = (args: string[]) => run("apt-get", args, { cwd: downloads, timeout: APT_TIMEOUT_MS });
  try {
    await aptGet([...options, "download", ...(await packagesToUnpack(options))]);
  } catch {
    // The system's package lists are missing or older than the mirror: fetch lists of our own.
    await aptGet([...ownLists, "update"]);
    await aptGet([...ownLists, "download", ...(await packagesToUnpack(ownLists))]);
  }
  for (const archive of readdirSync(downloads)) await run("dpkg", ["-x", join(downloads, archive), folder]);
  await run(join(folder, "usr/bin/redis-server"), ["--version"], {
    env: { ...process.env, LD_LIBRARY_PATH: libraryFolders(folder).join(":") },
  });
  await run("rm", ["-rf", join(folder, "lists"), join(folder, "cache"), downloads]);
}

/** redis-server is a link into redis-tools, whose libraries have other names in other releases: ask. */
async function packagesToUnpack(options: string[]): Promise<string[]> {
  const withoutQuiet = options.filter((option) => option !== "-qq");
  const { stdout } = await run("apt-cache", [...withoutQuiet, "depends", "--important", "redis-tools"], {
    timeout: APT_TIMEOUT_MS,
  });
  const libraries = [...stdout.matchAll(/^\s*\|?Depends: ([a-z0-9][a-z0-9+.-]*)$/gm)].map((match) => match[1] ?? "");
  return ["redis-server", "redis-tools", ...libraries.filter((name) => name !== "" && !NOT_NEEDED.has(name))];
}

function libraryFolders(folder: string): string[] {
  return ["lib", "usr/lib"]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path)
        .filter((name) => name.includes("-linux-"))
        .map((name) => join(path, name)),
    );
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
