import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { scheduledAddress } from "../../../local/dev/cron-ticker.ts";
import { PROJECT_FOLDER } from "../../../local/dev/places.ts";
import { startDevServer } from "../../../local/dev/server.ts";
import { cronExpressions } from "../../../local/dev/wrangler-config.ts";
import { scratchRoot } from "./scratch-root.ts";

const run = promisify(execFile);

it("npm run demo posts the README's simulation and shows its result", async () => {
  const server = await startDevServer({ root: scratchRoot(), quiet: true });
  onTestFinished(() => server.stop());
  const { stdout } = await run("npm", ["run", "--silent", "demo", "--", "--url", server.url], { cwd: PROJECT_FOLDER });
  expect(stdout).toMatch(/Signed in at .* as researcher@demo\.example/);
  expect(stdout).toMatch(/^ +0 +150\.0 +150–150 +0\.0 % +11,000,000 +0$/m);
  expect(stdout).toMatch(/^ +48 +\d+\.\d +\d+–\d+ /m);
  const id = /simulation\/v1\/(sim-[0-9a-f-]{36})/.exec(stdout)?.[1];
  expect(stdout).toContain(`${id} took`);
  for (const expression of cronExpressions()) {
    expect((await fetch(scheduledAddress(server.url, expression))).status).toBe(200);
  }
  await expectRefusals(server.url);
  await server.restart();
  const again = await run("npm", ["run", "--silent", "demo", "--", "--url", server.url], { cwd: PROJECT_FOLDER });
  const table = (text: string) => text.split("\n").filter((line) => line.includes("–"));
  // The seed is fixed: everyone sees the figures of the README.
  expect(table(again.stdout)).toEqual(table(stdout));
});

/** A body that is refused for its length is answered: most clients would report a broken connection, and not the refusal. */
async function expectRefusals(url: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  for (const mebibytes of [1, 5, 15]) {
    const body = " ".repeat(mebibytes * 1024 * 1024);
    const response = await fetch(`${url}/api/etter/auth/login`, { method: "POST", headers, body });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "payload_too_large" });
  }
}

it("says in a sentence that a server does not answer", async () => {
  const failure = await run("npm", ["run", "--silent", "demo", "--", "--url", "http://127.0.0.1:1"], {
    cwd: PROJECT_FOLDER,
  }).catch((error: { stderr: string }) => error.stderr);
  expect(failure).toMatch(/^http:\/\/127\.0\.0\.1:1\/\S+ does not answer: [^\n]+\n$/);
});
