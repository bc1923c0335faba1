import { Client, neon, neonConfig, NeonDbError } from "@neondatabase/serverless";
import { sql, type SQL } from "drizzle-orm";
import { drizzle as drizzleHttp, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { drizzle as drizzleSocket, type NeonDatabase } from "drizzle-orm/neon-serverless";
import type { BatchItem } from "drizzle-orm/batch";
import type { AuditEntry } from "../../shared/audit.ts";
import { AppError, unavailable } from "../../shared/errors.ts";
import type { CompanyId } from "../../shared/ids.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import type { Actor } from "../../shared/access.ts";
import { auditRecord } from "./audit-row.ts";

/** A statement that hangs is cut here, so that a caller learns of it well within five seconds. */
const statementTimeoutMs = 4_000;
/** A unit of work waits for locks, hence a little longer. */
const unitOfWorkTimeoutMs = 4_500;

export interface DatabaseOptions {
  readonly url: string;
  /** host:port of the local front that speaks Neon's protocols. Absent in production. */
  readonly localProxy: string | undefined;
  readonly requestId: string;
  readonly meter: CallMeter;
}

/** Whose rows a batch or a unit of work may see. Opened by its first statement; without one there are no rows. */
export type Scope =
  | { readonly kind: "session"; readonly actor: Actor; readonly at: Date }
  | { readonly kind: "company"; readonly companyId: CompanyId }
  /** A Super Admin's look across companies, read-only; `record` is the audit row that it leaves. */
  | { readonly kind: "across"; readonly actor: Actor; readonly at: Date; readonly record: AuditEntry }
  /** A Super Admin at work in another company, as if one of its own. */
  | { readonly kind: "foreign"; readonly actor: Actor; readonly at: Date; readonly companyId: CompanyId }
  /** Narrow look across companies, for the clock's work. */
  | { readonly kind: "system" };

export type Statements = readonly [BatchItem<"pg">, ...BatchItem<"pg">[]];
type Results<T extends Statements> = { [K in keyof T]: T[K]["_"]["result"] };
export type HttpDatabase = NeonHttpDatabase;
export type Transaction = Parameters<Parameters<NeonDatabase["transaction"]>[0]>[0];

/** Per-instance settings ride in fetch's init, since neon's only hook for them is a global function. */
interface EtterFetch {
  readonly endpoint: string | undefined;
  readonly requestId: string;
  readonly meter: CallMeter;
}

// Constant, not state: every instance brings its own `etter` settings. A signal made here is fresh for each call
// (one made per instance would be dead for ever after its time-out).
neonConfig.fetchFunction = async (url: string, init: RequestInit & { etter: EtterFetch }) => {
  const { etter, ...rest } = init;
  const headers = new Headers(rest.headers);
  headers.set("X-Request-Id", etter.requestId);
  const signal = AbortSignal.timeout(statementTimeoutMs);
  return etter.meter.track("postgres", () => fetch(etter.endpoint ?? url, { ...rest, headers, signal }));
};

export interface Database {
  /** Builds statements; run them with `batch`. */
  readonly build: HttpDatabase;
  /** One transaction in one round trip: enters `scope`, then runs the statements in order. */
  batch<T extends Statements>(scope: Scope, statements: (db: HttpDatabase) => T): Promise<Results<T>>;
  /** One statement outside any scope: functions that bring their own rights. One round trip. */
  call<T extends Record<string, unknown>>(statement: SQL): Promise<T[]>;
  /**
   * An interactive transaction over a socket, five flights and more: only where a read decides a write.
   * Commits when `work` returns, rolls back when it throws.
   */
  unitOfWork<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export function createDatabase(options: DatabaseOptions): Database {
  const { url, localProxy, requestId, meter } = options;
  const endpoint = localProxy === undefined ? undefined : `http://${localProxy}/sql`;
  // Without the schema, which drizzle needs for its `query` alone: reading it through would cost every request 0.3 ms.
  const build = drizzleHttp({ client: neon(url, { fetchOptions: { etter: { endpoint, requestId, meter } } }) });
  return {
    build,
    async batch(scope, statements) {
      const items = statements(build);
      const [, ...results] = await translated(() => build.batch([build.execute(enter(scope)), ...items]));
      return results;
    },
    async call<T extends Record<string, unknown>>(statement: SQL) {
      return (await translated(() => build.execute<T>(statement))).rows;
    },
    unitOfWork: (scope, work) => translated(() => meter.track("postgres", () => runUnitOfWork(options, scope, work))),
  };
}

async function runUnitOfWork<T>(
  { url, localProxy, requestId }: DatabaseOptions,
  scope: Scope,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: url, application_name: requestId });
  // A socket that breaks while idle must not take the isolate down; the statement under way reports it.
  client.on("error", () => undefined);
  if (localProxy !== undefined) {
    client.neonConfig.wsProxy = () => `${localProxy}/v2`;
    client.neonConfig.useSecureWebSocket = false;
  }
  const cut = AbortSignal.timeout(unitOfWorkTimeoutMs);
  const expired = new Promise<never>((_, reject) => {
    cut.addEventListener("abort", () => reject(unavailable("Postgres")), { once: true });
  });
  const run = async (): Promise<T> => {
    await client.connect().catch((error: unknown) => {
      throw unavailable("Postgres", error);
    });
    return drizzleSocket({ client }).transaction(async (tx) => {
      await tx.execute(enter(scope));
      return work(tx);
    });
  };
  try {
    return await Promise.race([run(), expired]);
  } finally {
    // Says goodbye and does not wait for the answer: the driver would wait until the other side has closed the socket,
    // which costs the caller another round trip.
    client.end().catch(() => undefined);
  }
}

