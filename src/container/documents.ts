import type { Config } from "../config/index.ts";
import {
  type DocumentDependencies,
  noScanner,
  type Scanner,
  scannerTimeoutMs,
  type SweepDependencies,
} from "../features/documents/index.ts";
import { createFolderDeletionRepository } from "../features/documents/folder-deletion-repository.drizzle.ts";
import { createFolderRepository } from "../features/documents/folder-repository.drizzle.ts";
import { createDocumentRepository } from "../features/documents/repository.drizzle.ts";
import { createSweepRepository } from "../features/documents/sweep-repository.drizzle.ts";
import { createCapabilityTokens } from "../platform/crypto/capabilities.ts";
import { createDatabase, type Database } from "../platform/db/client.ts";
import { wholeDocumentRoom } from "../platform/memory-room.ts";
import { MeteredRedis } from "../platform/redis/client.ts";
import { createSweepMarks } from "../platform/redis/sweep-marks.ts";
import { createObjectStore } from "../platform/s3/object-store.ts";
import { createHttpScanner } from "../platform/scanner/http-scanner.ts";
import { systemClock, systemRandom } from "../platform/system.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import type { CountingMeter } from "../platform/telemetry/meter.ts";
import type { CallMeter } from "../shared/tracing.ts";

export interface DocumentSurroundings extends Pick<DocumentDependencies, "clock" | "random" | "origin" | "store"> {
  readonly database: Database;
  readonly meter: CallMeter;
}

export function documentDependencies(
  config: Config,
  { database, meter, ...common }: DocumentSurroundings,
): DocumentDependencies {
  const { requestId } = common.origin;
  return {
    ...common,
    documents: createDocumentRepository(database),
    folders: createFolderRepository(database),
    deletions: createFolderDeletionRepository(database),
    scanner: createScanner(config, { requestId, meter }),
    capabilities: createCapabilityTokens(config.tokens),
    settings: {
      environment: config.environment,
      baseUrl: `${config.publicUrl}/api/etter/s3`,
      quotaBytes: config.documents.quotaBytes,
    },
    onFault: (event, id, error) => log("warn", event, { request_id: requestId, document: id, ...describeError(error) }),
    wait: (milliseconds) => scheduler.wait(milliseconds),
    inRoom: wholeDocumentRoom,
  };
}

/** For the clock: each has its own clients, and counts their calls. */
export function documentSweepDependencies(config: Config, requestId: string, meter: CountingMeter): SweepDependencies {
  const surroundings = { requestId, meter };
  const database = createDatabase({ ...config.database, ...surroundings });
  const store = createObjectStore({ config: config.s3, clock: systemClock, ...surroundings });
  const origin = { requestId, ip: undefined, userAgent: undefined };
  return {
    ...documentDependencies(config, { clock: systemClock, random: systemRandom, origin, meter, database, store }),
    sweeps: createSweepRepository(database),
    marks: createSweepMarks(new MeteredRedis({ ...config.redis, ...surroundings })),
    calls: () => meter.calls,
  };
}

function createScanner(
  { scanner: { service } }: Config,
  surroundings: { requestId: string; meter: CallMeter },
): Scanner {
  if (service === undefined) return noScanner;
  return createHttpScanner({ ...service, ...surroundings, timeoutMs: scannerTimeoutMs });
}
