import { expect, it } from "vitest";
import { runTool } from "./run-tool.ts";

it("a dry run builds the production Worker without a database", async () => {
  // A proxy that nobody listens on: whatever goes out of this machine by HTTP fails.
  const env = { HTTPS_PROXY: "http://127.0.0.1:1", HTTP_PROXY: "http://127.0.0.1:1", CLOUDFLARE_API_TOKEN: "" };
  const result = await runTool("deploy.ts", ["--dry-run"], { env });
  expect(result.stderr + result.stdout).toMatch(/--dry-run: exiting now/);
  expect(result.code).toBe(0);
});

it("deploys nothing when it does not know the database", async () => {
  expect(await runTool("deploy.ts", [])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Set DATABASE_OWNER_URL .*\n$/),
  });
});
