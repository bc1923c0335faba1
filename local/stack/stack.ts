import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { startMailSink } from "./mail-sink/mail-sink.ts";
import { startNeonFront } from "./neon-front/front.ts";
import { findPostgres } from "./postgres/binaries.ts";
import { prepareCluster } from "./postgres/cluster.ts";
import type { Cluster } from "./postgres/cluster.ts";
import { APP_ROLE, dropDatabase, ensureDatabase, ensureRoles, MAIN_DATABASE, OWNER_ROLE } from "./postgres/roles.ts";
import { createPostgresServer, superuserUrl } from "./postgres/server.ts";
import type { PostgresServer } from "./postgres/server.ts";
import { createRedisServer } from "./redis/server.ts";
import type { RedisServer } from "./redis/server.ts";
import { claimRoot } from "./root-lock.ts";
import { startS3 } from "./s3.ts";
import { startUpstashFront } from "./upstash-front/front.ts";

export interface StackOptions {
  /** Everything the stack writes is in this folder, which it claims for itself while it runs. */
  root: string;
  /** Keep data from run to run and survive a loss of power; else begin empty every time and be fast. */
  durable: boolean;
  /** Also serve S3. `npm run dev` does not need it: the main Worker's own `wrangler dev` serves it. */
  s3?: boolean;
  /** Where the mail sink is, if that port is free; so that people find it again. */
  mailSinkPort?: number;
  /** What is slow to make and may be shared by the stacks of a clone; `<root>/cache` if not given. */
  cache?: string;
  log?: (line: string) => void;
}

export interface Stack {
  /** The Worker's variables that point at the servers. */
  vars: Record<string, string>;
  postgres: StackPostgres;
  redis: Pick<RedisServer, "start" | "stop" | "pause" | "resume">;
  frontUrls: { neon: string; upstash: string; mailSink: string };
  /** Stops everything and lets go of the root. Never leaves a process behind; may be called twice. */
  stop(): Promise<void>;
}

export interface StackPostgres extends Pick<PostgresServer, "start" | "stop" | "pause" | "resume"> {
  superuserUrl: string;
  /** Withholds the Worker's next answer that is about `part` of a statement; see `WithheldAnswers`. */
  withholdAnswer(part: string): Promise<void>;
  /** As the role that migrates; the main database if none is named. */
  ownerUrl(database?: string): string;
  /** As the role the Worker has. */
  appUrl(database?: string): string;
  /** Makes a database of the owner's unless it exists: empty, or a copy of a template nobody is connected to. */
  ensureDatabase(name: string, options?: { template?: string }): Promise<void>;
  dropDatabase(name: string): Promise<void>;
}

type Cleanup = () => Promise<void> | void;

/** Starts PostgreSQL, Redis, their fronts and the mail sink; all of them, or none and an error. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanups: Cleanup[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= cleanUp(cleanups));
  try {
    return await startParts(options, cleanups, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Undoes the newest first. One failure keeps none of the others from being tried, and is told in the end. */
async function cleanUp(cleanups: Cleanup[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanup of cleanups.toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "The local stack did not stop in order.");
}

async function startParts(options: StackOptions, cleanups: Cleanup[], stop: () => Promise<void>): Promise<Stack> {
  const root = resolve(options.root);
  const cache = resolve(options.cache ?? join(root, "cache"));
  const log = options.log ?? (() => undefined);
  mkdirSync(root, { recursive: true });
  cleanups.push(claimRoot(root));
  const parts = { ...options, root, cache, log };
  // All at once, and every one is waited for before a failure is told: what has started must be known to be stopped.
  const started = await Promise.allSettled([
    startPostgres(parts, cleanups),
    startRedis(parts, cleanups),
    startMail(options.mailSinkPort, cleanups),
    options.s3 === true ? startBucket(parts, cleanups) : {},
  ]);
  const [postgres, redis, mailSink, s3] = started.map((part) => {
    if (part.status === "rejected") throw part.reason;
    return part.value;
  }) as Settled<typeof started>;
  const { hostname, port } = new URL(postgres.frontUrl);
  return {
    vars: {
      DATABASE_URL: postgres.control.appUrl(),
      NEON_LOCAL_PROXY: `${hostname}:${port}`,
      UPSTASH_REDIS_REST_URL: redis.frontUrl,
      UPSTASH_REDIS_REST_TOKEN: redis.token,
      MAIL_SINK_URL: mailSink.url,
      ...s3,
    },
    postgres: postgres.control,
    redis: redis.control,
    frontUrls: { neon: postgres.frontUrl, upstash: redis.frontUrl, mailSink: mailSink.url },
    stop,
  };
}

type Settled<T> = { -readonly [K in keyof T]: T[K] extends PromiseSettledResult<infer V> ? V : never };
type Parts = Required<Pick<StackOptions, "root" | "cache" | "durable" | "log">>;

async function startPostgres(
  { root, cache, durable, log }: Parts,
  cleanups: Cleanup[],
): Promise<{ control: StackPostgres; frontUrl: string }> {
  const binaries = findPostgres();
  if (binaries.majorVersion < 17)
    log(`using PostgreSQL ${binaries.majorVersion} from ${binaries.binFolder}; production has 17`);
  const cluster = await prepareCluster(binaries, { root, cache, keep: durable });
  const server = await createPostgresServer(binaries, cluster, { logFile: join(root, "postgres.log"), durable });
  cleanups.push(() => server.stop());
  await server.start();
  const superuser = new pg.Pool({
    connectionString: superuserUrl(cluster, server.port),
    max: 2,
    idleTimeoutMillis: 1_000,
  });
  superuser.on("error", () => undefined);
  cleanups.push(() => superuser.end());
  await ensureRoles(superuser, cluster.password);
  await ensureDatabase(superuser, MAIN_DATABASE);
  const front = await startNeonFront(server);
  cleanups.push(() => front.close());
  const withholdAnswer = (part: string): Promise<void> => front.withheld.next(part);
  return { control: { ...postgresControl(server, cluster, superuser), withholdAnswer }, frontUrl: front.url };
}

function postgresControl(
  server: PostgresServer,
  cluster: Cluster,
  superuser: pg.Pool,
): Omit<StackPostgres, "withholdAnswer"> {
  const urlOf = (role: string, database = MAIN_DATABASE): string =>
    `postgres://${role}:${cluster.password}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  return {
    start: () => server.start(),
    stop: () => server.stop(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    superuserUrl: superuserUrl(cluster, server.port),
    ownerUrl: (database) => urlOf(OWNER_ROLE, database),
    appUrl: (database) => urlOf(APP_ROLE, database),
    ensureDatabase: (name, { template } = {}) => ensureDatabase(superuser, name, template),
    dropDatabase: (name) => dropDatabase(superuser, name),
  };
}

async function startRedis(
  parts: Parts,
  cleanups: Cleanup[],
): Promise<{ control: RedisServer; frontUrl: string; token: string }> {
  const server = await createRedisServer(parts);
  cleanups.push(() => server.stop());
  await server.start();
  const token = randomBytes(18).toString("base64url");
  const front = await startUpstashFront(server, token);
  cleanups.push(() => front.close());
  return { control: server, frontUrl: front.url, token };
}

async function startMail(port: number | undefined, cleanups: Cleanup[]): Promise<{ url: string }> {
  const sink = await startMailSink(port);
  cleanups.push(() => sink.close());
  return sink;
}

async function startBucket({ root }: Parts, cleanups: Cleanup[]): Promise<Record<string, string>> {
  const s3 = await startS3(root);
  cleanups.push(() => s3.stop());
  return s3.vars;
}
