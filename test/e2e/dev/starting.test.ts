import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn } from "../../../local/demo/client.ts";
import { README_SIMULATION } from "../../../local/demo/simulation.ts";
import { readVariables } from "../../../local/dev/worker-variables.ts";
import { devFor, scratchRoot } from "./scratch-root.ts";

const RESEARCHER = "researcher@demo.example";

it("a second start on the same data says where the first one is; on other data both run", async () => {
  const root = scratchRoot();
  const first = await devFor(root);
  await first.dev.ready;
  const second = await devFor(root);
  expect(await second.dev.ended).toBe(1);
  expect(second.dev.output()).toMatch(
    new RegExp(`Etter runs in this folder already: ${first.url} \\(process \\d+\\)\\.`),
  );
  expect(second.dev.output()).not.toMatch(/\n\s+at /);

  const other = await devFor(scratchRoot());
  await other.dev.ready;
  for (const { url } of [first, other]) await signIn(url, RESEARCHER, demoPassword());
  // Their data are their own.
  const { id } = await (await signIn(first.url, RESEARCHER, demoPassword())).createRun(README_SIMULATION);
  await expect((await signIn(other.url, RESEARCHER, demoPassword())).getRun(id)).rejects.toThrow(/404/);
});

it("says which port is taken and how to choose another", async () => {
  const stranger = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void stranger.close());
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const { dev } = await devFor(scratchRoot(), { port });
  expect(await dev.ended).toBe(1);
  expect(dev.output()).toMatch(
    new RegExp(`Port ${port} is taken by another program\\. .*PORT=${port + 10} npm run dev`),
  );
  expect(await dev.leftovers()).toEqual([]);
});

it.each(["abc", "0", "70000"])("refuses PORT=%s in a sentence", async (port) => {
  const { dev } = await devFor(scratchRoot(), { flags: ["--port", port] });
  expect(await dev.ended).toBe(1);
  expect(dev.output()).toContain(`"${port}" is not a port`);
});

it("makes secrets once, for its owner's eyes only, and forgets data with --fresh", async () => {
  const root = scratchRoot();
  const first = await devFor(root);
  await first.dev.ready;
  const file = path.join(root, ".dev.vars");
  const text = readFileSync(file, "utf8");
  expect(statSync(file).mode & 0o077).toBe(0);
  const { SECRET_KEY = "", ADMIN_SECRET = "" } = readVariables(file);
  expect(SECRET_KEY).not.toBe(ADMIN_SECRET);
  for (const secret of [SECRET_KEY, ADMIN_SECRET]) {
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(first.dev.output()).not.toContain(secret);
  }
  expect(text).not.toContain("replace-me");
  const client = await signIn(first.url, RESEARCHER, demoPassword());
  const { id } = await client.createRun(README_SIMULATION);
  first.dev.pressCtrlC();
  await first.dev.ended;

  const fresh = await devFor(root, { flags: ["--fresh"] });
  await fresh.dev.ready;
  await expect((await signIn(fresh.url, RESEARCHER, demoPassword())).getRun(id)).rejects.toThrow(/404/);
});
