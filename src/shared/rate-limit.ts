import { AppError } from "./errors.ts";

/** `limit` calls in a window of `windowSeconds`, told to clients under `name`. */
export interface RatePolicy {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface RateRule {
  readonly policy: RatePolicy;
  /** Whom to count: an address, an account. Hashed by the caller where it is personal. */
  readonly key: string;
}

export interface RateDecision {
  readonly policy: RatePolicy;
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Counts one call against each rule, in one round trip. */
export interface RateLimiter {
  /** @throws AppError `unavailable` when the counter cannot be reached: limits fail closed. */
  consume(rules: readonly RateRule[]): Promise<readonly RateDecision[]>;
}

/** @throws AppError `rate_limited` with the longest wait of the rules that refuse. */
export async function enforceRates(limiter: RateLimiter, rules: readonly RateRule[]): Promise<void> {
  const refused = (await limiter.consume(rules)).filter(({ allowed }) => !allowed);
  if (refused.length === 0) return;
  const retryAfterSeconds = Math.max(...refused.map(({ resetSeconds }) => resetSeconds));
  throw new AppError("rate_limited", `Too many attempts. Try again in ${retryAfterSeconds} seconds.`, {
    retryAfterSeconds,
  });
}

/** The network a caller is counted by: an IPv4 address, an IPv6 /64, or one strict bucket where the platform named none. */
export function networkOf(ip: string | undefined): string {
  if (ip === undefined) return "unknown";
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
