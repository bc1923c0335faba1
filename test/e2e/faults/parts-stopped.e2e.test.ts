import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEMO_USERS, demoPassword } from "../../../local/demo-data.ts";
import { signIn } from "../../../local/demo/client.ts";
import { README_SIMULATION } from "../../../local/demo/simulation.ts";
import { changeVariables, startScratchServer, type ScratchServer } from "./scratch-server.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Two seconds are promised, of which an answer that is kept and a probe take 1.8; the third is the machine's. */
const NAMED_WITHIN_MS = 3_000;
/** The issue's own bound. */
const ANSWERED_WITHIN_MS = 5_000;
const RECOVERED_WITHIN_MS = 15_000;
const POLL_MS = 50;
const RUN_TIMEOUT_MS = 60_000;

type Part = "postgres" | "redis" | "s3";
type CallName = "login" | "profile" | "start" | "read" | "greeting" | "health";

interface Fault {
  readonly what: string;
  readonly down: readonly Part[];
  strike(): Promise<void> | void;
  /** Calls that need the part, with the name their problem gives it. */
  readonly refused: Partial<Record<CallName, RegExp>>;
}

let scratch: ScratchServer;
let s3: TcpProxy;
let token: string;
let finishedRun: string;
let signIns = 0;
let starts = 0;

beforeAll(async () => {
  scratch = await startScratchServer();
  const { server } = scratch;
  // S3 lives in the same process as the Worker, so only the line to it can be cut.
  s3 = await startTcpProxy(Number(new URL(server.url).port));
  await changeVariables(scratch, { S3_ENDPOINT: `http://127.0.0.1:${s3.port}/cdn-cgi/local/r2/s3` });
  const client = await signIn(server.url, "researcher@demo.example", demoPassword());
  const { id } = await client.createRun(README_SIMULATION);
  finishedRun = (await client.follow(id, () => undefined, RUN_TIMEOUT_MS)).id;
  const login = await fetch(
    `${server.url}/api/etter/auth/login`,
    json({ email: "researcher@demo.example", password: demoPassword() }),
  );
  token = ((await login.json()) as { access_token: string }).access_token;
});

afterAll(async () => {
  await s3?.close();
  await scratch?.remove();
});

afterEach(heal);

const stack = () => scratch.server.stack;
const everyCall: readonly CallName[] = ["login", "profile", "start", "read", "greeting", "health"];
// Starts are counted, and limits fail closed.
const needRedis = { login: /Redis/, start: /Redis/ };
const needPostgres = { login: /Postgres/, profile: /Postgres/, start: /Postgres/, read: /Postgres/ };

const faults: readonly Fault[] = [
  { what: "Postgres stopped", down: ["postgres"], strike: () => stack().postgres.stop(), refused: needPostgres },
  { what: "Postgres paused", down: ["postgres"], strike: () => pause("postgres"), refused: needPostgres },
  { what: "Redis stopped", down: ["redis"], strike: () => stack().redis.stop(), refused: needRedis },
  { what: "Redis paused", down: ["redis"], strike: () => pause("redis"), refused: needRedis },
  { what: "the line to S3 cut", down: ["s3"], strike: () => s3.cut(), refused: {} },
  { what: "the line to S3 hanging", down: ["s3"], strike: () => s3.hang(), refused: {} },
  {
    what: "everything stopped",
    down: ["postgres", "redis", "s3"],
    strike: async () => void (await Promise.all([stack().postgres.stop(), stack().redis.stop(), s3.cut()])),
    refused: { ...needPostgres, login: /Redis/, start: /Redis|Postgres/ },
  },
];

const paused = new Set<"postgres" | "redis">();

function pause(part: "postgres" | "redis"): void {
  stack()[part].pause();
  paused.add(part);
}

/** Undoes any of the faults; harmless where there is none. */
async function heal(): Promise<void> {
  for (const part of paused) stack()[part].resume();
  paused.clear();
  await Promise.all([stack().postgres.start(), stack().redis.start(), s3.restore()]);
}

