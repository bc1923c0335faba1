import { connect, type Socket } from "node:net";

export interface Load {
  readonly requests: number;
  readonly seconds: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const HEAD_LIMIT_BYTES = 16 * 1024;

/**
 * Asks for one address over and over for a while, on connections that stay open, each with one request under way.
 * Plain sockets: an HTTP client would cost more processor time than the server it is to measure.
 *
 * @throws Error when an answer is not 200 or has no content-length, or a connection ends.
 */
export async function load(url: string, connections: number, milliseconds: number): Promise<Load> {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: etter-bench\r\nAccept: */*\r\n\r\n`,
  );
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const startedAt = performance.now();
  const until = startedAt + milliseconds;
  try {
    const counts = await Promise.all(sockets.map((socket) => askUntil(socket, request, until)));
    return { requests: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function askUntil(socket: Socket, request: Buffer, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let received: Buffer = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const size = answerSize(received);
      if (size instanceof Error) return reject(size);
      if (size === undefined || received.length < size) return;
      received = Buffer.alloc(0);
      count += 1;
      if (performance.now() >= until) resolve(count);
      else socket.write(request);
    });
    socket.write(request);
  });
}

/** Bytes of the whole answer; undefined while its head is not complete. */
function answerSize(received: Buffer): number | undefined | Error {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1)
    return received.length > HEAD_LIMIT_BYTES ? new Error("an answer has no end to its headers") : undefined;
  const head = received.toString("latin1", 0, headEnd);
  if (!head.startsWith("HTTP/1.1 200 ")) return new Error(`the server answered ${head.split("\r\n", 1)[0]}`);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined
    ? new Error("an answer has no content-length")
    : headEnd + HEAD_END.length + Number(length);
}
