import type { IncomingMessage, ServerResponse } from "node:http";
import pg from "pg";
import { WebSocketServer } from "ws";
import { CallRecorder, preciseNowMs } from "../call-recorder.ts";
import { serveControl } from "../front-control.ts";
import type { ServerControl } from "../front-control.ts";
import { HttpError, listen, readJson, sendJson } from "../http-server.ts";
import { SessionPool } from "./session-pool.ts";
import { errorBody, parseSqlRequest, runSql } from "./sql-over-http.ts";
import { tunnel } from "./websocket-tunnel.ts";
import { WithheldAnswers } from "./withheld-answers.ts";

export interface Front {
  readonly url: string;
  readonly port: number;
  readonly recorder: CallRecorder;
  close(): Promise<void>;
}

export interface NeonFront extends Front {
  readonly withheld: WithheldAnswers;
}

// What Neon itself accepts.
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** Neon's protocol over a PostgreSQL server: SQL over HTTP at `POST /sql`, and WebSocket to TCP at any path. */
export async function startNeonFront(server: ServerControl & { readonly port: number }): Promise<NeonFront> {
  const recorder = new CallRecorder();
  const withheld = new WithheldAnswers();
  const sessions = new SessionPool(() => server.port);
  const listening = await listen(async (request, response) => {
    if (await serveControl(request, response, recorder, server)) return;
    if (request.method !== "POST" || request.url?.split("?")[0] !== "/sql") throw new HttpError(404, "Not found.");
    await serveSql(request, response, { sessions, recorder, withheld });
  });
  const sockets = new WebSocketServer({ server: listening.server, perMessageDeflate: false });
  sockets.on("connection", (socket) => tunnel(socket, server.port, { recorder, withheld }));
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate();
    await listening.close();
    await sessions.close();
  };
  return { url: listening.url, port: listening.port, recorder, withheld, close };
}

async function serveSql(
  request: IncomingMessage,
  response: ServerResponse,
  { sessions, recorder, withheld }: { sessions: SessionPool; recorder: CallRecorder; withheld: WithheldAnswers },
): Promise<void> {
  const startedAt = preciseNowMs();
  const sql = parseSqlRequest(await readJson(request, BODY_LIMIT_BYTES));
  const statements = sql.kind === "sql" ? [sql.query.query] : sql.queries.map(({ query }) => query);
  const abandoned = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) abandoned.abort();
  });
  let failed = true;
  try {
    const answer = await runSql(sql, request.headers, sessions, abandoned.signal);
    failed = false;
    record();
    if (!withheld.take(statements)) sendJson(response, 200, answer);
  } catch (error) {
    record();
    if (error instanceof HttpError) throw error;
    // The driver reads the fields of an error from a 400 alone; any other status is a fault of the service.
    sendJson(response, error instanceof pg.DatabaseError ? 400 : 503, errorBody(error));
  }

  function record(): void {
    const requestId = request.headers["x-request-id"];
    recorder.record({
      kind: sql.kind,
      statements,
      startedAt,
      endedAt: preciseNowMs(),
      ...(typeof requestId === "string" ? { requestId } : {}),
      ...(failed ? { failed } : {}),
    });
  }
}
