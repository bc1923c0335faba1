import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the kernel's ephemeral range: a server that is stopped and started again must find its port free,
// and the kernel gives ephemeral ports away to outgoing connections meanwhile.
const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;
const ATTEMPT_LIMIT = 50;

/** A TCP port on 127.0.0.1 that was free a moment ago; the caller must still cope with losing it to another process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await canListen(port)) return port;
  }
  throw new Error(
    `No free port between ${FIRST_PORT} and ${LAST_PORT} after ${ATTEMPT_LIMIT} tries; stop some servers.`,
  );
}

/** Whether nothing listens on that port of 127.0.0.1. */
export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
