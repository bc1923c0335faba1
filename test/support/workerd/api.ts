import { env, exports } from "cloudflare:workers";
import type { RecordedCall } from "../../../local/stack/call-recorder.ts";
import { sessionOf, type Person } from "./factories.ts";
import { recordedCalls } from "./front-clients.ts";

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

/** Calls the app as a client would. */
export async function call(path: string, { method, body, raw, headers = {}, as }: Call = {}): Promise<Answer> {
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
  const response = await exports.default.fetch(new Request(`https://etter.test${path}`, init));
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
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
