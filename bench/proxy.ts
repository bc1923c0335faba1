import { request as sendRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../local/stack/http-server.ts";
import { bundleWorker } from "./bundles.ts";
import { median, printTable } from "./table.ts";
import { startWorkerd, withScratchFolder, type Workerd } from "./workerd.ts";

const MEBIBYTE = 1024 ** 2;
const AT_ONCE = 4;
const BODY_BYTES = 64 * MEBIBYTE;
/** Of one part: the largest there is, which completing reads whole. */
const SINGLE_BYTES = 8 * MEBIBYTE;
const SINGLES_AT_ONCE = 16;
const SINGLE_ROUNDS = 3;
const PIECE = Buffer.alloc(MEBIBYTE, "etter");
const ROUNDS = 9;
const IDLE_MS = 1_000;
const MAX_MEBIBYTES_OVER_IDLE = 64;
const TARGET_RATIO = 0.8;

interface Side {
  readonly path: "/adapter" | "/bare" | "/single" | "/complete";
  readonly atOnce: number;
  /** Of each. */
  readonly bytes: number;
  readonly mebibytesPerSecond: number[];
  readonly cpuSeconds: number[];
  readonly mebibytesOverIdle: number[];
}

/** Bodies streamed through to S3 by our adapter, which hashes them, beside a Worker that only passes them on, in turns. */
export async function run(): Promise<void> {
  const sink = await startSink();
  try {
    await withScratchFolder(async (folder) => {
      const bundle = { ...bundleWorker(folder, "proxy"), variables: { S3_ENDPOINT: sink.url } };
      const workerd = await startWorkerd(folder, [bundle]);
      try {
        await measure(workerd);
      } finally {
        await workerd.stop();
      }
    });
  } finally {
    await sink.close();
  }
}

/** An S3 that takes everything, keeps nothing and gives what nobody has put: what is measured is the way there. */
const startSink = () =>
  listen(async (request, response) => {
    const headers = { etag: '"sink"', "last-modified": "Sun, 01 Nov 2026 12:00:00 GMT" };
    if (request.method === "GET") {
      response.writeHead(200, { ...headers, "content-length": SINGLE_BYTES });
      for (let sent = 0; sent < SINGLE_BYTES; sent += PIECE.length) response.write(PIECE);
      return void response.end();
    }
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) bytes += chunk.length;
    if (bytes !== Number(request.headers["content-length"])) throw new Error(`${bytes} bytes arrived`);
    response.writeHead(200, { ...headers, "content-length": 0 }).end();
  });

async function measure(workerd: Workerd): Promise<void> {
  const side = (path: Side["path"], atOnce = AT_ONCE, bytes = BODY_BYTES): Side => ({
    ...{ path, atOnce, bytes },
    ...{ mebibytesPerSecond: [], cpuSeconds: [], mebibytesOverIdle: [] },
  });
  const [ours, bare] = [side("/adapter"), side("/bare")];
  for (const { path } of [ours, bare]) await send(workerd.urls[0] + path, BODY_BYTES);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const one of round % 2 === 0 ? [ours, bare] : [bare, ours]) await oneRound(workerd, one);
  const ratios = ours.mebibytesPerSecond.map((value, round) => value / (bare.mebibytesPerSecond[round] ?? Number.NaN));
  printTable(`proxy: ${AT_ONCE} × ${BODY_BYTES / MEBIBYTE} MiB at once, medians of ${ROUNDS} rounds in turns`, [
    ["", "MiB/s", "CPU s/round", "MiB over idle, most"],
    row("Etter's adapter", ours),
    row("bare streaming", bare),
    ["ratio (1 = as fast)", median(ratios).toFixed(2)],
    ["  lowest … highest", `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`],
    ["  target", `≥ ${TARGET_RATIO}`, "", `≤ ${MAX_MEBIBYTES_OVER_IDLE}`],
  ]);
  const [sent, completed] = [
    side("/single", SINGLES_AT_ONCE, SINGLE_BYTES),
    side("/complete", SINGLES_AT_ONCE, SINGLE_BYTES),
  ];
  for (let round = 0; round < SINGLE_ROUNDS; round += 1)
    for (const one of [sent, completed]) await oneRound(workerd, one);
  printTable(
    `proxy: ${SINGLES_AT_ONCE} × ${SINGLE_BYTES / MEBIBYTE} MiB of one part at once, medians of ${SINGLE_ROUNDS} rounds`,
    [
      ["", "MiB/s", "CPU s/round", "MiB over idle, most"],
      row("sent through us", sent),
      row("completed: read, checked, stored", completed),
    ],
  );
}

async function oneRound(workerd: Workerd, side: Side): Promise<void> {
  await sleep(IDLE_MS);
  const idle = workerd.resetPeakMemory();
  const cpuBefore = workerd.cpuSeconds();
  const startedAt = performance.now();
  const sent = side.path === "/complete" ? 0 : side.bytes;
  await Promise.all(Array.from({ length: side.atOnce }, () => send(workerd.urls[0] + side.path, sent)));
  const seconds = (performance.now() - startedAt) / 1_000;
  side.mebibytesPerSecond.push((side.atOnce * side.bytes) / MEBIBYTE / seconds);
  side.cpuSeconds.push(workerd.cpuSeconds() - cpuBefore);
  side.mebibytesOverIdle.push((workerd.peakMemory() - idle) / MEBIBYTE);
}

function send(url: string, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(url, { method: "PUT", headers: { "content-length": bytes }, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`the Worker answered ${response.statusCode}`));
      });
    });
    let sent = 0;
    const more = (): void => {
      while (sent < bytes) {
        sent += PIECE.length;
        if (!request.write(PIECE)) return void request.once("drain", more);
      }
      request.end();
    };
    more();
  });
}

const row = (name: string, { mebibytesPerSecond, cpuSeconds, mebibytesOverIdle }: Side): string[] => [
  name,
  median(mebibytesPerSecond).toFixed(0),
  median(cpuSeconds).toFixed(2),
  Math.max(...mebibytesOverIdle).toFixed(0),
];
