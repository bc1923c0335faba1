import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ListeningServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** A refusal with the status to answer it with. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

/** Listens on a port of 127.0.0.1, the wanted one or where that is taken one that the system chooses, until closed. */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  wantedPort = 0,
): Promise<ListeningServer> {
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      const status = error instanceof HttpError ? error.status : 500;
      if (response.headersSent) response.destroy();
      else sendJson(response, status, { message: error instanceof Error ? error.message : "unknown error" });
    });
  };
  const server = createServer(listener);
  // workerd keeps connections for reuse; if we close one just as it sends a request, the request is lost.
  server.keepAliveTimeout = 0;
  await listenOn(server, wantedPort).catch((error: unknown) => {
    if (wantedPort === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return listenOn(server, 0);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}`, port, server, close };
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** The whole body; a longer one than the limit is refused with 413 (after it was read, so that the client sees it). */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  if (size > limitBytes) throw new HttpError(413, `The body has ${size} bytes; at most ${limitBytes} are allowed.`);
  return Buffer.concat(chunks);
}

/** The body as JSON, else a refusal with 400. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const body = await readBody(request, limitBytes);
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new HttpError(400, "The body is not JSON.");
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
