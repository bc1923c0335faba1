import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";
import { runCron } from "../../../src/cron.ts";
import { documents } from "../../../src/platform/db/schema/index.ts";
import { makePerson, superuserDatabase } from "../../support/workerd/factories.ts";
import { control, recordedCalls } from "../../support/workerd/front-clients.ts";
import { begin } from "../../support/workerd/uploads.ts";
import { captureLog } from "./http/app-under-test.ts";

afterEach(() => control(env.TEST_STACK.neonFrontUrl, "start"));

it("fails with constant words when parts of the clock's work fail, each of which the log names", async () => {
  await control(env.TEST_STACK.neonFrontUrl, "stop");
  const log = captureLog();
  // The platform writes this down: nothing of a statement, its parameters or a cause is in it.
  const error = await runCron(env, Date.now()).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toEqual(new Error("some of the clock's work failed; the log says what"));
  expect((error as Error).cause).toBeUndefined();
  expect(log.lines().filter(({ event }) => event === "cron_failed").length).toBeGreaterThan(1);
  await control(env.TEST_STACK.neonFrontUrl, "start");
  await expect(runCron(env, Date.now())).resolves.toBeUndefined();
});

it("does one thing after the other: in production six calls at once are all that an invocation has", async () => {
  // Work for a part that does several at once, as others may find it left by tests before: more than six, if nothing bounded them.
  const as = await makePerson();
  await Promise.all(Array.from({ length: 9 }, () => begin(as, 10)));
  const past = new Date(Date.now() - 60_000);
  await superuserDatabase().update(documents).set({ dueAt: past }).where(eq(documents.companyId, as.companyId));
  const log = captureLog();
  await runCron(env, Date.now());
  const requestId = log.lines().find(({ event }) => event === "cron")!["request_id"] as string;
  const fronts = [env.TEST_STACK.neonFrontUrl, env.TEST_STACK.upstashFrontUrl];
  const calls = (await Promise.all(fronts.map((front) => recordedCalls(front, requestId)))).flat();
  const atOnce = calls.map(
    ({ startedAt: at }) => calls.filter((one) => one.startedAt <= at && at < one.endedAt).length,
  );
  expect(calls.length).toBeGreaterThan(8);
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(6);
});