/** Another scope for the rest of a batch, for the few that must write in two. */
export const entering = (db: HttpDatabase, scope: Scope) => db.execute(enter(scope));

function enter(scope: Scope): SQL {
  switch (scope.kind) {
    case "session":
      return sql`select app.enter_session(${callerOf(scope)})`;
    case "across":
      return sql`select app.enter_across(${callerOf(scope)}, ${auditRecord(scope.record)}::jsonb)`;
    case "foreign":
      return sql`select app.enter_foreign(${callerOf(scope)}, ${scope.companyId}::uuid)`;
    case "company":
      return sql`select app.enter_company(${scope.companyId}::uuid)`;
    case "system":
      return sql`select set_config('role', 'etter_system', true)`;
  }
}

const callerOf = ({ actor, at }: { readonly actor: Actor; readonly at: Date }): SQL =>
  sql`${actor.companyId}::uuid, ${actor.userId}::uuid, ${actor.sessionId}::uuid, ${at.toISOString()}::timestamptz`;

/** Turns a broken line into `unavailable` and a dead session into `unauthorized`; anything else is the caller's. */
async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const state = sqlState(error);
    if (state === "ET401")
      throw new AppError("unauthorized", "This session has ended. Sign in again.", { cause: error });
    if (state === undefined ? isLineFault(error) : isServerFault(state)) throw unavailable("Postgres", error);
    throw error;
  }
}

const maxCauses = 5;

function* causes(error: unknown): Generator<Error> {
  for (let e = error, depth = 0; e instanceof Error && depth < maxCauses; e = e.cause, depth += 1) yield e;
}

/** The SQLSTATE of a failed statement, wherever drizzle or neon wrapped it; undefined where there is none. */
export function sqlState(error: unknown): string | undefined {
  for (const e of causes(error)) {
    const { code } = e as { code?: unknown };
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/** SQLSTATE: a row like this exists. */
export const uniqueViolation = "23505";
/** SQLSTATE: what a row points at does not exist. */
export const foreignKeyViolation = "23503";

/** Connection trouble (08), resources used up (53), shut-down or crash (57P), system error (58), lock time-out, deadlock. */
const isServerFault = (state: string): boolean =>
  /^(08|53|57P|58)/.test(state) || ["55P03", "57014", "40P01"].includes(state);

/** The words of the drivers and of workerd for a line that broke; a TypeError of our own must stay a bug. */
const lineFaultWords =
  /^(Connection terminated|Connection ended|Network connection lost|Client has encountered a connection)/;

function isLineFault(error: unknown): boolean {
  return [...causes(error)].some(
    (e) =>
      e instanceof NeonDbError ||
      e.name === "TimeoutError" ||
      e.name === "AbortError" ||
      lineFaultWords.test(e.message),
  );
}
