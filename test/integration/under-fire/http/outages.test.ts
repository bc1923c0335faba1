import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { call, frontCalls, type Answer } from "../../../support/workerd/api.ts";
import { makePerson, sessionOf, testPassword, type Person } from "../../../support/workerd/factories.ts";
import { control } from "../../../support/workerd/front-clients.ts";
import { smallSimulation } from "../../../support/workerd/simulations.ts";
import { ask } from "../../workerd/http/app-under-test.ts";

/** What a busy machine adds: a part that nobody cuts off hangs for longer than all of this. */
const machineMs = 1_000;
// What is promised for an outage, not how long things take here.
const readinessMs = 2_000 + machineMs;
const unavailableMs = 5_000 + machineMs;
const limiterMs = 1_500 + machineMs;
/** Readiness is kept for a second. */
const keptMs = 1_100;

const { neonFrontUrl, upstashFrontUrl, s3FrontUrl } = env.TEST_STACK;
const paused = new Set<string>();

async function take(front: string, action: "stop" | "pause"): Promise<void> {
  if (action === "pause") paused.add(front);
  await control(front, action);
}

async function giveBack(front: string): Promise<void> {
  if (paused.delete(front)) await control(front, "resume");
  await control(front, "start");
}

afterEach(async () => {
  for (const front of [neonFrontUrl, upstashFrontUrl, s3FrontUrl]) await giveBack(front);
});

async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return Promise.race([
    answer,
    scheduler.wait(milliseconds).then((): never => {
      throw new Error(`no answer within ${milliseconds} ms`);
    }),
  ]);
}

function expectUnavailable(answer: Answer, part: string): void {
  expect(answer.status, answer.text).toBe(503);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.body.code).toBe("unavailable");
  expect(answer.body.detail).toContain(part);
  expect(answer.text).not.toMatch(/ECONN|fetch|127\.0\.0\.1|neon|upstash/i);
}

const login = ({ email }: Person): Promise<Answer> =>
  call("/api/etter/auth/login", { body: { email, password: testPassword } });

async function readinessAnew(): Promise<Answer> {
  await scheduler.wait(keptMs);
  return within(readinessMs, call("/health/ready"));
}

async function expectOpenAnswers(): Promise<void> {
  for (const path of ["/health", "/api/etter/test", "/openapi.json", "/docs/etter"])
    expect((await call(path)).status).toBe(200);
}

const allUp = { status: "ready", parts: { postgres: "up", redis: "up", s3: "up" } };

describe("with everything there", () => {
  it("the Worker is ready", async () => {
    const answer = await readinessAnew();
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject(allUp);
  });
});

it("twenty who ask for readiness at once cost the parts one probe", async () => {
  await scheduler.wait(keptMs);
  const requestIds = Array.from({ length: 20 }, () => crypto.randomUUID());
  const answers = await Promise.all(
    requestIds.map((requestId) => call("/health/ready", { headers: { "X-Request-Id": requestId } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  const calls = await Promise.all(requestIds.map(frontCalls));
  expect(calls.filter(({ redis }) => redis.length > 0)).toHaveLength(1);
  expect(calls.filter(({ postgres }) => postgres.length > 0)).toHaveLength(1);
});

describe.each(["stop", "pause"] as const)("after a %s of Postgres", (action) => {
  it("what needs it is a 503, what does not works, readiness names it, and all recovers", async () => {
    const as = await makePerson();
    await sessionOf(as);
    await take(neonFrontUrl, action);
    const ready = await readinessAnew();
    expect([ready.status, ready.body.parts]).toEqual([503, { ...allUp.parts, postgres: "down" }]);
    expect(ready.headers.get("retry-after")).not.toBeNull();
    await expectOpenAnswers();
    const answers = await Promise.all([
      within(unavailableMs, call("/api/etter/users/me", { as })),
      within(unavailableMs, login(as)),
      within(unavailableMs, call("/api/etter/simulation/v1", { as, body: smallSimulation })),
      within(unavailableMs, call(`/api/etter/simulation/v1/sim-${crypto.randomUUID()}`, { as })),
    ]);
    for (const answer of answers) expectUnavailable(answer, "Postgres");
    // Refusals that need no look-up stay refusals.
    expect((await call("/api/etter/users/me")).status).toBe(401);
    await giveBack(neonFrontUrl);
    expect((await call("/api/etter/users/me", { as })).status).toBe(200);
    expect((await login(as)).status).toBe(200);
    expect((await readinessAnew()).body).toMatchObject(allUp);
  });
});

describe.each(["stop", "pause"] as const)("after a %s of Redis", (action) => {
  it("sign-in is refused at once, what does not need it works, readiness names it, and all recovers", async () => {
    const as = await makePerson();
    await take(upstashFrontUrl, action);
    const ready = await readinessAnew();
    expect([ready.status, ready.body.parts]).toEqual([503, { ...allUp.parts, redis: "down" }]);
    await expectOpenAnswers();
    expectUnavailable(await within(limiterMs, login(as)), "Redis");
    expect((await call("/api/etter/users/me", { as })).status).toBe(200);
    await giveBack(upstashFrontUrl);
    expect((await login(as)).status).toBe(200);
    expect((await readinessAnew()).body).toMatchObject(allUp);
  });
});

describe.each(["stop", "pause"] as const)("after a %s of S3", (action) => {
  it("readiness names it, and all recovers", async () => {
    await take(s3FrontUrl, action);
    const ready = await readinessAnew();
    expect([ready.status, ready.body.parts]).toEqual([503, { ...allUp.parts, s3: "down" }]);
    await expectOpenAnswers();
    await giveBack(s3FrontUrl);
    expect((await readinessAnew()).body).toMatchObject(allUp);
  });
});

describe("with object storage that does not answer", () => {
  it.each([
    ["refuses connections", "http://127.0.0.1:9"],
    ["is another server", env.TEST_STACK.upstashFrontUrl],
  ])("(%s) readiness names it", async (_what, S3_ENDPOINT) => {
    const response = await within(
      readinessMs,
      ask(new Request("https://etter.test/health/ready"), { bindings: { S3_ENDPOINT } }),
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 503,
      code: "unavailable",
      parts: { ...allUp.parts, s3: "down" },
    });
  });
});

describe("with everything gone", () => {
  it("the Worker still says that it is there", async () => {
    await Promise.all([take(neonFrontUrl, "stop"), take(upstashFrontUrl, "stop")]);
    await expectOpenAnswers();
    const ready = await readinessAnew();
    expect([ready.status, ready.body.parts]).toEqual([503, { postgres: "down", redis: "down", s3: "up" }]);
  });
});
