import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { runCron } from "../../../src/cron.ts";
import { sendsAtOnce } from "../../../src/features/email/limits.ts";
import { control, recordedCalls } from "../../support/workerd/front-clients.ts";

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

it("does one thing after the other: in production six calls at once are all that an invocation has", async () => {
  const logged = vi.spyOn(console, "info");
  await runCron(env, Date.now());
  const lines = logged.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
  const requestId = lines.find(({ event }) => event === "cron")!["request_id"] as string;
  const fronts = [env.TEST_STACK.neonFrontUrl, env.TEST_STACK.upstashFrontUrl];
  const calls = (await Promise.all(fronts.map((front) => recordedCalls(front, requestId)))).flat();
  const atOnce = calls.map(
    ({ startedAt: at }) => calls.filter((one) => one.startedAt <= at && at < one.endedAt).length,
  );
  expect(calls.length).toBeGreaterThan(8);
  // Mails that other tests have left are sent five at once.
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(sendsAtOnce);
});
