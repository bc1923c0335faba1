import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";
import { unavailable } from "../../shared/errors.ts";
import type { RateDecision, RateLimiter, RateRule } from "../../shared/rate-limit.ts";

/**
 * An exact token bucket: one token comes back every window/N, so no window edge lets 2·N through.
 * Fails closed: a limiter that cannot answer refuses with `unavailable`. `record` takes every decision of a request, for
 * the RateLimit headers; `redis` is asked for when it is needed.
 */
export function createRateLimiter(redis: () => Redis, record: RateDecision[]): RateLimiter {
  return {
    async consume(rules) {
      const answers = await Promise.all(rules.map((rule) => consumeOne(redis(), rule)));
      record.push(...answers);
      return answers;
    },
  };
}

async function consumeOne(redis: Redis, rule: RateRule): Promise<RateDecision> {
  const { policy, key } = rule;
  const millisecondsPerToken = Math.ceil((policy.windowSeconds * 1000) / policy.limit);
  const limiter = new Ratelimit({
    redis,
    limiter: Ratelimit.tokenBucket(1, `${millisecondsPerToken} ms`, policy.limit),
    prefix: `rate:${policy.name}`,
    // Its own time-out would let everything through; the client's signal is the bound.
    timeout: 0,
    ephemeralCache: false,
  });
  try {
    const { success, remaining, reset } = await limiter.limit(key);
    return {
      policy,
      allowed: success,
      remaining: Math.max(0, remaining),
      resetSeconds: Math.max(1, Math.ceil((reset - Date.now()) / 1000)),
    };
  } catch (error) {
    throw unavailable("Redis", error);
  }
}
