import { randomUUID } from "node:crypto";
import { DEMO_USERS, demoPassword } from "../local/demo-data.ts";
import { README_SIMULATION } from "../local/demo/simulation.ts";
import { startDevServer, type DevServer } from "../local/dev/server.ts";
import { sequentialRoundTrips, type RecordedCall } from "../local/stack/call-recorder.ts";
import { median, printTable } from "./table.ts";
import { withScratchFolder } from "./workerd.ts";

const REPEATS = 5;
const RUNS = "/api/etter/simulation/v1";

interface Call {
  readonly name: string;
  readonly target: string;
  send(requestId: string): Promise<Response>;
}

interface Trips {
  /** Sequential round trips to Postgres and Redis, as their fronts have seen them. */
  readonly seen: number;
  /** What the Worker says in Server-Timing, where calls of the run's object count as well. */
  readonly told: number;
}

/** Sequential round trips of a few calls, counted by the local servers' fronts while the whole service runs. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const server = await startDevServer({ root: folder, quiet: true });
    try {
      await measure(server);
    } finally {
      await server.stop();
    }
  });
}

async function measure(server: DevServer): Promise<void> {
  const rows: string[][] = [];
  for (const call of await callsOf(server.url)) {
    const trips: Trips[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) trips.push(await tripsOf(server, call));
    const [seen, told] = (["seen", "told"] as const).map((key) => String(median(trips.map((trip) => trip[key]))));
    rows.push([call.name, seen ?? "", call.target, told ?? ""]);
  }
  printTable(`round trips: sequential ones of a call, medians of ${REPEATS}`, [
    ["", "Postgres and Redis", "target", "with the run's object"],
    ...rows,
  ]);
}

async function callsOf(url: string): Promise<Call[]> {
  const post = (path: string, body: unknown, headers: Record<string, string>): Promise<Response> =>
    fetch(url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  // In turns: an account has ten tries a quarter of an hour.
  let turn = 0;
  const login = (requestId: string): Promise<Response> => {
    const { email } = DEMO_USERS[(turn += 1) % DEMO_USERS.length] ?? { email: "" };
    return post("/api/etter/auth/login", { email, password: demoPassword() }, { "X-Request-Id": requestId });
  };
  const researcher = await post(
    "/api/etter/auth/login",
    { email: "researcher@demo.example", password: demoPassword() },
    {},
  );
  const { access_token: token } = (await researcher.json()) as { access_token: string };
  const signed = (requestId: string) => ({ Authorization: `Bearer ${token}`, "X-Request-Id": requestId });
  const get = (path: string, requestId: string): Promise<Response> => fetch(url + path, { headers: signed(requestId) });
  const input = { ...README_SIMULATION, n_iterations: 1 };
  const finished = await post(RUNS, input, { ...signed(`bench-${randomUUID()}`), Prefer: "wait=30" });
  const { id } = (await finished.json()) as { id: string };
  let refreshToken = ((await (await login(`bench-${randomUUID()}`)).json()) as { refresh_token: string }).refresh_token;
  const refresh = async (requestId: string): Promise<Response> => {
    const response = await post(
      "/api/etter/auth/refresh",
      { refresh_token: refreshToken },
      { "X-Request-Id": requestId },
    );
    if (response.ok) refreshToken = ((await response.clone().json()) as { refresh_token: string }).refresh_token;
    return response;
  };
  return [
    { name: "POST /auth/login", target: "≤ 3", send: login },
    { name: "POST /auth/refresh", target: "≤ 2", send: refresh },
    { name: "GET /users/me", target: "≤ 1", send: (requestId) => get("/api/etter/users/me", requestId) },
    {
      name: "POST /simulation/v1",
      target: "",
      // Another name is another question.
      send: (requestId) => post(RUNS, { ...input, name: requestId }, signed(requestId)),
    },
    {
      name: "POST /simulation/v1, a finished run's question",
      target: "",
      send: (requestId) => post(RUNS, input, signed(requestId)),
    },
    { name: "GET /simulation/v1/{id}, ended", target: "", send: (requestId) => get(`${RUNS}/${id}`, requestId) },
  ];
}

async function tripsOf({ stack }: DevServer, call: Call): Promise<Trips> {
  const requestId = `bench-${randomUUID()}`;
  const response = await call.send(requestId);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${call.name} answered ${response.status}`);
  const fronts = [stack.frontUrls.neon, stack.frontUrls.upstash];
  const calls = await Promise.all(fronts.map((front) => recorded(front, requestId)));
  const told = /(\d+) rounds/.exec(response.headers.get("server-timing") ?? "")?.[1];
  return { seen: sequentialRoundTrips(calls.flat()), told: Number(told) };
}

async function recorded(front: string, requestId: string): Promise<RecordedCall[]> {
  const response = await fetch(`${front}/_calls?${new URLSearchParams({ request_id: requestId })}`);
  return (await response.json()) as RecordedCall[];
}
