import { spawn, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import { PROJECT_FOLDER } from "../dev/places.ts";

/**
 * The suite in parts that run side by side, as many as there are processors but two at most: each starts a stack of its
 * own. In workerd files run one after the other, since a file may stop a server, so those are dealt out to several parts.
 */
const WORKERD_PARTS = 3;
const MOST_AT_ONCE = 2;
const PARTS: readonly (readonly string[])[] = [
  ...Array.from({ length: WORKERD_PARTS }, (_, at) => ["--project", "workerd", `--shard=${at + 1}/${WORKERD_PARTS}`]),
  ["--project", "unit", "--project", "node"],
];

const running = new Set<ChildProcess>();

/** True when all its tests passed. Its lines are printed as they come; vitest names the project in each. */
function runVitest(args: readonly string[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const vitest = path.join(PROJECT_FOLDER, "node_modules/.bin/vitest");
  const child = spawn(process.execPath, ["--", vitest, "run", ...args], { cwd: PROJECT_FOLDER, stdio: "inherit" });
  running.add(child);
  child.on("error", (error) => {
    console.error(error.message);
    resolve(false);
  });
  child.on("close", (code) => {
    running.delete(child);
    resolve(code === 0);
  });
  return promise;
}

/** Returns the parts that failed. */
async function runParts(): Promise<string[]> {
  const waiting = PARTS.values();
  const failed: string[] = [];
  const worker = async (): Promise<void> => {
    for (const part of waiting) if (!(await runVitest(part))) failed.push(part.join(" "));
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, availableParallelism()) }, worker));
  return failed;
}

// A terminal's Ctrl-C reaches the children by itself.
process.on("SIGTERM", () => {
  for (const child of running) child.kill("SIGTERM");
  process.exit(1);
});

const asked = process.argv.slice(2);
const startedAt = performance.now();
const failed = asked.length > 0 ? ((await runVitest(asked)) ? [] : [asked.join(" ")]) : await runParts();
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
for (const part of failed) console.log(`Failed: npm test -- ${part}`);
console.log(failed.length === 0 ? `All tests passed in ${seconds} s.` : `Not all tests passed (${seconds} s).`);
process.exitCode = failed.length === 0 ? 0 : 1;
