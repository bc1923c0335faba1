import type { IncomingMessage } from "node:http";
import { HttpError } from "../http-server.ts";
import { RedisError } from "../redis/resp-client.ts";
import type { Reply } from "../redis/resp-client.ts";

export type UpstashRequest =
  | { kind: "redis"; command: string[] }
  | { kind: "redis-pipeline"; commands: string[][] }
  | { kind: "redis-multi"; commands: string[][] };

const COMMANDS_LIMIT = 1_000;

// They block the connection or change its state, which all callers share here; Upstash's REST refuses them as well.
const REFUSED_COMMANDS = new Set(
  "AUTH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT DISCARD EXEC HELLO MONITOR MULTI PSUBSCRIBE QUIT RESET SELECT SHUTDOWN SSUBSCRIBE SUBSCRIBE UNWATCH WAIT WATCH".split(
    " ",
  ),
);

/** What a request asks for: JSON at `/`, `/pipeline` and `/multi-exec`, else the command in the path. */
export function parseUpstashRequest(request: IncomingMessage, body: Buffer): UpstashRequest {
  const url = new URL(request.url ?? "/", "http://front.invalid");
  const path = url.pathname.replace(/\/+$/, "");
  if (path === "") return { kind: "redis", command: parseCommand(parseJson(body)) };
  if (path === "/pipeline") return { kind: "redis-pipeline", commands: parseCommands(body) };
  if (path === "/multi-exec") return { kind: "redis-multi", commands: parseCommands(body) };
  const command = path.slice(1).split("/").map(decodeURIComponent);
  if (body.length > 0) command.push(body.toString("utf8"));
  // GET /set/key/value?EX=100 means SET key value EX 100.
  for (const [name, value] of url.searchParams) {
    if (name !== "_token") command.push(name, ...(value === "" ? [] : [value]));
  }
  return { kind: "redis", command: parseCommand(command) };
}

/** Text in base64 when the client asked for it; a status such as OK stays as it is. */
export function encodeReply(reply: Reply, base64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((item) => encodeReply(item, base64));
  if (reply instanceof RedisError) return reply.message;
  if (Buffer.isBuffer(reply)) return reply.toString(base64 ? "base64" : "utf8");
  if (typeof reply === "string" && base64 && reply !== "OK") return Buffer.from(reply).toString("base64");
  return reply;
}

function parseCommands(body: Buffer): string[][] {
  const commands = parseJson(body);
  if (!Array.isArray(commands) || commands.length === 0) throw new HttpError(400, "ERR expected an array of commands");
  if (commands.length > COMMANDS_LIMIT) throw new HttpError(400, `ERR at most ${COMMANDS_LIMIT} commands`);
  return commands.map(parseCommand);
}

function parseCommand(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw new HttpError(400, "ERR a command is an array with a name");
  const command = value.map((part: unknown) => (typeof part === "string" ? part : JSON.stringify(part)));
  const name = command[0]?.toUpperCase() ?? "";
  if (REFUSED_COMMANDS.has(name)) throw new HttpError(400, `ERR Command is not available: '${name}'`);
  return command;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new HttpError(400, "ERR failed to parse the body as JSON");
  }
}
