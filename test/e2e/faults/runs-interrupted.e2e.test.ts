import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn, type Client, type Run } from "../../../local/demo/client.ts";
import type { RecordedCall } from "../../../local/stack/call-recorder.ts";
import { startScratchServer, type ScratchServer } from "./scratch-server.ts";

const RUN_TIMEOUT_MS = 90_000;
const PATIENCE_MS = 30_000;
const POLL_MS = 5;
const CRON = "* * * * *";

/** Long enough for several slices, and to be struck in any of them. */
const INPUT = {
  company: "Acme",
  n_iterations: 800,
  automation_factor: 0.4,
  n_months: 240,
  seed: 11,
  roles: Array.from({ length: 20 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 50_000 })),
};

let scratch: ScratchServer;
let client: Client;
let superuser: pg.Pool;
/** sha256 of the results of a run that nobody disturbed. */
let undisturbed: string;

beforeAll(async () => {
  scratch = await startScratchServer();
  const { url, stack } = scratch.server;
  const connectionString = Object.assign(new URL(stack.postgres.superuserUrl), {
    pathname: new URL(stack.postgres.ownerUrl()).pathname,
  }).href;
  superuser = new pg.Pool({ connectionString });
  // Its idle connections end when a test stops the server.
  superuser.on("error", () => undefined);
  client = await signIn(url, "researcher@demo.example", demoPassword());
  const { id } = await client.createRun(INPUT);
  undisturbed = await bytesOf(id);
});

afterAll(async () => {
  await superuser?.end();
  await scratch?.remove();
});

afterEach(() => scratch.server.stack.postgres.start());

