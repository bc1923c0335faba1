import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn, type Client } from "../../../local/demo/client.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { bytesOf, LONG_RUN, reaches } from "./long-run.ts";
import { startScratchServer, type ScratchServer } from "./scratch-server.ts";

const PATIENCE_MS = 30_000;
const LONGEST_MS = 400_000;
const LOOK_MS = 100;
const CRON = "* * * * *";

let scratch: ScratchServer;
let client: Client;
/** sha256 of the results of a run that nobody disturbed. */
let undisturbed: string;

beforeAll(async () => {
  scratch = await startScratchServer();
  client = await signIn(scratch.server.url, "researcher@demo.example", demoPassword());
  undisturbed = await bytesOf(client, (await client.createRun({ ...LONG_RUN, name: "Undisturbed" })).id);
});

afterAll(() => scratch?.remove());

describe("a run whose workerd is killed", () => {
  it("completes with the same bytes, killed in the first slice, between and in the last", async () => {
    const { id } = await client.createRun({ ...LONG_RUN, name: "Killed" });
    const resumedAt: number[] = [];
    for (const share of [0.01, 0.5, 0.9]) {
      await reaches(client, id, share);
      await scratch.server.killWorkerd();
      const { status, progress } = await client.getRun(id);
      expect(["created", "in_progress"]).toContain(status);
      resumedAt.push(progress.iterations_done);
    }
    // Nothing that was finished is done again: each restart goes on further than the one before.
    expect(resumedAt).toEqual(resumedAt.toSorted((a, b) => a - b));
    expect(resumedAt.at(-1)).toBeGreaterThanOrEqual(LONG_RUN.n_iterations / 2);
    expect(await bytesOf(client, id)).toBe(undisturbed);
  });

  it("completes with the same bytes, killed at twenty random moments", { timeout: 900_000 }, async () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 100_000);
    const { uniform } = plainRandom(seed);
    // A minute and a half of one core. What is long about a kill is that wrangler starts anew: some four seconds each.
    const roles = Array.from({ length: 100 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 1 }));
    const long = { ...LONG_RUN, n_iterations: 10_000, roles, seed };
    const timed = async (run: object, disturb?: (id: string) => Promise<void>) => {
      const at = performance.now();
      const { id } = await client.createRun(run);
      await disturb?.(id);
      const hash = await bytesOf(client, id, LONGEST_MS);
      return { hash, seconds: (performance.now() - at) / 1000 };
    };
    const calm = await timed({ ...long, name: "Calm" });
    let kills = 0;
    let away = 0;
    const killed = await timed({ ...long, name: "Killed twenty times" }, async (id) => {
      for (; kills < 20; kills += 1) {
        // A random moment of each twentieth of the work.
        const moment = (kills + uniform()) / 21;
        while ((await client.getRun(id)).progress.fraction < moment) await sleep(LOOK_MS);
        expect(["created", "in_progress"]).toContain((await client.getRun(id)).status);
        const at = performance.now();
        await scratch.server.killWorkerd();
        away += (performance.now() - at) / 1000;
      }
    });
    console.log(
      `seed ${seed}: ${calm.seconds.toFixed(1)} s undisturbed, ${killed.seconds.toFixed(1)} s with ${kills} kills: ratio ${(killed.seconds / calm.seconds).toFixed(2)}, and ${((killed.seconds - away) / calm.seconds).toFixed(2)} without the ${away.toFixed(1)} s in which nothing ran`,
    );
    expect(killed.hash).toBe(calm.hash);
  });

  it("completes with the same bytes, killed when its results are stored and their run does not say so yet", async () => {
    const { id } = await client.createRun({ ...LONG_RUN, name: "Killed at its end" });
    await reaches(client, id, 0.1);
    const holder = await scratch.superuser.connect();
    try {
      // Lets the series in, whose foreign key looks at the row, and holds up the update that ends the run.
      await holder.query("begin");
      await holder.query("select from simulations where id = $1 for no key update", [uuidOf(id)]);
      const waiting = "select from pg_stat_activity where usename = 'etter_app' and wait_event_type = 'Lock'";
      await expect
        .poll(async () => (await scratch.superuser.query(waiting)).rowCount, { timeout: PATIENCE_MS, interval: 5 })
        .toBe(1);
      await scratch.server.killWorkerd();
      const stored = await scratch.superuser.query("select from simulation_series where simulation_id = $1", [
        uuidOf(id),
      ]);
      expect(stored.rowCount).toBe(LONG_RUN.roles.length + 1);
      expect((await client.getRun(id)).status).toBe("in_progress");
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    expect(await bytesOf(client, id)).toBe(undisturbed);
  });

  it("completes with the same bytes, killed as soon as its row is there", async () => {
    const name = randomUUID();
    const posted = client.createRun({ ...LONG_RUN, name }).catch(() => undefined);
    const find = async (): Promise<string | undefined> =>
      (await scratch.superuser.query<{ id: string }>("select id from simulations where name = $1", [name])).rows[0]?.id;
    await expect.poll(find, { timeout: PATIENCE_MS, interval: 1 }).toBeDefined();
    await scratch.server.killWorkerd();
    await posted;
    const id = (await find())!;
    // Whether its object had heard of it or not: the clock starts what has not ended long after it was made.
    await scratch.superuser.query(
      "update simulations set created_at = created_at - interval '10 minutes' where id = $1",
      [id],
    );
    await tickClock();
    expect(await bytesOf(client, `sim-${id}`)).toBe(undisturbed);
  });
});

it("a run whose start was lost is left alone while it is young, and started by the clock when it is not", async () => {
  const { id: original } = await client.createRun({ ...LONG_RUN, n_iterations: 1 });
  const expected = await bytesOf(client, original);
  const [young, old] = [await copyUnstarted(original, "1 second"), await copyUnstarted(original, "10 minutes")];
  await tickClock();
  expect(await bytesOf(client, old)).toBe(expected);
  expect((await client.getRun(young)).status).toBe("created");
});

/** A run like another one whose start has never reached its object. Returns its id. */
async function copyUnstarted(id: string, age: string): Promise<string> {
  const copy = randomUUID();
  const sql = `insert into simulations
    select (jsonb_populate_record(s, jsonb_build_object('id', $2::uuid, 'status', 'created', 'created_at', now() - $3::interval,
      'started_at', null, 'completed_at', null, 'explanations', null))).* from simulations s where id = $1`;
  await scratch.superuser.query(sql, [uuidOf(id), copy, age]);
  return `sim-${copy}`;
}

/** What the platform does every minute. */
async function tickClock(): Promise<void> {
  const response = await fetch(`${scratch.server.url}/cdn-cgi/local/scheduled?${new URLSearchParams({ cron: CRON })}`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
}

const uuidOf = (id: string): string => id.replace(/^sim-/, "");
