import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { readProcessId } from "../../../../local/stack/leftover.ts";
import { descendantsOf, isRunning, waitUntilGone } from "../../../../local/stack/processes.ts";
import { startStack } from "../../../../local/stack/stack.ts";
import type { Stack, StackOptions } from "../../../../local/stack/stack.ts";
import { killScripts, startScript } from "../../../support/node/child-script.ts";
import type {} from "../../../support/node/provided-context.ts";

const GONE_WITHIN_MS = 15_000;
const FOLDER = resolve(".data/lifecycle-test", String(process.pid));
const SHARED_CACHE = resolve(".data/cache");

const stacks: Stack[] = [];
let root: string;
let count = 0;

beforeEach(() => {
  count += 1;
  root = join(FOLDER, String(count));
  mkdirSync(root, { recursive: true });
});
afterEach(async () => {
  await killScripts();
  for (const stack of stacks.splice(0)) await stack.stop();
  rmSync(FOLDER, { recursive: true, force: true });
});

async function start(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({ root, cache: SHARED_CACHE, durable: true, ...options });
  stacks.push(stack);
  return stack;
}

/** Where initdb has its work before it, but Redis need not be fetched from the network. */
function cacheWithoutPostgres(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const unpackedRedis = join(SHARED_CACHE, "redis-debian");
  if (existsSync(unpackedRedis)) symlinkSync(unpackedRedis, join(folder, "redis-debian"));
  return folder;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function redis(vars: Record<string, string>, command: string[]): Promise<unknown> {
  const response = await fetch(vars.UPSTASH_REDIS_REST_URL ?? "", {
    method: "POST",
    headers: { authorization: `Bearer ${vars.UPSTASH_REDIS_REST_TOKEN}` },
    body: JSON.stringify(command),
  });
  return ((await response.json()) as { result: unknown }).result;
}

interface Announcement {
  ownerUrl: string;
  vars: Record<string, string>;
}

async function startElsewhere(options: Partial<StackOptions> = {}) {
  const script = startScript("run-stack.ts", JSON.stringify({ root, cache: SHARED_CACHE, durable: true, ...options }));
  const announced = JSON.parse(await script.nextLine()) as Announcement;
  return { ...script, ...announced, processes: descendantsOf(script.processId) };
}

async function expectGone(processIds: number[]): Promise<void> {
  const gone = await Promise.all(processIds.map((id) => waitUntilGone(id, GONE_WITHIN_MS)));
  expect(gone).toEqual(processIds.map(() => true));
}

describe("after kill -9", () => {
  it("no process of the stack is left, and the next start has the data", async () => {
    const first = await startElsewhere({ s3: true });
    await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 42 AS x");
    await redis(first.vars, ["SET", "kept", "yes"]);
    // Supervisors and watchers, postmaster and its helpers, redis-server, wrangler, esbuild and workerd.
    expect(first.processes.length).toBeGreaterThan(12);
    await first.kill();
    await expectGone(first.processes);
    const next = await start();
    expect(await query(next.postgres.ownerUrl(), "SELECT x FROM kept")).toEqual([{ x: 42 }]);
    expect(await redis(next.vars, ["GET", "kept"])).toBe("yes");
  });

  it("servers whose supervisors were killed too are ended by the next start", async () => {
    const first = await startElsewhere();
    await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 42 AS x");
    const postmaster = readProcessId(join(root, "postgres-17/data/postmaster.pid")) ?? -1;
    const redisServer = readProcessId(join(root, "redis/redis.pid")) ?? -1;
    const servers = new Set([postmaster, redisServer, ...descendantsOf(postmaster)]);
    // PostgreSQL's own come and go, and one that has gone is nobody's.
    const supervisors = first.processes.filter((id) => !servers.has(id) && isRunning(id));
    for (const id of [first.processId, ...supervisors]) process.kill(id, "SIGKILL");
    await expectGone([first.processId, ...supervisors]);
    expect([postmaster, redisServer].map(isRunning)).toEqual([true, true]);
    const next = await start();
    expect(isRunning(postmaster)).toBe(false);
    expect(isRunning(redisServer)).toBe(false);
    expect(await query(next.postgres.ownerUrl(), "SELECT x FROM kept")).toEqual([{ x: 42 }]);
  });

  it("in the middle of the first initialisation the next start begins anew", async () => {
    const cache = cacheWithoutPostgres(join(root, "cache"));
    const script = startScript("run-stack.ts", JSON.stringify({ root, cache, durable: true }));
    const announced = script.nextLine().catch(() => undefined);
    const partial = () => readdirSync(cache).find((name) => name.startsWith("postgres-17.partial-"));
    const initialising = () => partial() !== undefined && existsSync(join(cache, partial() ?? "", "data/base"));
    await expect.poll(initialising, { timeout: 10_000, interval: 2 }).toBe(true);
    const processes = descendantsOf(script.processId);
    await script.kill();
    await announced;
    await expectGone(processes);
    expect(existsSync(join(cache, "postgres-17"))).toBe(false);
    expect(partial()).toBeDefined();
    const next = await start({ cache });
    expect(await query(next.postgres.ownerUrl(), "SELECT current_user AS me")).toEqual([{ me: "etter_owner" }]);
    expect(partial()).toBeUndefined();
  });

  it("a stale pid file that names somebody else's process is no obstacle, and that process lives on", async () => {
    const first = await start();
    await first.stop();
    const bystander = startScript("run-supervised.ts", "sleep 600");
    await bystander.nextLine();
    writeFileSync(join(root, "postgres-17/data/postmaster.pid"), `${bystander.processId}\n`);
    writeFileSync(join(root, "redis/redis.pid"), `${bystander.processId}\n`);
    writeFileSync(join(root, "stack.lock"), JSON.stringify({ processId: bystander.processId, startedAtMs: 0 }));
    const next = await start();
    expect(await query(next.postgres.ownerUrl(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(isRunning(bystander.processId)).toBe(true);
    await bystander.kill();
  });
});

describe("several stacks", () => {
  it("run side by side on ports of their own", async () => {
    const [one, two] = await Promise.all([start({ root: join(root, "one") }), start({ root: join(root, "two") })]);
    await query(one.postgres.ownerUrl(), "CREATE TABLE only_here (x int)");
    await redis(one.vars, ["SET", "only", "here"]);
    expect(await query(two.postgres.ownerUrl(), "SELECT to_regclass('only_here') AS found")).toEqual([{ found: null }]);
    expect(await redis(two.vars, ["GET", "only"])).toBeNull();
    const urls = [one, two].flatMap(({ vars, frontUrls }) => [
      new URL(vars.DATABASE_URL ?? "").host,
      ...Object.values(frontUrls),
    ]);
    expect(new Set(urls).size).toBe(8);
  });

  it("never share a folder: the second is told who has it", async () => {
    await start();
    await expect(start()).rejects.toThrow(`Another Etter (process ${process.pid}) already uses ${root}`);
  });

  it("begin empty when not durable", async () => {
    const first = await start({ durable: false });
    await query(first.postgres.ownerUrl(), "CREATE TABLE gone (x int)");
    await redis(first.vars, ["SET", "gone", "x"]);
    await first.stop();
    const next = await start({ durable: false });
    expect(await query(next.postgres.ownerUrl(), "SELECT to_regclass('gone') AS found")).toEqual([{ found: null }]);
    expect(await redis(next.vars, ["GET", "gone"])).toBeNull();
  });
});

describe("stopping and starting one server", () => {
  it("keeps port and data of PostgreSQL", async () => {
    const { postgres } = await start({ durable: false });
    const url = postgres.ownerUrl();
    await query(url, "CREATE TABLE kept AS SELECT 42 AS x");
    await postgres.stop();
    await expect(query(url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(postgres.ensureDatabase("meanwhile")).rejects.toThrow("ECONNREFUSED");
    await postgres.start();
    expect(await query(url, "SELECT x FROM kept")).toEqual([{ x: 42 }]);
    await postgres.ensureDatabase("meanwhile");
  });

  it("keeps the port of Redis, and the data of a durable one", async () => {
    const { redis: server, vars } = await start({ durable: true });
    await redis(vars, ["SET", "kept", "yes"]);
    await server.stop();
    expect(await redis(vars, ["PING"])).toBeUndefined();
    await server.start();
    expect(await redis(vars, ["GET", "kept"])).toBe("yes");
  });

  it("can pause either, and stop what is paused", async () => {
    const stack = await start({ durable: false });
    stack.postgres.pause();
    stack.redis.pause();
    const answers = [query(stack.postgres.ownerUrl(), "SELECT 1 AS one"), redis(stack.vars, ["PING"])];
    const silence = new Promise((done) => setTimeout(done, 300, "silence"));
    expect(await Promise.race([...answers, silence])).toBe("silence");
    stack.postgres.resume();
    stack.redis.resume();
    expect(await Promise.all(answers)).toEqual([[{ one: 1 }], "PONG"]);
    stack.postgres.pause();
    stack.redis.pause();
    await stack.stop();
  });
});

describe("roles and databases", () => {
  it("are of the least power, also in the running test stack", async () => {
    const { superuserUrl } = inject("testStack");
    const roles = await query(
      superuserUrl,
      "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname IN ('etter_owner', 'etter_app') ORDER BY 1",
    );
    const common = { rolsuper: false, rolbypassrls: false, rolcanlogin: true };
    expect(roles).toEqual([
      { rolname: "etter_app", ...common, rolcreaterole: false, rolcreatedb: false },
      { rolname: "etter_owner", ...common, rolcreaterole: true, rolcreatedb: true },
    ]);
    const [database] = await query(
      superuserUrl,
      "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'etter'",
    );
    expect(database).toEqual({ owner: "etter_owner" });
  });

  it("are copied from a template, and made once", async () => {
    const { postgres } = await start({ durable: false });
    await postgres.ensureDatabase("template_of_mine");
    await query(postgres.ownerUrl("template_of_mine"), "CREATE TABLE copied AS SELECT 1 AS x");
    await postgres.ensureDatabase("copy", { template: "template_of_mine" });
    await query(postgres.ownerUrl("copy"), "UPDATE copied SET x = 2");
    await postgres.ensureDatabase("copy", { template: "template_of_mine" });
    expect(await query(postgres.ownerUrl("copy"), "SELECT x FROM copied")).toEqual([{ x: 2 }]);
    await postgres.dropDatabase("copy");
    await postgres.dropDatabase("copy");
    await expect(query(postgres.ownerUrl("copy"), "SELECT 1")).rejects.toMatchObject({ code: "3D000" });
  });

  // Only root gives its servers to another user.
  it.runIf(process.getuid?.() === 0)("work in a folder that nobody but root may enter", async () => {
    const closed = join(root, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const stack = await start({ root: join(closed, "stack"), cache: cacheWithoutPostgres(join(closed, "cache")) });
    await query(stack.postgres.ownerUrl(), "CREATE TABLE kept AS SELECT 42 AS x");
    await stack.postgres.stop();
    await stack.postgres.start();
    expect(await query(stack.postgres.ownerUrl(), "SELECT x FROM kept")).toEqual([{ x: 42 }]);
  });
});
