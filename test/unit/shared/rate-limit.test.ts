import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/shared/errors.ts";
import { enforceRates, networkOf, type RateDecision, type RateLimiter } from "../../../src/shared/rate-limit.ts";

describe("networkOf", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ])("%s is counted as %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});

describe("enforceRates", () => {
  const policy = (name: string) => ({ name, limit: 5, windowSeconds: 60 });
  const limiter = (decisions: RateDecision[]): RateLimiter => ({
    consume: () => Promise.resolve(decisions),
  });

  it("lets through what every rule allows", async () => {
    const allowed = { policy: policy("a"), allowed: true, remaining: 4, resetSeconds: 12 };
    await expect(enforceRates(limiter([allowed]), [])).resolves.toBeUndefined();
  });

  it("refuses with the longest wait of the rules that refuse", async () => {
    const decisions = [
      { policy: policy("a"), allowed: true, remaining: 4, resetSeconds: 900 },
      { policy: policy("b"), allowed: false, remaining: 0, resetSeconds: 7 },
      { policy: policy("c"), allowed: false, remaining: 0, resetSeconds: 31 },
    ];
    const refusal = await enforceRates(limiter(decisions), []).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "rate_limited", retryAfterSeconds: 31 });
  });
});
