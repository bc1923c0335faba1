import type { IncomingHttpHeaders } from "node:http";
import pg from "pg";
import { HttpError } from "../http-server.ts";
import type { SessionPool } from "./session-pool.ts";

export interface SqlQuery {
  query: string;
  params: unknown[];
}

/** Neon answers a batch with `{results}` and a single query with its result. */
export type SqlRequest = { kind: "sql"; query: SqlQuery } | { kind: "sql-batch"; queries: SqlQuery[] };

interface ResultOptions {
  /** Values as the text PostgreSQL sends, for the client to parse; else JSON types where they lose nothing. */
  rawText: boolean;
  /** Rows as arrays; else as objects. */
  arrayMode: boolean;
}

const QUERIES_LIMIT = 1_000;

const ISOLATION_LEVELS: Record<string, string> = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
};

const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

// Types whose JSON form is exact. int8 and numeric are not among them: JSON numbers are doubles to most readers.
const { BOOL, INT2, INT4, OID, FLOAT4, FLOAT8, JSON: JSON_TYPE, JSONB } = pg.types.builtins;
const FLOAT_TYPES = new Set<number>([FLOAT4, FLOAT8]);
const INTEGER_TYPES = new Set<number>([INT2, INT4, OID]);
const JSON_TYPES = new Set<number>([JSON_TYPE, JSONB]);

/** The queries of a request's body, else a refusal with 400. */
export function parseSqlRequest(body: unknown): SqlRequest {
  if (isRecord(body) && Array.isArray(body.queries)) {
    if (body.queries.length > QUERIES_LIMIT) throw new HttpError(400, `A batch has at most ${QUERIES_LIMIT} queries.`);
    return { kind: "sql-batch", queries: body.queries.map(parseQuery) };
  }
  return { kind: "sql", query: parseQuery(body) };
}

/**
 * Runs the request in a session of its own and returns the body of the answer; database errors are thrown. When the
 * caller goes away (`abandoned`), so does the session, and with it what it is doing.
 */
export async function runSql(
  request: SqlRequest,
  headers: IncomingHttpHeaders,
  sessions: SessionPool,
  abandoned: AbortSignal,
): Promise<unknown> {
  const options = {
    rawText: headers["neon-raw-text-output"] === "true",
    arrayMode: headers["neon-array-mode"] === "true",
  };
  const session = await sessions.acquire(connectionStringOf(headers));
  const abandon = (): void => session.release(true);
  let broken = true;
  try {
    abandoned.addEventListener("abort", abandon);
    abandoned.throwIfAborted();
    const answer =
      request.kind === "sql"
        ? await runQuery(session.client, request.query, options)
        : await runBatch(session.client, request.queries, beginStatement(headers), options);
    broken = false;
    return answer;
  } catch (error) {
    // Only an error the server has reported leaves the connection in a known state.
    broken = !(error instanceof pg.DatabaseError);
    throw error;
  } finally {
    abandoned.removeEventListener("abort", abandon);
    session.release(broken);
  }
}

/** An error with every field that Neon's driver copies into its NeonDbError; absent ones are null. */
export function errorBody(error: unknown): Record<string, unknown> {
  const fields = isRecord(error) ? error : {};
  const message = error instanceof Error ? error.message : "unknown error";
  return { message, ...Object.fromEntries(ERROR_FIELDS.map((name) => [name, fields[name] ?? null])) };
}

async function runBatch(
  client: pg.PoolClient,
  queries: SqlQuery[],
  begin: string,
  options: ResultOptions,
): Promise<unknown> {
  await client.query(begin);
  const results: unknown[] = [];
  for (const query of queries) results.push(await runQuery(client, query, options));
  await client.query("COMMIT");
  // An error above ends the transaction too: giving the session back begins with ROLLBACK.
  return { results };
}

async function runQuery(client: pg.PoolClient, { query, params }: SqlQuery, options: ResultOptions): Promise<unknown> {
  const answer = await client.query({
    text: query,
    values: params,
    rowMode: "array",
    types: { getTypeParser: () => (text: string) => text },
  });
  // Several statements in one text give several results; like Neon, the last one counts.
  const result = (Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryArrayResult<(string | null)[]>;
  const parsed = result.rows.map((row) => row.map((text, index) => toJson(text, result.fields[index], options)));
  const rows = options.arrayMode
    ? parsed
    : parsed.map((row) => Object.fromEntries(row.map((value, index) => [result.fields[index]?.name, value])));
  const fields = result.fields.map((field) => ({
    name: field.name,
    tableID: field.tableID,
    columnID: field.columnID,
    dataTypeID: field.dataTypeID,
    dataTypeSize: field.dataTypeSize,
    dataTypeModifier: field.dataTypeModifier,
    format: field.format,
  }));
  return { command: result.command, rowCount: result.rowCount, rows, fields, rowAsArray: options.arrayMode };
}

function toJson(text: string | null, field: pg.FieldDef | undefined, { rawText }: ResultOptions): unknown {
  if (text === null || rawText || field === undefined) return text;
  const type = field.dataTypeID;
  if (type === BOOL) return text === "t";
  if (INTEGER_TYPES.has(type)) return Number(text);
  // JSON has no NaN and no infinities: those stay text.
  if (FLOAT_TYPES.has(type)) return Number.isFinite(Number(text)) ? Number(text) : text;
  return JSON_TYPES.has(type) ? JSON.parse(text) : text;
}

function beginStatement(headers: IncomingHttpHeaders): string {
  const parts = ["BEGIN"];
  const level = headers["neon-batch-isolation-level"];
  if (typeof level === "string") {
    const sql = ISOLATION_LEVELS[level];
    if (sql === undefined) throw new HttpError(400, `Unknown isolation level ${JSON.stringify(level)}.`);
    parts.push("ISOLATION LEVEL", sql);
  }
  if (headers["neon-batch-read-only"] === "true") parts.push("READ ONLY");
  if (headers["neon-batch-deferrable"] === "true") parts.push("DEFERRABLE");
  return parts.join(" ");
}

function connectionStringOf(headers: IncomingHttpHeaders): string {
  const value = headers["neon-connection-string"];
  if (typeof value !== "string" || !URL.canParse(value)) {
    throw new HttpError(400, "The header Neon-Connection-String is missing or no connection string.");
  }
  return value;
}

function parseQuery(value: unknown): SqlQuery {
  if (!isRecord(value) || typeof value.query !== "string") throw new HttpError(400, "A query needs a `query` text.");
  const params = value.params ?? [];
  if (!Array.isArray(params)) throw new HttpError(400, "`params` must be an array.");
  return { query: value.query, params };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
