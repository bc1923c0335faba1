import type { MiddlewareHandler } from "hono";
import { AppError } from "../shared/errors.ts";
import { networkOf } from "../shared/rate-limit.ts";
import type { AppEnv } from "./request-context.ts";

/** The period of the binding in wrangler.toml. */
const periodSeconds = 60;

/**
 * A coarse outer fence where `AUTH_FENCE`, a rate-limit binding of Cloudflare, is configured: floods from one network end
 * here without a call to another machine. It counts per location and roughly; the exact limits stand behind it, so a fence
 * that does not answer lets through.
 */
export function authFence(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const fence = c.env.AUTH_FENCE;
    if (fence !== undefined && c.req.method === "POST") {
      const { success } = await fence.limit({ key: networkOf(c.get("origin").ip) }).catch(() => ({ success: true }));
      if (!success)
        throw new AppError("rate_limited", `Too many calls from your network. Try again in ${periodSeconds} seconds.`, {
          retryAfterSeconds: periodSeconds,
        });
    }
    await next();
  };
}
