import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallRecorder } from "./call-recorder.ts";
import { sendJson } from "./http-server.ts";

/** What a test may do to the server behind a front. */
export interface ServerControl {
  start(): Promise<void>;
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

const ACTIONS = ["start", "stop", "pause", "resume"] as const;

/**
 * The doors of every front that its production model does not have:
 * `GET /_calls[?request_id=…]` and `DELETE /_calls` (the recorder),
 * `POST /_control/{start,stop,pause,resume}` (the server behind; answered when done).
 * True when the request was one of these.
 */
export async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  recorder: CallRecorder,
  control: ServerControl,
): Promise<boolean> {
  const url = new URL(request.url ?? "/", "http://front.invalid");
  if (url.pathname === "/_calls" && request.method === "GET") {
    sendJson(response, 200, recorder.list(url.searchParams.get("request_id") ?? undefined));
    return true;
  }
  if (url.pathname === "/_calls" && request.method === "DELETE") {
    recorder.clear();
    response.writeHead(204).end();
    return true;
  }
  const action = ACTIONS.find((name) => url.pathname === `/_control/${name}`);
  if (action === undefined || request.method !== "POST") return false;
  await control[action]();
  response.writeHead(204).end();
  return true;
}