describe.each(faults)("with $what", ({ down, strike, refused }) => {
  it("readiness names it, what needs it is refused in time, the rest works, and all recovers", async () => {
    // An answer of a moment ago is kept for a while: the worst time for a fault.
    await readinessBecomes([], RECOVERED_WITHIN_MS);
    await strike();
    await readinessBecomes(down, NAMED_WITHIN_MS);
    const runs = down.includes("postgres") ? undefined : await countRuns();
    const answers = await Promise.all(everyCall.map((name) => callWithin(name, ANSWERED_WITHIN_MS)));
    for (const [index, name] of everyCall.entries()) {
      const { status, headers, body } = answers[index]!;
      const part = refused[name];
      if (part === undefined) {
        expect([name, status]).toEqual([name, name === "start" ? 202 : 200]);
        continue;
      }
      expect([name, status, headers.get("content-type")]).toEqual([name, 503, "application/problem+json"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      expect(body).toMatchObject({ code: "unavailable", detail: expect.stringMatching(part) });
    }
    await readinessBecomes(down, NAMED_WITHIN_MS);
    await heal();
    await readinessBecomes([], RECOVERED_WITHIN_MS);
    if (runs !== undefined) expect(await countRuns()).toBe(runs + (refused.start === undefined ? 1 : 0));
    // Whole again means at the first try.
    for (const name of everyCall) {
      const { status } = await callWithin(name, ANSWERED_WITHIN_MS);
      expect([name, status]).toEqual([name, name === "start" ? 202 : 200]);
    }
  });
});

it("a start that Postgres hung on was refused for good: its run does not appear later", async () => {
  await readinessBecomes([], RECOVERED_WITHIN_MS);
  const before = await countRuns();
  pause("postgres");
  const { status } = await callWithin("start", ANSWERED_WITHIN_MS);
  expect(status).toBe(503);
  await heal();
  await readinessBecomes([], RECOVERED_WITHIN_MS);
  // A session that outlived its caller would hold its transaction open: wait until there is none.
  const open = "select count(*)::int as n from pg_stat_activity where usename = 'etter_app' and xact_start is not null";
  const sessions = async () => (await scratch.superuser.query<{ n: number }>(open)).rows[0]?.n;
  await expect.poll(sessions, { timeout: RECOVERED_WITHIN_MS }).toBe(0);
  expect(await countRuns()).toBe(before);
});

/** Asks until readiness names exactly these parts as down; fails when that takes longer than the bound. */
async function readinessBecomes(down: readonly Part[], withinMs: number): Promise<void> {
  const signal = AbortSignal.timeout(withinMs);
  for (;;) {
    const response = await fetch(`${scratch.server.url}/health/ready`, { signal });
    const { parts } = (await response.json()) as { parts: Record<Part, "up" | "down"> };
    const named = (Object.keys(parts) as Part[]).filter((part) => parts[part] === "down");
    if (String(named.toSorted()) === String([...down].toSorted())) {
      expect(response.status).toBe(down.length === 0 ? 200 : 503);
      expect(response.headers.has("retry-after")).toBe(down.length > 0);
      return;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function callWithin(name: CallName, milliseconds: number) {
  const [path, init] = requestOf(name);
  const response = await fetch(scratch.server.url + path, { ...init, signal: AbortSignal.timeout(milliseconds) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

function requestOf(name: CallName): [path: string, init: RequestInit] {
  const authorization = { Authorization: `Bearer ${token}` };
  switch (name) {
    case "login": {
      // In turns: ten tries a quarter of an hour are all that an account has.
      const { email } = DEMO_USERS[(signIns += 1) % DEMO_USERS.length]!;
      return ["/api/etter/auth/login", json({ email, password: demoPassword() })];
    }
    case "profile":
      return ["/api/etter/users/me", { headers: authorization }];
    case "start":
      // A question of its own each time: one that a finished run answers starts nothing.
      return [
        "/api/etter/simulation/v1",
        json({ ...README_SIMULATION, n_iterations: 1, seed: (starts += 1) }, authorization),
      ];
    case "read":
      return [`/api/etter/simulation/v1/${finishedRun}`, { headers: authorization }];
    case "greeting":
      return ["/api/etter/test", {}];
    case "health":
      return ["/health", {}];
  }
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

async function countRuns(): Promise<number> {
  const { rows } = await scratch.superuser.query<{ n: number }>("select count(*)::int as n from simulations");
  return rows[0]?.n ?? Number.NaN;
}
