import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterAll, beforeAll } from "vitest";
import type { RecordedCall } from "../../../local/stack/call-recorder.ts";
import { sessionOf, type Person } from "./factories.ts";
import { recordedCalls } from "./front-clients.ts";
import worker from "../../../src/worker.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: BodyInit;
  readonly headers?: Record<string, string>;
  readonly as?: Person;
}

/** Each call comes from an address of its own unless it says otherwise, so that rate limits do not couple tests. */
const someAddress = (): string => {
  const [a, b, c] = crypto.getRandomValues(new Uint8Array(3));
  return `10.${a}.${b}.${c}`;
};

let otherEnv: Env | undefined;

/** The environment that the Worker has now. */
export const workerEnv = (): Env => otherEnv ?? env;

/** Gives the Worker other variables for the tests of this `describe`: another S3 server, say. */
export function useVariables(variables: Readonly<Record<string, string>>): void {
  let before: Env | undefined;
  beforeAll(() => {
    before = otherEnv;
    otherEnv = { ...workerEnv(), ...variables };
  });
  afterAll(() => void (otherEnv = before));
}

/**
 * For tests that make thousands of calls: the Worker as a function. Its entry point takes 4 ms a call here, the function a
 * tenth of that; what is not gone through is the platform's own HTTP.
 */
export const callAsFunction = (): void => useVariables({});

/** The Worker itself, under an address of its own. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const request = new Request(`https://etter.test${path}`, init);
  if (otherEnv === undefined) return exports.default.fetch(request);
  // Called as a function, past the HTTP that would have counted the body.
  const length = lengthOf(init.body);
  if (length !== undefined) request.headers.set("Content-Length", String(length));
  return worker.fetch(request as Parameters<typeof worker.fetch>[0], otherEnv, createExecutionContext());
}

function lengthOf(body: BodyInit | null | undefined): number | undefined {
  if (typeof body === "string") return new TextEncoder().encode(body).length;
  return body instanceof Uint8Array ? body.length : undefined;
}

/** Calls the app as a client would. */
export async function call(path: string, options: Call = {}): Promise<Answer> {
  const response = await open(path, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

/** The same, for an answer that is read as it comes. */
export async function open(path: string, { method, body, raw, headers = {}, as }: Call = {}): Promise<Response> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const init: RequestInit = {
    method: method ?? (sent === undefined ? "GET" : "POST"),
    headers: {
      "CF-Connecting-IP": someAddress(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(as === undefined ? {} : { Authorization: `Bearer ${(await sessionOf(as)).accessToken}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
    redirect: "manual",
  };
  return send(path, init);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The calls that the local fronts saw for a request. */
export async function frontCalls(requestId: string): Promise<{ postgres: RecordedCall[]; redis: RecordedCall[] }> {
  const { neonFrontUrl, upstashFrontUrl } = env.TEST_STACK;
  return {
    postgres: await recordedCalls(neonFrontUrl, requestId),
    redis: await recordedCalls(upstashFrontUrl, requestId),
  };
}
