import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { descendantsOf, isRunning, waitUntilGone } from "../../../../local/stack/processes.ts";
import { supervise } from "../../../../local/stack/supervise.ts";
import type { SupervisedProcess } from "../../../../local/stack/supervise.ts";
import { killScripts, startScript } from "../../../support/node/child-script.ts";

const GONE_WITHIN_MS = 5_000;
const started: SupervisedProcess[] = [];

afterEach(async () => {
  await killScripts();
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

function run(command: string, options: Parameters<typeof supervise>[2] = {}): SupervisedProcess {
  const server = supervise("sh", ["-c", command], { graceSeconds: 1, ...options });
  started.push(server);
  return server;
}

/** Waits until the group has this many processes below the supervising shell, and gives their ids. Two are a watcher and the server. */
async function descendants(groupId: number, count: number): Promise<number[]> {
  await expect.poll(() => descendantsOf(groupId).length, { timeout: GONE_WITHIN_MS }).toBeGreaterThanOrEqual(count);
  return descendantsOf(groupId);
}

async function expectGone(processIds: number[]): Promise<void> {
  const gone = await Promise.all(processIds.map((id) => waitUntilGone(id, GONE_WITHIN_MS)));
  expect(gone).toEqual(processIds.map(() => true));
}

it("SIGKILL of the parent ends the server and all it has started", async () => {
  // A watcher, a server and two children of it, one of which ignores every polite signal.
  const script = startScript("run-supervised.ts", `sleep 600 & (trap "" TERM INT HUP; sleep 600) & sleep 600`);
  const groupId = Number(await script.nextLine());
  const processes = await descendants(groupId, 5);
  await script.kill();
  await expectGone([groupId, ...processes]);
});

it("stop() ends a server in order: it may clean up", async () => {
  const server = run(`trap "exit 7" TERM; while :; do sleep 0.05; done`);
  // What it starts it starts after its trap.
  await descendants(server.groupId, 3);
  await server.stop();
  expect(server.exitReport()).toEqual({ status: 7 });
});

it("stop() ends a server that ignores the polite signal", async () => {
  const server = run(`trap "" TERM; while :; do sleep 0.05; done`);
  const processes = await descendants(server.groupId, 3);
  await server.stop();
  await expectGone(processes);
});

it("a server that ends by itself is reported, and what it leaves behind is ended", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-supervise-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const seen = path.join(folder, "seen");
  const server = run(`sleep 600 & until [ -e "${seen}" ]; do sleep 0.05; done; exit 3`);
  const processes = await descendants(server.groupId, 3);
  writeFileSync(seen, "");
  await server.exited;
  expect(server.exitReport()).toEqual({ status: 3 });
  await expectGone(processes);
});

it("a command that does not exist is reported", async () => {
  const server = supervise("/nowhere/server", []);
  await server.exited;
  expect(server.exitReport()).toEqual({ status: 127 });
});

it("the death of the supervising shell alone leaves no orphan", async () => {
  const server = run(`sleep 600`);
  const processes = await descendants(server.groupId, 2);
  process.kill(server.groupId, "SIGKILL");
  await server.exited;
  await expectGone(processes);
  expect(isRunning(server.groupId)).toBe(false);
});

it("gives the server its output and no input", async () => {
  const server = run(`read -r line || echo "no input"`, { output: "pipe" });
  let output = "";
  server.child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  await server.exited;
  expect(output).toBe("no input\n");
});
