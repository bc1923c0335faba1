import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { runCron } from "../../../src/cron.ts";
import { control } from "../../support/workerd/front-clients.ts";

afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

it("fails with constant words when parts of the clock's work fail, each of which the log names", async () => {
  await control(env.TEST_STACK.neonFrontUrl, "stop");
  const logged = vi.spyOn(console, "error");
  // The platform writes this down: nothing of a statement, its parameters or a cause is in it.
  const error = await runCron(env, Date.now()).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toEqual(new Error("some of the clock's work failed; the log says what"));
  expect((error as Error).cause).toBeUndefined();
  const lines = logged.mock.calls.map(([line]) => String(line));
  expect(lines.filter((line) => line.includes("cron_failed")).length).toBeGreaterThan(1);
  await control(env.TEST_STACK.neonFrontUrl, "start");
  await expect(runCron(env, Date.now())).resolves.toBeUndefined();
});
