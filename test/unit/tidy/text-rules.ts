import path from "node:path";
import { findMatches, finding, lineCount, type SourceFile } from "./tree.ts";

const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const SAYS_NOTHING = /(^|[-.])(utils?|helpers?|managers?|misc)([-.]|$)/;
const NAMED_FOLDERS = /^(src|local|bench|console|test|docs)\//;

/** A file must have fewer lines than this. oxlint already warns at 300. */
const SIZE_LIMITS: readonly (readonly [RegExp, number])[] = [
  [/^src\/worker\.ts$/, 60],
  [/^src\/objects\/.+\.ts$/, 200],
  [/^src\/.+\.ts$/, 351],
];

/** kebab-case for every folder and file, and no name that could hold anything. */
export function nameFindings(file: SourceFile): string[] {
  if (!NAMED_FOLDERS.test(file.path)) return [];
  return file.path.split("/").flatMap((name) => {
    if (SAYS_NOTHING.test(name)) return [finding(file, 0, `${name} says nothing: name what it does`)];
    if (!KEBAB_CASE.test(name) && name !== "README.md") return [finding(file, 0, `${name} is not kebab-case`)];
    return [];
  });
}

export function sizeFindings(file: SourceFile): string[] {
  const lines = lineCount(file);
  return SIZE_LIMITS.filter(([files, limit]) => files.test(file.path) && lines >= limit).map(([, limit]) =>
    finding(
      file,
      file.text.length - 1,
      `has ${lines} lines and must have fewer than ${limit}: split it by what it does`,
    ),
  );
}

// Put together from halves, so that searching the tree for these words does not find this file.
const LEFT_OVER = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`, "g");

export const leftOverFindings = (file: SourceFile): string[] =>
  findMatches(file, LEFT_OVER, ([word]) => `${word}: do it, or write an issue`);

const DISABLE =
  /(?:\/\/|\/\*|#|<!--)\s*((?:oxlint|eslint)-disable[a-z-]*|@ts-(?:expect-error|ignore|nocheck)|(?:istanbul|v8|c8) ignore|(?:oxfmt|prettier)-ignore)([^\n]*)/g;
const REASON = /(--|:)\s*\S+\s+\S+/;

/** A rule is switched off only beside the reason for it. */
export const disableFindings = (file: SourceFile): string[] =>
  findMatches(file, DISABLE, ([, directive, rest]) =>
    REASON.test(rest ?? "") ? undefined : `${directive} without a reason: add "-- why"`,
  );

const MACHINE_PATH = new RegExp(`(?<![\\w.~-])/(?:${"ro" + "ot"}|home/[a-z][\\w-]*|Users/[A-Za-z][\\w-]*)/`, "g");
const PRIVATE_HOST = /https?:\/\/[\w.-]*\.(?:internal|corp|lan|intranet)\b/g;

export const machineFindings = (file: SourceFile): string[] => [
  ...findMatches(file, MACHINE_PATH, ([found]) => `${found} is a path of one machine`),
  ...findMatches(file, PRIVATE_HOST, ([found]) => `${found} is a private host`),
];

/** A lockfile with addresses installs only where those addresses answer. */
export const lockFindings = (file: SourceFile): string[] =>
  findMatches(
    file,
    /"resolved": "https?:[^"]*"/g,
    () => "names a download address: npm config set omit-lockfile-registry-resolved true, then lock again",
  );

/** Each migration goes both ways, and the journal knows it. `paths` are the files of the tree. */
export function migrationFindings(paths: readonly string[], journal: string): string[] {
  const sql = paths.filter((file) => /^drizzle\/[^/]+\.sql$/.test(file));
  const ups = sql.filter((file) => !file.endsWith(".down.sql"));
  const tags = (JSON.parse(journal) as { entries: { tag: string }[] }).entries.map((entry) => entry.tag);
  return [
    ...ups.filter((up) => !sql.includes(up.replace(/\.sql$/, ".down.sql"))).map((up) => `${up} has no .down.sql`),
    ...ups.filter((up) => !tags.includes(path.basename(up, ".sql"))).map((up) => `${up} is not in the journal`),
    ...tags.filter((tag) => !ups.includes(`drizzle/${tag}.sql`)).map((tag) => `the journal names ${tag}, no such file`),
    ...sql
      .filter((file) => file.endsWith(".down.sql") && !ups.includes(file.replace(/\.down\.sql$/, ".sql")))
      .map((down) => `${down} undoes nothing`),
  ];
}
