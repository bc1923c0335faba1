import { env } from "cloudflare:workers";
import { loadConfig, type Config } from "../../../src/config/index.ts";
import type { ObjectStore } from "../../../src/features/documents/object-store.ts";
import { createObjectStore } from "../../../src/platform/s3/object-store.ts";
import { RequestMeter } from "../../../src/platform/telemetry/meter.ts";
import { swiftSettings } from "../swift-settings.ts";
import type {} from "./test-environment.ts";

type StoreConfig = Config["s3"];

const { swiftFrontUrl } = env.TEST_STACK;

/** The S3 servers of this run, by name: the settings the Worker would have with each. */
export const s3Servers: readonly (readonly [name: string, config: StoreConfig])[] = [
  ["wrangler", loadConfig(env).s3],
  ...(swiftFrontUrl === null ? [] : [["swift", { endpoint: swiftFrontUrl, ...swiftSettings }] as const]),
];

export interface StoreOptions {
  readonly change?: Partial<StoreConfig>;
  readonly now?: () => Date;
  readonly requestId?: string;
}

/** The production adapter, on its own. */
export const storeAt = (
  config: StoreConfig,
  { change = {}, now = () => new Date(), requestId = "test-store" }: StoreOptions = {},
): ObjectStore =>
  createObjectStore({ config: { ...config, ...change }, clock: { now }, requestId, meter: new RequestMeter(Date.now) });

/** Swift starts when it is first called, which takes longer than a call may. */
export async function s3ServersUp(): Promise<void> {
  if (swiftFrontUrl !== null) await (await fetch(swiftFrontUrl)).body?.cancel();
}
