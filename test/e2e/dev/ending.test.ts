import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn } from "../../../local/demo/client.ts";
import { README_SIMULATION } from "../../../local/demo/simulation.ts";
import type { DevProcess } from "./dev-process.ts";
import { devFor, scratchRoot } from "./scratch-root.ts";

const RESEARCHER = "researcher@demo.example";
const RUN_TIMEOUT_MS = 60_000;
/** Our own code, or none, when the shell between npm and us passes the signal on after we have ended. Npm prints no error for either. */
const CTRL_C_CODES = [0, null];

it("starts from nothing, ends with Ctrl-C without a trace, and keeps its data for a warm start", async () => {
  const root = scratchRoot();
  const first = await devFor(root);
  const cold = await first.dev.ready;
  expect(first.dev.output()).toContain(`${first.url}/docs/etter`);
  const client = await signIn(first.url, RESEARCHER, demoPassword());
  const { id } = await client.createRun(README_SIMULATION);
  const run = await client.follow(id, () => undefined, RUN_TIMEOUT_MS);
  expect(run.status).toBe("completed");
  first.dev.pressCtrlC();
  expect(CTRL_C_CODES).toContain(await first.dev.ended);
  expect(await first.dev.leftovers()).toEqual([]);
  expect(first.dev.output()).not.toMatch(/npm error|\n\s+at /);

  const second = await devFor(root);
  const warm = await second.dev.ready;
  const again = await (await signIn(second.url, RESEARCHER, demoPassword())).getRun(id);
  expect(again).toEqual(run);
  console.log(`npm run dev: ready after ${cold} s on an empty folder, ${warm} s when warm`);
});

it.each<[string, (dev: DevProcess) => void]>([
  ["SIGTERM of npm", (dev) => process.kill(dev.npmId, "SIGTERM")],
  ["SIGHUP of the terminal's group", (dev) => process.kill(-dev.npmId, "SIGHUP")],
])("%s leaves no process", async (_what, end) => {
  const { dev } = await devFor(scratchRoot());
  await dev.ready;
  end(dev);
  await dev.ended;
  expect(await dev.leftovers()).toEqual([]);
});

it.each<[string, (dev: DevProcess) => void]>([
  ["npm", (dev) => process.kill(dev.npmId, "SIGKILL")],
  ["the process itself", (dev) => process.kill(dev.nodeId(), "SIGKILL")],
])("SIGKILL of %s leaves no process, and a start right after it works with the data", async (_what, end) => {
  const root = scratchRoot();
  const { dev, url } = await devFor(root);
  await dev.ready;
  const { id } = await (await signIn(url, RESEARCHER, demoPassword())).createRun(README_SIMULATION);
  end(dev);
  await dev.ended;
  // On the same port, while the last one's processes may still be ending.
  const next = await devFor(root, { port: Number(new URL(url).port) });
  await next.dev.ready;
  const run = await (await signIn(next.url, RESEARCHER, demoPassword())).follow(id, () => undefined, RUN_TIMEOUT_MS);
  expect(run.status).toBe("completed");
  process.kill(next.dev.nodeId(), "SIGKILL");
  await next.dev.ended;
  expect([...(await dev.leftovers()), ...(await next.dev.leftovers())]).toEqual([]);
});

it("Ctrl-C while it starts leaves no process either", async () => {
  const root = scratchRoot();
  const { dev } = await devFor(root);
  await until(() => existsSync(path.join(root, "running.json")));
  dev.pressCtrlC();
  expect(CTRL_C_CODES).toContain(await dev.ended);
  expect(await dev.leftovers()).toEqual([]);
});

it.each<[string, (root: string) => boolean]>([
  ["PostgreSQL's files are being made", (root) => readdirSync(root).some((name) => name.startsWith("postgres-"))],
  ["the servers are up and nothing is migrated", (root) => existsSync(path.join(root, "running.json"))],
])("starts after a SIGKILL in the middle of the first start: %s", async (_when, isThere) => {
  const root = scratchRoot();
  rmSync(root, { recursive: true });
  const { dev } = await devFor(root);
  await until(() => existsSync(root) && isThere(root));
  process.kill(dev.nodeId(), "SIGKILL");
  await dev.ended;
  const next = await devFor(root);
  await next.dev.ready;
  await signIn(next.url, RESEARCHER, demoPassword());
  next.dev.pressCtrlC();
  await next.dev.ended;
  expect(await next.dev.leftovers()).toEqual([]);
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}
