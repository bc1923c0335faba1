import { describe, expect, it } from "vitest";
import { call, frontCalls, type Answer, type Call } from "../../../support/workerd/api.ts";
import { makePerson, sessionOf } from "../../../support/workerd/factories.ts";
import { smallSimulation } from "../../../support/workerd/simulations.ts";

async function traced(
  path: string,
  options: Call,
): Promise<{ answer: Answer; postgres: number; redis: number; rounds: number }> {
  const requestId = crypto.randomUUID();
  const answer = await call(path, { ...options, headers: { ...options.headers, "X-Request-Id": requestId } });
  const { postgres, redis } = await frontCalls(requestId);
  const rounds = Number(/desc="(\d+) rounds"/.exec(answer.headers.get("server-timing") ?? "")?.[1]);
  return { answer, postgres: postgres.length, redis: redis.length, rounds };
}

describe("round trips, as the servers count them", () => {
  it("open answers need none, and a refusal at the door neither", async () => {
    for (const path of [
      "/health",
      "/api/etter/test",
      "/openapi.json",
      "/api/etter/users/me",
      "/api/etter/simulation/v1/sim-1",
    ])
      expect(await traced(path, {})).toMatchObject({ postgres: 0, redis: 0, rounds: 0 });
  });

  it("GET /users/me takes one: the session is checked in the statement that reads", async () => {
    const as = await makePerson();
    await sessionOf(as);
    const { answer, ...trips } = await traced("/api/etter/users/me", { as });
    expect(answer.status, answer.text).toBe(200);
    expect(trips).toEqual({ postgres: 1, redis: 0, rounds: 1 });
  });

  it("a refused permission costs its audit row", async () => {
    const as = await makePerson({ group: "Reviewer" });
    const { answer, ...trips } = await traced("/api/etter/simulation/v1", { as, body: {} });
    expect(answer.status).toBe(403);
    expect(trips).toEqual({ postgres: 1, redis: 0, rounds: 1 });
  });

  it("POST simulation takes one to look and count, one to store and one to start", async () => {
    const as = await makePerson();
    await sessionOf(as);
    // A Redis that has just started is first told the limiter's script: a round trip more, once.
    await call("/api/etter/simulation/v1/estimate", { as, body: smallSimulation });
    const { answer, ...trips } = await traced("/api/etter/simulation/v1", { as, body: smallSimulation });
    expect(answer.status, answer.text).toBe(202);
    expect(trips).toEqual({ postgres: 2, redis: 1, rounds: 3 });
  });
});
