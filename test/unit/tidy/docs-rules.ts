import path from "node:path";
import { findMatches, finding, type SourceFile } from "./tree.ts";

const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/|#)/i;
const ADR_HEADINGS = ["Context", "Choice", "Losers", "Consequences"];

/** Relative links must lead to a file or folder of the tree. Code blocks are not prose: their brackets are no links. */
export function linkFindings(file: SourceFile, paths: ReadonlySet<string>): string[] {
  const prose = { ...file, text: blankOut(blankOut(file.text, /^(```|~~~)[\s\S]*?^\1/gm), /`[^`\n]*`/g) };
  return findMatches(prose, LINK, ([, target = ""]) => {
    if (ELSEWHERE.test(target)) return undefined;
    const bare = decodeURI(target.replace(/[?#].*$/, ""));
    const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(file.path), bare)).replace(/\/$/, "");
    return paths.has(resolved) ? undefined : `links to ${target}, which is not there`;
  });
}

/** Files and all their folders, as linkFindings wants them. */
export function linkTargets(files: readonly string[]): Set<string> {
  const targets = new Set<string>(["."]);
  for (const file of files) {
    for (let target = file; target !== "."; target = path.posix.dirname(target)) targets.add(target);
  }
  return targets;
}

/** A command that a reader is told to type must exist. */
export const scriptFindings = (file: SourceFile, scripts: ReadonlySet<string>): string[] =>
  findMatches(file, /\bnpm run ((?:-s |--silent )?)([a-z][\w:-]*)/g, ([, , name = ""]) =>
    scripts.has(name) ? undefined : `npm run ${name}: package.json has no such script`,
  );

/** Every choice is written down in the same four parts, so that readers find the losers. */
export function adrFindings(file: SourceFile): string[] {
  const headings = [...file.text.matchAll(/^## +(.+?)\s*$/gm)].map(([, heading]) => heading);
  return headings.join("|") === ADR_HEADINGS.join("|")
    ? []
    : [finding(file, 0, `has the headings ${headings.join(", ") || "(none)"}; it needs ${ADR_HEADINGS.join(", ")}`)];
}

const blankOut = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (match) => match.replace(/[^\n]/g, " "));
