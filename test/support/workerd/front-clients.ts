import { env } from "cloudflare:workers";
import { neonConfig, Pool } from "@neondatabase/serverless";
import type { PoolClient } from "@neondatabase/serverless";
import { Redis } from "@upstash/redis/cloudflare";
import { afterAll, beforeAll } from "vitest";
import type { RecordedCall } from "../../../local/stack/call-recorder.ts";
import type { FaultRule } from "../node/s3-front/faults.ts";
import type {} from "./test-environment.ts";

/**
 * Points Neon's driver at the local front for the tests of this file. Call it at the top of the file.
 * The driver's settings are global, and the Worker under test has its own: they are put back afterwards.
 */
export function useLocalNeon(): void {
  const { fetchEndpoint, fetchFunction, wsProxy, useSecureWebSocket } = neonConfig;
  beforeAll(() => {
    const proxy = new URL(env.TEST_STACK.neonFrontUrl).host;
    neonConfig.fetchEndpoint = () => `http://${proxy}/sql`;
    neonConfig.fetchFunction = undefined;
    neonConfig.wsProxy = () => `${proxy}/v2`;
    neonConfig.useSecureWebSocket = false;
  });
  afterAll(() => {
    Object.assign(neonConfig, { fetchEndpoint, fetchFunction, wsProxy, useSecureWebSocket });
  });
}

/** Makes Neon's HTTP driver send this request id with every call, until the tests of the file are over. */
export function sendRequestId(requestId: string): void {
  neonConfig.fetchFunction = (url: string, init: RequestInit & { etter?: { requestId: string } }) => {
    const { etter, ...rest } = init;
    const headers = new Headers(init.headers);
    // A run that an earlier file has left behind computes in this isolate as well: its calls are its own.
    headers.set("x-request-id", etter?.requestId ?? requestId);
    return fetch(url, { ...rest, headers });
  };
}

/** A query under way reports a broken line by itself; without listeners a line that breaks at any other time throws. */
export function ignoreBrokenLines(pool: Pool): void {
  pool.on("error", () => undefined);
  pool.on("connect", (client: PoolClient) => client.on("error", () => undefined));
}

/** Runs `work` with a pool over WebSocket and closes it, whatever happens. */
export async function withPool<T>(connectionString: string, work: (pool: Pool) => Promise<T>, max = 1): Promise<T> {
  const pool = new Pool({ connectionString, max });
  ignoreBrokenLines(pool);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** Upstash's client without its own retries and telemetry. */
export function upstash(options: { requestId?: string; automaticDeserialization?: boolean } = {}): Redis {
  return new TracedRedis(
    {
      url: env.TEST_STACK.upstashFrontUrl,
      token: env.TEST_STACK.upstashToken,
      enableTelemetry: false,
      retry: false,
      automaticDeserialization: options.automaticDeserialization ?? true,
    },
    options.requestId ?? "",
  );
}

/** The Workers build takes no headers of ours; its one way out is the requester. */
class TracedRedis extends Redis {
  constructor(config: ConstructorParameters<typeof Redis>[0], requestId: string) {
    super(config);
    const { client } = this;
    this.client = {
      ...client,
      request: (request) => client.request({ ...request, headers: { ...request.headers, "x-request-id": requestId } }),
    };
  }
}

/** What a front has recorded under a request id, oldest first. */
export async function recordedCalls(frontUrl: string, requestId: string): Promise<RecordedCall[]> {
  const response = await fetch(`${frontUrl}/_calls?request_id=${encodeURIComponent(requestId)}`);
  return response.json();
}

/** Stops, starts, pauses or resumes the server behind a front; resolves when it is done. */
export async function control(frontUrl: string, action: "start" | "stop" | "pause" | "resume"): Promise<void> {
  const response = await fetch(`${frontUrl}/_control/${action}`, { method: "POST" });
  if (!response.ok) throw new Error(`${action} failed: ${await response.text()}`);
}

/** Makes the next calls of an S3 front meet a fault; `clearFaults` takes back what was not met. */
export async function injectFault(frontUrl: string, rule: FaultRule): Promise<void> {
  const response = await fetch(`${frontUrl}/_control/faults`, { method: "POST", body: JSON.stringify(rule) });
  if (!response.ok) throw new Error(`no such fault: ${await response.text()}`);
}

export async function clearFaults(frontUrl: string): Promise<void> {
  await (await fetch(`${frontUrl}/_control/faults`, { method: "DELETE" })).body?.cancel();
}
