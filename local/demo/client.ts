import { setTimeout as sleep } from "node:timers/promises";
import { Sentence } from "../dev/places.ts";

const REQUEST_TIMEOUT_MS = 30_000;
const POLL_MS = 200;

/** What the demo reads of a run; `/openapi.json` has the whole. */
export interface Run {
  id: string;
  status: "created" | "in_progress" | "completed" | "failed" | "cancelled";
  seed: number;
  progress: { iterations_done: number; iterations_total: number; fraction: number };
  /** One flat object a Step; empty until the run is completed. */
  results: Record<string, number>[];
  explanations?: { role: string; explanation: string }[];
  error?: { detail?: string } | null;
}

export interface Client {
  /** Posts a simulation and returns the run as it was accepted. */
  createRun(input: unknown): Promise<Run>;
  getRun(id: string): Promise<Run>;
  /** Polls until the run has ended, and tells each look. Throws a Sentence when it takes longer than `timeoutMs`. */
  follow(id: string, onLook: (run: Run) => void, timeoutMs: number): Promise<Run>;
}

/** Signs in and returns a client that acts as that person. Throws a Sentence with the server's own words when it refuses. */
export async function signIn(url: string, email: string, password: string): Promise<Client> {
  const api = `${url}/api/etter`;
  const { access_token: token } = await call<{ access_token: string }>(`${api}/auth/login`, {
    body: { email, password },
  });
  const runs = `${api}/simulation/v1`;
  const getRun = (id: string) => call<Run>(`${runs}/${id}`, { token });
  return {
    createRun: (input) => call<Run>(runs, { token, body: input }),
    getRun,
    follow: async (id, onLook, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const run = await getRun(id);
        onLook(run);
        if (run.status !== "created" && run.status !== "in_progress") return run;
        if (Date.now() > deadline)
          throw new Sentence(`The run ${id} has not ended after ${timeoutMs / 1000} s; look at the server's log.`);
        await sleep(POLL_MS);
      }
    },
  };
}

async function call<T>(address: string, { token, body }: { token?: string; body?: unknown }): Promise<T> {
  const response = await fetch(address, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Sentence(`${address} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  });
  const text = await response.text();
  if (!response.ok) throw new Sentence(`${address} answered ${response.status}: ${detailOf(text)}`);
  return JSON.parse(text) as T;
}

function detailOf(text: string): string {
  try {
    const problem = JSON.parse(text) as {
      title?: string;
      detail?: string;
      errors?: { path: string; message: string }[];
    };
    const errors = problem.errors?.map(({ path, message }) => `${path}: ${message}`) ?? [];
    return [problem.detail ?? problem.title ?? text, ...errors].join(" · ");
  } catch {
    return text.slice(0, 500);
  }
}
