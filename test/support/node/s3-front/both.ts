import { isSwiftInstalled, startSwift, SWIFT_ADVICE, type SwiftServer } from "../swift/swift.ts";
import { startS3Front } from "./front.ts";

export interface S3Fronts {
  readonly s3FrontUrl: string;
  /** The Worker's S3_ENDPOINT. */
  readonly s3Endpoint: string;
  readonly swiftFrontUrl: string | null;
  close(): Promise<void>;
}

/** Fronts of wrangler's S3 and, where it is installed, of Swift's, which starts when a test first calls it. */
export async function startS3Fronts(root: string, wranglerEndpoint: string): Promise<S3Fronts> {
  const { port, pathname } = new URL(wranglerEndpoint);
  const wrangler = await startS3Front({ port: async () => Number(port), basePath: pathname });
  let swift: Promise<SwiftServer> | undefined;
  const swiftPort = async (): Promise<number> => (await (swift ??= startSwift(root))).port;
  const second = isSwiftInstalled() ? await startS3Front({ port: swiftPort, basePath: "" }) : undefined;
  if (!second) console.log(`S3 suites run against wrangler's S3 alone: no Swift here (${SWIFT_ADVICE}).`);
  return {
    s3FrontUrl: wrangler.url,
    s3Endpoint: wrangler.url + pathname,
    swiftFrontUrl: second?.url ?? null,
    close: async () => {
      await Promise.all([wrangler.close(), second?.close()]);
      await (await swift?.catch(() => undefined))?.stop();
    },
  };
}
