import { connect } from "node:net";
import type { Socket } from "node:net";

/** A reply as RESP2 has it: status text as string, bulk data as Buffer, refusals as RedisError. */
export type Reply = string | Buffer | number | null | RedisError | Reply[];

/** A refusal by Redis itself, e.g. `WRONGTYPE …`. */
export class RedisError extends Error {}

/** Redis cannot be reached, or went away before it answered. */
export class RedisUnreachableError extends Error {
  constructor() {
    super("ERR Redis cannot be reached");
    this.name = "RedisUnreachableError";
  }
}

type Waiter = { resolve: (reply: Reply) => void; reject: (error: Error) => void };

const CARRIAGE_RETURN_LINE_FEED = Buffer.from("\r\n");
const PENDING_LIMIT = 10_000;

/** One connection to Redis, pipelined, opened when first needed and again after it was lost. */
export class RespClient {
  readonly #port: () => number;
  readonly #waiting: Waiter[] = [];
  #socket: Socket | undefined;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(port: () => number) {
    this.#port = port;
  }

  /** Sends the commands in one write, so that nothing of another caller comes between; one reply each. */
  send(commands: readonly (readonly string[])[]): Promise<Reply[]> {
    if (this.#waiting.length + commands.length > PENDING_LIMIT) return Promise.reject(new RedisUnreachableError());
    const socket = (this.#socket ??= this.#open());
    const replies = commands.map(
      () => new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject })),
    );
    socket.write(Buffer.concat(commands.map(encodeCommand)));
    return Promise.all(replies);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ host: "127.0.0.1", port: this.#port(), noDelay: true });
    socket.on("data", (chunk) => this.#receive(chunk));
    // "close" follows and does what is needed.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#buffer = Buffer.alloc(0);
      for (const waiter of this.#waiting.splice(0)) waiter.reject(new RedisUnreachableError());
    });
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    let offset = 0;
    for (;;) {
      const parsed = parseReply(this.#buffer, offset);
      if (!parsed) break;
      offset = parsed.next;
      this.#waiting.shift()?.resolve(parsed.reply);
    }
    this.#buffer = this.#buffer.subarray(offset);
  }
}

function encodeCommand(parts: readonly string[]): Buffer {
  const chunks: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.from(part);
    chunks.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CARRIAGE_RETURN_LINE_FEED);
  }
  return Buffer.concat(chunks);
}

/** The reply that begins at the offset, or undefined while it is incomplete. Throws on what is no RESP2. */
export function parseReply(buffer: Buffer, offset: number): { reply: Reply; next: number } | undefined {
  const lineEnd = buffer.indexOf(CARRIAGE_RETURN_LINE_FEED, offset);
  if (lineEnd === -1) return undefined;
  const type = String.fromCharCode(buffer[offset] ?? 0);
  const line = buffer.toString("utf8", offset + 1, lineEnd);
  const next = lineEnd + 2;
  if (type === "+") return { reply: line, next };
  if (type === "-") return { reply: new RedisError(line), next };
  if (type === ":") return { reply: Number(line), next };
  const length = Number(line);
  if (type === "$") return parseBulk(buffer, next, length);
  if (type === "*") return parseArray(buffer, next, length);
  throw new Error(`Redis sent ${JSON.stringify(type)}, which begins no RESP2 reply.`);
}

function parseBulk(buffer: Buffer, start: number, length: number): { reply: Reply; next: number } | undefined {
  if (length < 0) return { reply: null, next: start };
  const end = start + length;
  return buffer.length < end + 2 ? undefined : { reply: Buffer.from(buffer.subarray(start, end)), next: end + 2 };
}

function parseArray(buffer: Buffer, start: number, length: number): { reply: Reply; next: number } | undefined {
  if (length < 0) return { reply: null, next: start };
  const replies: Reply[] = [];
  let next = start;
  for (let index = 0; index < length; index += 1) {
    const parsed = parseReply(buffer, next);
    if (!parsed) return undefined;
    replies.push(parsed.reply);
    next = parsed.next;
  }
  return { reply: replies, next };
}
