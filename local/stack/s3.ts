import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { lastLogLine, withServerLog } from "./server-log.ts";
import { supervise } from "./supervise.ts";
import type { SupervisedProcess } from "./supervise.ts";

export interface S3Server {
  /** S3_ENDPOINT and the other variables a Worker needs to use the bucket. */
  vars: Record<string, string>;
  stop(): Promise<void>;
}

const BUCKET = "etter-documents";
const START_ATTEMPT_LIMIT = 3;
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
const PROBE_TIMEOUT_MS = 2_000;

/** An empty bucket behind an S3 endpoint: wrangler's own, of a Worker that does nothing else. */
export async function startS3(root: string): Promise<S3Server> {
  const folder = join(root, "s3");
  const logFile = join(root, "s3.log");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const credentials = {
    accessKeyId: randomBytes(10).toString("hex"),
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  writeFileSync(join(folder, "worker.js"), "export default { fetch: () => new Response(null, { status: 404 }) };\n");
  writeFileSync(join(folder, "wrangler.toml"), workerConfig(credentials), { mode: 0o600 });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = withServerLog(logFile, (output) => launchWrangler(folder, port, output));
    if (await becomesReady(server, port)) return { vars: variables(port, credentials), stop: () => server.stop() };
    await server.stop();
    if (attempt === START_ATTEMPT_LIMIT)
      throw new Error(`The local S3 did not start: ${lastLogLine(logFile)} (more in ${logFile})`);
  }
}

function launchWrangler(folder: string, port: number, output: number): SupervisedProcess {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const flags = [
    "-c",
    join(folder, "wrangler.toml"),
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--inspector-port",
    "0",
  ];
  return supervise(
    process.execPath,
    [wrangler, "dev", ...flags, "--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
    {
      cwd: folder,
      env: wranglerEnvironment(folder),
      output,
      signalTarget: "group",
    },
  );
}

/** Keeps wrangler inside its folder and off the network. */
function wranglerEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: "1",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NO_UPDATE_NOTIFIER: "1",
    WRANGLER_LOG_PATH: join(folder, "logs"),
    WRANGLER_REGISTRY_PATH: join(folder, "registry"),
    WRANGLER_SEND_METRICS: "false",
  };
}

function workerConfig(credentials: { accessKeyId: string; secretAccessKey: string }): string {
  return `name = "etter-local-s3"
main = "worker.js"
compatibility_date = "2026-10-01"

[[r2_buckets]]
binding = "DOCUMENTS"
bucket_name = "${BUCKET}"

[r2_buckets.local_dev.experimental_s3_credentials]
accessKeyId = "${credentials.accessKeyId}"
secretAccessKey = "${credentials.secretAccessKey}"
`;
}

function variables(
  port: number,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  return {
    S3_ENDPOINT: `http://127.0.0.1:${port}/cdn-cgi/local/r2/s3`,
    S3_DOCUMENTS_BUCKET: BUCKET,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: "auto",
  };
}

/** True once the bucket answers (it refuses an unsigned request, in XML); false when wrangler exits first or takes too long. */
async function becomesReady(server: SupervisedProcess, port: number): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!server.exitReport()) {
    if (Date.now() > deadline) return false;
    const url = `http://127.0.0.1:${port}/cdn-cgi/local/r2/s3/${BUCKET}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.headers.get("content-type") === "application/xml") return true;
    await sleep(READY_POLL_MS);
  }
  return false;
}
