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

/** The servers once more, and one of them with all that not every server can do left off. */
export const s3Configurations: typeof s3Servers = s3Servers.flatMap(([name, config]) => {
  const plain = { ...config.capabilities, listParts: false, listUploads: false };
  const withoutLists = [`${name} without lists`, { ...config, capabilities: plain }] as const;
  return config.capabilities.listParts ? [[name, config] as const, withoutLists] : [[name, config] as const];
});

/** The front of a server: where its calls are recorded and meet faults. */
export const frontOf = (config: StoreConfig): string => new URL(config.endpoint).origin;

const capabilityNames = {
  listParts: "list-parts",
  listUploads: "list-uploads",
  deleteObjects: "delete-objects",
} as const;

/** What the Worker's variables say about a server. */
export const storeVariables = (config: StoreConfig): Record<string, string> => ({
  S3_ENDPOINT: config.endpoint,
  S3_DOCUMENTS_BUCKET: config.bucket,
  AWS_ACCESS_KEY_ID: config.accessKeyId,
  AWS_SECRET_ACCESS_KEY: config.secretAccessKey,
  AWS_REGION: config.region,
  S3_CAPABILITIES: Object.entries(capabilityNames)
    .flatMap(([name, value]) => (config.capabilities[name as keyof typeof capabilityNames] ? [value] : []))
    .join(","),
});

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
