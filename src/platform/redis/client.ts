import { Redis } from "@upstash/redis/cloudflare";
import type { CallMeter } from "../../shared/tracing.ts";

/** A call that takes longer is given up: those who wait for a limiter must hear within a second. */
const callTimeoutMs = 800;

export interface RedisOptions {
  readonly url: string;
  readonly token: string;
  readonly requestId: string;
  readonly meter: CallMeter;
}

/** Upstash over REST, counted and timed, with the request's id on every call. Commands of one tick share a round trip. */
export class MeteredRedis extends Redis {
  constructor({ url, token, requestId, meter }: RedisOptions) {
    super({
      url,
      token,
      enableTelemetry: false,
      enableAutoPipelining: true,
      retry: false,
      // A function: a signal *object* would make a failed read look like a missing key.
      signal: () => AbortSignal.timeout(callTimeoutMs),
    });
    const { client } = this;
    this.client = {
      ...client,
      request: (request) =>
        meter.track("redis", () =>
          client.request({ ...request, headers: { ...request.headers, "x-request-id": requestId } }),
        ),
    };
  }
}
