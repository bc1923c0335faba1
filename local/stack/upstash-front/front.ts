import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CallRecorder, preciseNowMs } from "../call-recorder.ts";
import { serveControl } from "../front-control.ts";
import type { ServerControl } from "../front-control.ts";
import { HttpError, listen, readBody, sendJson } from "../http-server.ts";
import type { Front } from "../neon-front/front.ts";
import { RedisError, RedisUnreachableError, RespClient } from "../redis/resp-client.ts";
import type { Reply } from "../redis/resp-client.ts";
import { encodeReply, parseUpstashRequest } from "./commands.ts";
import type { UpstashRequest } from "./commands.ts";
import { ScriptTranslator } from "./scripts.ts";

const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** Upstash's REST protocol over a Redis server. `token` is the bearer token that callers must show. */
export async function startUpstashFront(
  server: ServerControl & { readonly port: number },
  token: string,
): Promise<Front> {
  const recorder = new CallRecorder();
  const redis = new ScriptedRedis(new RespClient(() => server.port));
  const listening = await listen(async (request, response) => {
    if (await serveControl(request, response, recorder, server)) return;
    try {
      if (!isAuthorised(request, token)) throw new HttpError(401, "WRONGPASS invalid or missing auth token");
      const command = parseUpstashRequest(request, await readBody(request, BODY_LIMIT_BYTES));
      await serveCommand(command, request, response, redis, recorder);
    } catch (error) {
      const status = error instanceof HttpError ? error.status : error instanceof RedisUnreachableError ? 503 : 500;
      sendJson(response, status, { error: error instanceof Error ? error.message : "ERR unknown" });
    }
  });
  const close = async (): Promise<void> => {
    await listening.close();
    redis.close();
  };
  return { url: listening.url, port: listening.port, recorder, close };
}

async function serveCommand(
  command: UpstashRequest,
  request: IncomingMessage,
  response: ServerResponse,
  redis: ScriptedRedis,
  recorder: CallRecorder,
): Promise<void> {
  const base64 = request.headers["upstash-encoding"] === "base64";
  const toBody = (reply: Reply) =>
    reply instanceof RedisError ? { error: reply.message } : { result: encodeReply(reply, base64) };
  const requestId = request.headers["x-request-id"];
  const commands = command.kind === "redis" ? [command.command] : command.commands;
  const call = {
    kind: command.kind,
    statements: commands.map((parts) => parts.slice(0, 2).join(" ").slice(0, 200)),
    startedAt: preciseNowMs(),
    ...(typeof requestId === "string" ? { requestId } : {}),
  };
  try {
    const reply = command.kind === "redis-multi" ? await redis.transaction(commands) : await redis.run(commands);
    recorder.record({ ...call, endedAt: preciseNowMs() });
    if (reply instanceof RedisError) sendJson(response, 400, toBody(reply));
    else if (command.kind === "redis")
      sendJson(response, reply[0] instanceof RedisError ? 400 : 200, toBody(reply[0] ?? null));
    else sendJson(response, 200, reply.map(toBody));
  } catch (error) {
    recorder.record({ ...call, endedAt: preciseNowMs(), failed: true });
    throw error;
  }
}

/** Redis that also takes Upstash's scripts. */
class ScriptedRedis {
  readonly #client: RespClient;
  readonly #scripts = new ScriptTranslator();

  constructor(client: RespClient) {
    this.#client = client;
  }

  async run(commands: readonly string[][]): Promise<Reply[]> {
    const translated = commands.map((command) => this.#scripts.translate(command));
    const replies = await this.#client.send(translated.map(({ command }) => command));
    return replies.map((reply, index) => this.#withLoadedHash(reply, translated[index]?.loadedHash));
  }

  /** All replies, or the one error for which Redis ran nothing. */
  async transaction(commands: readonly string[][]): Promise<Reply[] | RedisError> {
    const translated = commands.map((command) => this.#scripts.translate(command));
    const replies = await this.#client.send([["MULTI"], ...translated.map(({ command }) => command), ["EXEC"]]);
    const results = replies.at(-1);
    if (results instanceof RedisError) return results;
    if (!Array.isArray(results)) throw new Error("EXEC gave no list of replies");
    return results.map((reply, index) => this.#withLoadedHash(reply, translated[index]?.loadedHash));
  }

  close(): void {
    this.#client.close();
  }

  #withLoadedHash(reply: Reply, loadedHash: string | undefined): Reply {
    return loadedHash === undefined || reply instanceof RedisError ? reply : Buffer.from(loadedHash);
  }
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const shown =
    request.headers.authorization ??
    `Bearer ${new URL(request.url ?? "/", "http://front.invalid").searchParams.get("_token")}`;
  const expected = Buffer.from(`Bearer ${token}`);
  const actual = Buffer.from(shown);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
