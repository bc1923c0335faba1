import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../../..");

/** Made by tools or by a run, never committed. */
const NOT_OURS = new Set(["node_modules", ".git", ".data", ".wrangler", "dist", "coverage", "docs-assets"]);
const NOT_TEXT = /\.(png|jpg|ico|woff2?|pdf|gz)$/;
const NOT_COMMITTED = /^(\.dev\.vars|\.env)$|\.log$/;

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every text file of the project, read once, in a stable order. A walk, so that it works without git too. */
export function readTree(root: string = ROOT, folder = ""): SourceFile[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): SourceFile[] => {
      const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : readTree(root, file);
      if (!entry.isFile() || NOT_TEXT.test(entry.name) || NOT_COMMITTED.test(entry.name)) return [];
      return [{ path: file, text: readFileSync(path.join(root, file), "utf8") }];
    });
}

/** One line of a rule's report: where, and what to do about it. */
export function finding(file: SourceFile, offset: number, message: string): string {
  const line = file.text.slice(0, offset).split("\n").length;
  return `${file.path}:${line} ${message}`;
}

/** Reports every match of a global pattern, unless the match is excused. */
export function findMatches(
  file: SourceFile,
  pattern: RegExp,
  message: (match: RegExpMatchArray) => string | undefined,
): string[] {
  return [...file.text.matchAll(pattern)].flatMap((match) => {
    const text = message(match);
    return text === undefined ? [] : [finding(file, match.index, text)];
  });
}

export const lineCount = (file: SourceFile): number => file.text.replace(/\n$/, "").split("\n").length;
