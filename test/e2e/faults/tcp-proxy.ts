import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../../../local/stack/free-port.ts";

type Mode = "pass" | "hang" | "cut";

/** A line to another port of this machine that a test can break. */
export interface TcpProxy {
  readonly port: number;
  /** Ends what is connected and refuses what comes. */
  cut(): Promise<void>;
  /** Takes connections and bytes, and passes nothing on. */
  hang(): void;
  /** Passes everything on again; what was connected while it hung is ended, for it has lost bytes. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Passes connections on to 127.0.0.1:`target`. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let mode: Mode = "pass";

  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("data", (bytes) => void (mode === "pass" && to.write(bytes)));
    from.on("end", () => void (mode === "pass" && to.end()));
    // A broken end is what this is for; its other end is told below.
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    join(client, upstream);
    join(upstream, client);
  });
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    mode = "cut";
    endAll();
    if (server.listening) await closed(server);
  };
  await listening(server, port);
  return {
    port,
    cut: close,
    hang: () => void (mode = "hang"),
    restore: async () => {
      if (mode === "hang") endAll();
      if (!server.listening) await listening(server, port);
      mode = "pass";
    },
    close,
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
