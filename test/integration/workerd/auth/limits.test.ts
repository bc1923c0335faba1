import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as policies from "../../../../src/features/auth/limits.ts";
import { createRateLimiter } from "../../../../src/platform/redis/rate-limiter.ts";
import type { RateDecision, RatePolicy } from "../../../../src/shared/rate-limit.ts";
import { call } from "../../../support/workerd/api.ts";
import { config } from "../../../support/workerd/factories.ts";
import { control, recordedCalls, upstash } from "../../../support/workerd/front-clients.ts";
import { operationsOf } from "../../../support/workerd/openapi-fuzz/document.ts";
import { publishedDocument } from "../../../support/workerd/openapi-fuzz/published-document.ts";
import { exampleOf } from "../../../support/workerd/openapi-fuzz/samples.ts";

const redis = upstash();
const someKey = (): string => crypto.randomUUID();

/** How many of so many tries at once get through. */
async function admitted(policy: RatePolicy, key: string, tries: number): Promise<number> {
  const limiter = createRateLimiter(() => redis, []);
  const decisions = await Promise.all(Array.from({ length: tries }, () => limiter.consume([{ policy, key }])));
  return decisions.flat().filter(({ allowed }) => allowed).length;
}

describe("the limiter", () => {
  const policy: RatePolicy = { name: "test", limit: 10, windowSeconds: 600 };
  let now: number;
  beforeEach(() => {
    now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now);
  });
  afterEach(() => vi.restoreAllMocks());

  it("lets its number through at once, then one each time that one has come back, across every edge of a window", async () => {
    const key = someKey();
    const everySeconds = policy.windowSeconds / policy.limit;
    expect(await admitted(policy, key, 30)).toBe(10);
    for (let refill = 0; refill < policy.limit * 2; refill += 1) {
      now += everySeconds * 1000 - 1;
      expect(await admitted(policy, key, 5)).toBe(0);
      now += 1;
      expect(await admitted(policy, key, 5)).toBe(1);
    }
    // Full again, and no fuller, after however long.
    now += policy.windowSeconds * 5_000;
    expect(await admitted(policy, key, 30)).toBe(10);
  });

  it("counts each rule by itself, in one round trip, and tells what is left and until when", async () => {
    const record: RateDecision[] = [];
    const small = { ...policy, name: "test-small", limit: 1 };
    const rules = [
      { policy, key: someKey() },
      { policy: small, key: someKey() },
    ];
    const limiter = createRateLimiter(() => redis, record);
    await limiter.consume(rules);
    await limiter.consume(rules);
    expect(record.map((decision) => [decision.policy.name, decision.allowed, decision.remaining])).toEqual([
      ["test", true, 9],
      ["test-small", true, 0],
      ["test", true, 8],
      ["test-small", false, 0],
    ]);
    for (const { resetSeconds } of record) expect(resetSeconds).toBeGreaterThan(0);
    expect(record[3]!.resetSeconds).toBeLessThanOrEqual(600);
  });
});

describe("what the limiter keeps", () => {
  it.each(
    Object.values(policies).filter((value): value is RatePolicy => typeof value === "object" && "limit" in value),
  )("$name ends by itself, once its bucket is full again", async (policy) => {
    const key = someKey();
    await createRateLimiter(() => redis, []).consume([{ policy, key }]);
    const kept = (await redis.keys(`rate:${policy.name}:*`)).filter((name) => name.includes(key));
    expect(kept).toHaveLength(1);
    const ttl = await redis.ttl(kept[0]!);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(policy.windowSeconds);
  });
});

describe("with Redis stopped", () => {
  beforeEach(() => control(env.TEST_STACK.upstashFrontUrl, "stop"));
  afterEach(() => control(env.TEST_STACK.upstashFrontUrl, "start"));

  it("every operation of auth that is open to anybody is refused before Postgres is asked, and before a hash", async () => {
    const document = await publishedDocument();
    const open = operationsOf(document).filter(
      (operation) =>
        operation.path.startsWith("/api/etter/auth/") && ["open", "admin-secret"].includes(operation["x-permission"]!),
    );
    expect(open.length).toBeGreaterThanOrEqual(8);
    for (const operation of open) {
      const requestId = crypto.randomUUID();
      const answer = await call(operation.path, {
        method: operation.method,
        body: exampleOf(document, operation.requestBody!.content["application/json"]!),
        headers: { "X-Request-Id": requestId, "X-Admin-Secret": config.adminSecret },
      });
      expect([operation.title, answer.status, answer.body.code]).toEqual([operation.title, 503, "unavailable"]);
      expect(answer.body.detail).toContain("Redis");
      expect(await recordedCalls(env.TEST_STACK.neonFrontUrl, requestId)).toEqual([]);
    }
  });
});