describe("a run whose workerd is killed", () => {
  it("completes with the same bytes, killed in the first slice, between and in the last", async () => {
    const { id } = await client.createRun(INPUT);
    const resumedAt: number[] = [];
    for (const share of [0.01, 0.35, 0.65, 0.9]) {
      await reaches(id, share);
      await scratch.server.killWorkerd();
      const { status, progress } = await client.getRun(id);
      expect(["created", "in_progress"]).toContain(status);
      resumedAt.push(progress.iterations_done);
    }
    // Nothing that was finished is done again: each restart goes on further than the one before.
    expect(resumedAt).toEqual(resumedAt.toSorted((a, b) => a - b));
    expect(resumedAt.at(-1)).toBeGreaterThanOrEqual(INPUT.n_iterations / 2);
    expect(await bytesOf(id)).toBe(undisturbed);
  });

  it("completes with the same bytes, killed when its results are stored and their run does not say so yet", async () => {
    const { id } = await client.createRun(INPUT);
    await reaches(id, 0.1);
    const holder = await superuser.connect();
    try {
      // Lets the series in, whose foreign key looks at the row, and holds up the update that ends the run.
      await holder.query("begin");
      await holder.query("select from simulations where id = $1 for no key update", [uuidOf(id)]);
      const waiting = "select from pg_stat_activity where usename = 'etter_app' and wait_event_type = 'Lock'";
      await expect.poll(async () => (await superuser.query(waiting)).rowCount, { timeout: PATIENCE_MS, interval: POLL_MS }).toBe(1);
      await scratch.server.killWorkerd();
      const stored = await superuser.query("select from simulation_series where simulation_id = $1", [uuidOf(id)]);
      expect(stored.rowCount).toBe(INPUT.roles.length + 1);
      expect((await client.getRun(id)).status).toBe("in_progress");
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    expect(await bytesOf(id)).toBe(undisturbed);
  });

  it("completes with the same bytes, killed as soon as its row is there", async () => {
    const name = randomUUID();
    const posted = client.createRun({ ...INPUT, name }).catch(() => undefined);
    const find = async (): Promise<string | undefined> =>
      (await superuser.query<{ id: string }>("select id from simulations where name = $1", [name])).rows[0]?.id;
    await expect.poll(find, { timeout: PATIENCE_MS, interval: 1 }).toBeDefined();
    await scratch.server.killWorkerd();
    await posted;
    const id = (await find())!;
    // Whether its object had heard of it or not: the clock starts what has not ended long after it was made.
    await superuser.query("update simulations set created_at = created_at - interval '10 minutes' where id = $1", [id]);
    await tickClock();
    expect(await bytesOf(`sim-${id}`)).toBe(undisturbed);
  });
});

it("a run whose start was lost is left alone while it is young, and started by the clock when it is not", async () => {
  const { id: original } = await client.createRun({ ...INPUT, n_iterations: 1 });
  const expected = await bytesOf(original);
  const [young, old] = [await copyUnstarted(original, "1 second"), await copyUnstarted(original, "10 minutes")];
  await tickClock();
  expect(await bytesOf(old)).toBe(expected);
  expect((await client.getRun(young)).status).toBe("created");
});

describe("a run that ends while Postgres is stopped", () => {
  it("lands after Postgres is back, with the same bytes", async () => {
    const id = await endsWithoutPostgres();
    await scratch.server.stack.postgres.start();
    expect(await bytesOf(id)).toBe(undisturbed);
  });

  it("lands after both are back, when workerd is killed meanwhile", async () => {
    const id = await endsWithoutPostgres();
    await scratch.server.killWorkerd();
    await scratch.server.stack.postgres.start();
    expect(await bytesOf(id)).toBe(undisturbed);
  });
});

/** Waits for the run's end and returns the sha256 of its results. */
async function bytesOf(id: string): Promise<string> {
  const run = await client.follow(id, () => undefined, RUN_TIMEOUT_MS);
  expect([run.status, run.error]).toEqual(["completed", null]);
  return createHash("sha256").update(JSON.stringify(run.results)).digest("hex");
}

/** Waits until so much of a run is done; fails when the run has ended before anybody could strike. */
async function reaches(id: string, share: number): Promise<void> {
  for (let run: Run = await client.getRun(id); run.progress.fraction < share; run = await client.getRun(id)) await sleep(POLL_MS);
  const { status } = await client.getRun(id);
  expect(["created", "in_progress"], "the run was over too soon: raise its iterations").toContain(status);
}

/** Starts a run, stops Postgres in the middle of it, and returns when its object has tried in vain to store the end. */
async function endsWithoutPostgres(): Promise<string> {
  const { postgres } = scratch.server.stack;
  const { id } = await client.createRun(INPUT);
  await reaches(id, 0.5);
  await postgres.stop();
  const refusedWrites = async (): Promise<number> => {
    const response = await fetch(`${scratch.server.stack.frontUrls.neon}/_calls`);
    const calls = (await response.json()) as RecordedCall[];
    return calls.filter(({ failed, statements }) => failed && statements.some((text) => text.includes(`insert into "simulation_series"`))).length;
  };
  const before = await refusedWrites();
  await expect.poll(refusedWrites, { timeout: PATIENCE_MS, interval: 50 }).toBeGreaterThan(before);
  return id;
}

/** A run like another one whose start has never reached its object. Returns its id. */
async function copyUnstarted(id: string, age: string): Promise<string> {
  const copy = randomUUID();
  const sql = `insert into simulations
    select (jsonb_populate_record(s, jsonb_build_object('id', $2::uuid, 'status', 'created', 'created_at', now() - $3::interval,
      'started_at', null, 'completed_at', null, 'explanations', null))).* from simulations s where id = $1`;
  await superuser.query(sql, [uuidOf(id), copy, age]);
  return `sim-${copy}`;
}

/** What the platform does every minute. */
async function tickClock(): Promise<void> {
  const response = await fetch(`${scratch.server.url}/cdn-cgi/local/scheduled?${new URLSearchParams({ cron: CRON })}`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
}

const uuidOf = (id: string): string => id.replace(/^sim-/, "");
