import { Ratelimit } from "@upstash/ratelimit";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { upstash } from "../../../support/workerd/front-clients.ts";

const limiters = {
  fixedWindow: Ratelimit.fixedWindow(3, "60 s"),
  slidingWindow: Ratelimit.slidingWindow(3, "60 s"),
  // One token every window/N: N at once and then evenly, what Etter uses.
  "tokenBucket(1, window/N, N)": Ratelimit.tokenBucket(1, "20 s", 3),
};

// All of a test is one moment: five calls across the edge of a window would be six, or more.
beforeEach(() => {
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now);
});
afterEach(() => vi.restoreAllMocks());

it.each(Object.entries(limiters))("%s admits three of five and no more", async (_name, limiter) => {
  const limit = new Ratelimit({
    redis: upstash(),
    limiter,
    prefix: crypto.randomUUID(),
    ephemeralCache: false,
    timeout: 0,
  });
  const answers = [];
  for (let call = 0; call < 5; call += 1) answers.push(await limit.limit("visitor"));
  expect(answers.map(({ success }) => success)).toEqual([true, true, true, false, false]);
  expect(answers.map(({ reason }) => reason)).not.toContain("timeout");
  expect((await limit.limit("somebody else")).success).toBe(true);
  await limit.resetUsedTokens("visitor");
  expect((await limit.limit("visitor")).success).toBe(true);
});

it("a token bucket admits exactly its size when all come at once", async () => {
  const limiter = Ratelimit.tokenBucket(1, "20 s", 3);
  const limit = new Ratelimit({
    redis: upstash(),
    limiter,
    prefix: crypto.randomUUID(),
    ephemeralCache: false,
    timeout: 0,
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => limit.limit("crowd")));
  expect(answers.filter(({ success }) => success)).toHaveLength(3);
});
