import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { lastLogLine, withServerLog } from "../../../../local/stack/server-log.ts";
import { supervise } from "../../../../local/stack/supervise.ts";
import type { SupervisedProcess } from "../../../../local/stack/supervise.ts";
import { swiftSettings } from "../../swift-settings.ts";

/** Debian's package is for Debian's Python, whatever else is on PATH. */
const PYTHON = "/usr/bin/python3";
const PACKAGE_FOLDER = "/usr/lib/python3/dist-packages/swift/common/middleware/s3api";
const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 50;

/** What installs it. */
export const SWIFT_ADVICE = "apt-get install -y --no-install-recommends python3-swift";

export interface SwiftServer {
  readonly port: number;
  stop(): Promise<void>;
}

export const isSwiftInstalled = (): boolean => existsSync(PYTHON) && existsSync(PACKAGE_FOLDER);

/** OpenStack Swift's S3 API with an empty bucket: a second server for the S3 suites, stricter than wrangler's. */
export async function startSwift(root: string, corsOrigin = "*"): Promise<SwiftServer> {
  const folder = join(root, "swift");
  const logFile = join(root, "swift.log");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const server = withServerLog(logFile, (output) =>
    supervise(PYTHON, [join(import.meta.dirname, "server.py"), folder, corsOrigin], {
      cwd: folder,
      env: { PATH: "/usr/bin:/bin", HOME: folder, LANG: "C.UTF-8" },
      output,
      graceSeconds: 1,
    }),
  );
  try {
    const port = await listeningPort(server, join(folder, "port"));
    await makeBucket(port);
    return { port, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw new Error(`Swift did not start: ${lastLogLine(logFile)} (more in ${logFile})`, { cause: error });
  }
}

async function listeningPort(server: SupervisedProcess, portFile: string): Promise<number> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!existsSync(portFile)) {
    if (server.exitReport() || Date.now() > deadline) throw new Error("it never told its port");
    await sleep(READY_POLL_MS);
  }
  return Number(readFileSync(portFile, "utf8"));
}

async function makeBucket(port: number): Promise<void> {
  const { bucket, capabilities: _capabilities, ...credentials } = swiftSettings;
  const client = new AwsClient({ ...credentials, service: "s3", retries: 0 });
  const response = await client.fetch(`http://127.0.0.1:${port}/${bucket}`, { method: "PUT" });
  if (!response.ok) throw new Error(`making the bucket: ${response.status} ${await response.text()}`);
}
