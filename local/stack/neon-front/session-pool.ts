import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

export interface Session {
  client: pg.PoolClient;
  /** Gives the connection back, cleaned; `broken` closes it at once. Only the first call counts. */
  release(broken: boolean): void;
}

const CONNECTIONS_PER_DATABASE_LIMIT = 20;
const POOL_LIMIT = 100;
const CLOSE_TIMEOUT_MS = 1_000;
// For a place in the queue and the connection together. Neon's pooler keeps a call waiting for two minutes; this one longer than
// our Worker waits for any statement (4 s), so that it is the Worker's own bound that refuses, as in production.
const QUEUE_TIMEOUT_MS = 10_000;
// Short, because a database that somebody is connected to can be neither a template nor dropped without force.
const IDLE_TIMEOUT_MS = 2_000;

/** Connections to PostgreSQL by who connects and where, used by one call at a time and cleaned between calls. */
export class SessionPool {
  readonly #pools = new Map<string, pg.Pool>();
  readonly #serverPort: () => number;

  /** The port is asked for at every connection: it is only known after the first start. */
  constructor(serverPort: () => number) {
    this.#serverPort = serverPort;
  }

  /** A connection as the user of the connection string to its database; its host and port are ignored. */
  async acquire(connectionString: string): Promise<Session> {
    const client = await this.#poolFor(new URL(connectionString)).connect();
    let released = false;
    const releaseOnce = (broken: boolean): void => {
      if (!released) void release(client, broken);
      released = true;
    };
    return { client, release: releaseOnce };
  }

  /** Closes idle connections and waits a little for those in use; the server's own end closes the rest. */
  async close(): Promise<void> {
    const closed = Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    this.#pools.clear();
    await Promise.race([closed, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  #poolFor(url: URL): pg.Pool {
    const key = `${url.username}:${url.password}@${url.pathname}`;
    const known = this.#pools.get(key);
    if (known) return known;
    this.#evictOldest();
    const pool = new pg.Pool({
      host: "127.0.0.1",
      port: this.#serverPort(),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      max: CONNECTIONS_PER_DATABASE_LIMIT,
      connectionTimeoutMillis: QUEUE_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    });
    // Told of idle connections that the server has dropped; the pool replaces them by itself.
    pool.on("error", () => undefined);
    // And of one that is dropped between two queries of a call; the next query reports it to the caller.
    pool.on("connect", (client) => client.on("error", () => undefined));
    this.#pools.set(key, pool);
    return pool;
  }

  #evictOldest(): void {
    if (this.#pools.size < POOL_LIMIT) return;
    const [key, oldest] = this.#pools.entries().next().value ?? [];
    if (key === undefined || oldest === undefined) return;
    this.#pools.delete(key);
    void oldest.end();
  }
}

/**
 * Whatever a call did to its session (SET, SET ROLE, an open transaction, temporary tables, advisory locks) must not
 * reach the next call. One thing remains, as it does in production: a custom setting that was ever set reads as ''
 * afterwards and not as NULL, so policies must expect both.
 */
async function release(client: pg.PoolClient, broken: boolean): Promise<void> {
  if (broken) return client.release(true);
  try {
    await client.query("ROLLBACK");
    await client.query("DISCARD ALL");
    client.release();
  } catch {
    client.release(true);
  }
}
