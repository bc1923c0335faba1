import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "./tree.ts";

const TOOLS = ["vitest", "tsc", "oxlint", "knip", "wrangler", "depcruise", "oxfmt"];
const EVERY_MODULE = 'console.log("no violations found (99 modules cruised)");';

/** `npm run check` in a folder whose tools are the given one-line programs; the real ones have tests of their own. */
function check(programs: Readonly<Record<string, string>>) {
  const root = mkdtempSync(path.join(tmpdir(), "etter-check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const bin = path.join(root, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  for (const tool of TOOLS) writeFileSync(path.join(bin, tool), programs[tool] ?? `console.log("${tool} was quiet");`);
  for (const file of ["package.json", "local/cli/check.ts", "local/dev/places.ts"])
    cpSync(path.join(ROOT, file), path.join(root, file));
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, "local/cli/check.ts")], { encoding: "utf8" });
  return { status, stdout };
}

test("all tools pass: a line each, no output of theirs, exit code 0", () => {
  const { status, stdout } = check({ depcruise: EVERY_MODULE });
  expect(stdout).toMatch(/^ok {3}import directions .*99 modules$/m);
  expect(stdout).not.toContain("was quiet");
  expect(stdout).not.toContain("FAIL");
  expect(status).toBe(0);
});

test("one fails: its output and how to mend it, not the others' output, exit code 1", () => {
  const { status, stdout } = check({ depcruise: EVERY_MODULE, oxfmt: 'console.error("src/a.ts"); process.exit(3);' });
  expect(stdout).toMatch(/^FAIL format/m);
  expect(stdout).toContain("src/a.ts\nTo mend: npm run format.");
  expect(stdout).not.toContain("was quiet");
  expect(status).toBe(1);
});

test("dependency-cruiser that read nothing has not passed", () => {
  const { status, stdout } = check({ depcruise: 'console.log("no violations found (0 modules cruised)");' });
  expect(stdout).toMatch(/^FAIL import directions/m);
  expect(stdout).toContain("read 0 modules of at least 2");
  expect(status).toBe(1);
});
