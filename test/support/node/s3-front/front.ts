import { request as sendRequest } from "node:http";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { CallRecorder, preciseNowMs } from "../../../../local/stack/call-recorder.ts";
import { serveControl } from "../../../../local/stack/front-control.ts";
import { listen, readJson, sendJson } from "../../../../local/stack/http-server.ts";
import type { Front } from "../../../../local/stack/neon-front/front.ts";
import { callOf, FaultPlan, readRule, type FaultRule, type S3Call } from "./faults.ts";

export interface S3Front extends Front {
  /** What its doors add to, for tests in the same process. */
  readonly plan: FaultPlan;
}

export interface S3Behind {
  /** Where it listens; asked at every call, so it may start at the first. */
  port(): Promise<number>;
  /** In front of the bucket in every path. */
  readonly basePath: string;
}

const RULE_BYTES_LIMIT = 10_000;

/**
 * An S3 server as it is on a bad day: passes every call on as it came (signatures cover the Host, which is this front's), and does
 * what the rules of `POST /_control/faults` say; `DELETE /_control/faults` forgets them. Has the doors of all fronts as well;
 * a stopped one breaks every connection, a paused one answers nothing.
 */
export async function startS3Front(behind: S3Behind): Promise<S3Front> {
  const recorder = new CallRecorder();
  const plan = new FaultPlan();
  let mode: "up" | "stopped" | "paused" = "up";
  const become = (next: typeof mode) => async (): Promise<void> => void (mode = next);
  const control = {
    start: become("up"),
    stop: become("stopped"),
    pause: () => void (mode = "paused"),
    resume: () => void (mode = "up"),
  };
  const listening = await listen(async (request, response) => {
    if (await serveControl(request, response, recorder, control)) return;
    if (await serveFaultDoors(request, response, plan)) return;
    if (mode === "stopped") return void request.socket.destroy();
    if (mode === "paused") return;
    await serveCall({ request, response, behind, plan, recorder });
  });
  return { url: listening.url, port: listening.port, recorder, plan, close: listening.close };
}

async function serveFaultDoors(request: IncomingMessage, response: ServerResponse, plan: FaultPlan): Promise<boolean> {
  if (request.url !== "/_control/faults") return false;
  if (request.method === "POST") plan.add(readRule(await readJson(request, RULE_BYTES_LIMIT)));
  else plan.clear();
  sendJson(response, 200, {});
  return true;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly behind: S3Behind;
  readonly plan: FaultPlan;
  readonly recorder: CallRecorder;
}

async function serveCall(exchange: Exchange): Promise<void> {
  const { request, response, behind, plan, recorder } = exchange;
  const url = new URL(request.url ?? "/", "http://front.invalid");
  const call = callOf(request.method ?? "", url.pathname.slice(behind.basePath.length), url.searchParams);
  const rule = plan.take(call);
  const startedAt = preciseNowMs();
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.pause();
  response.on("close", () => {
    const requestId = request.headers["x-request-id"];
    const part = url.searchParams.get("partNumber");
    recorder.record({
      ...(typeof requestId === "string" ? { requestId } : {}),
      kind: "s3",
      startedAt,
      endedAt: preciseNowMs(),
      statements: [[call.operation, call.key, part].filter(Boolean).join(" ")],
      bytes,
      ...(response.writableFinished ? {} : { failed: true }),
    });
  });
  if (rule !== undefined && rule.fault !== "hold-reply") plan.reach(rule);
  if (rule !== undefined && refuse(exchange, rule, call)) return;
  if (rule?.fault === "slow") await sleep(rule.delayMs ?? 0);
  await passOn(exchange, rule);
}

const REFUSALS: Partial<Record<FaultRule["fault"], readonly [status: number, code: string]>> = {
  "slow-down": [503, "SlowDown"],
  "internal-error": [500, "InternalError"],
  "skewed-clock": [403, "RequestTimeTooSkewed"],
  "early-refusal": [503, "SlowDown"],
  "error-in-200": [200, "InternalError"],
};

/** Answers in S3's place, once the request is read; true when it did, or never will. */
function refuse({ request, response }: Exchange, { fault }: FaultRule, { operation }: S3Call): boolean {
  if (fault === "hang") return true;
  const [status, code] = REFUSALS[fault] ?? [];
  if (status === undefined) return false;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>vendor's words on ${operation}</Message></Error>`;
  const answer = (): void => {
    // Who does not read a request to its end cannot take another on that line.
    const line = fault === "early-refusal" ? "close" : "keep-alive";
    const headers = { "content-type": "application/xml", "x-amz-request-id": "FRONT0FAULT", connection: line };
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? "" : body);
  };
  if (fault === "early-refusal") answer();
  else request.on("end", answer).resume();
  return true;
}

async function passOn({ request, response, behind, plan }: Exchange, rule: FaultRule | undefined): Promise<void> {
  const breakLine = (): void => void request.socket.destroy();
  const outgoing = sendRequest({
    host: "127.0.0.1",
    port: await behind.port(),
    method: request.method,
    path: request.url,
    headers: { ...request.headers, connection: "close" },
    agent: false,
  });
  // Swift ends its answers to HEAD with an empty chunk, which is none of theirs: too late to matter.
  outgoing.on("error", () => {
    if (!response.headersSent) breakLine();
  });
  response.on("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  outgoing.on("response", (answer) => {
    answer.on("error", () => {
      if (request.method !== "HEAD") breakLine();
    });
    if (rule?.fault === "lost-reply") answer.on("end", breakLine).resume();
    else if (rule?.fault === "hold-reply") answer.on("end", () => plan.reach(rule)).resume();
    else if (rule?.fault === "refused-key")
      answer.on("end", () => answerWith(response, 200, refusalOf(rule.refusedKey))).resume();
    else if (rule?.fault === "cut-reply") halfOf(answer, response, () => response.destroy());
    else if (rule?.fault === "stall-reply") halfOf(answer, response, () => undefined);
    else {
      const { connection: _ours, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, headers);
      if (request.method === "HEAD") response.end();
      else answer.pipe(response);
    }
  });
  if (rule?.fault === "drop") dropAfter(request, outgoing, rule.afterBytes ?? 0);
  request.pipe(outgoing);
}

const refusalOf = (key = ""): string =>
  `<DeleteResult><Error><Key>${key}</Key><Code>InternalError</Code><Message>vendor's words on DeleteObjects</Message></Error></DeleteResult>`;

function answerWith(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(body);
}

/** Half of the answer's first piece, and then what is to happen. */
function halfOf(answer: IncomingMessage, response: ServerResponse, then: () => void): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.once("data", (chunk: Buffer) => {
    response.write(chunk.subarray(0, Math.floor(chunk.length / 2)), then);
  });
}

function dropAfter(request: IncomingMessage, outgoing: ClientRequest, limit: number): void {
  let seen = 0;
  request.on("data", (chunk: Buffer) => {
    seen += chunk.length;
    if (seen < limit) return;
    outgoing.destroy();
    request.socket.destroy();
  });
}
