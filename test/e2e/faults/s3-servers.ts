import { AwsClient } from "aws4fetch";
import { startS3 } from "../../../local/stack/s3.ts";
import { startS3Front, type S3Front } from "../../support/node/s3-front/front.ts";
import { isSwiftInstalled, startSwift } from "../../support/node/swift/swift.ts";
import { swiftSettings } from "../../support/swift-settings.ts";

/** Those of this machine. */
export const s3ServerNames: readonly ("wrangler" | "swift")[] = isSwiftInstalled()
  ? ["wrangler", "swift"]
  : ["wrangler"];

/** An S3 server behind a front, which outlives the Worker. */
export interface S3Server {
  readonly front: S3Front;
  /** The Worker's, with this server. */
  readonly variables: Record<string, string>;
  /** The last parts of the keys that begin so. */
  versionsOf(prefix: string): Promise<number[]>;
  stop(): Promise<void>;
}

export async function startS3Server(name: "wrangler" | "swift", root: string): Promise<S3Server> {
  const { endpoint, variables, stop } = name === "swift" ? await swift(root) : await wrangler(root);
  const { port, pathname } = new URL(endpoint);
  const basePath = pathname === "/" ? "" : pathname;
  const front = await startS3Front({ port: async () => Number(port), basePath });
  const bucket = `${front.url}${basePath}/${variables.S3_DOCUMENTS_BUCKET}`;
  const signed = new AwsClient({
    accessKeyId: variables.AWS_ACCESS_KEY_ID,
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
    region: variables.AWS_REGION,
    service: "s3",
    retries: 0,
  });
  return {
    front,
    variables: { ...variables, S3_ENDPOINT: front.url + basePath },
    async versionsOf(prefix) {
      const response = await signed.fetch(`${bucket}?${new URLSearchParams({ "list-type": "2", prefix })}`);
      const keys = [...(await response.text()).matchAll(/<Key>([^<]*)<\/Key>/g)];
      return keys.map(([, key]) => Number(key?.split("/").at(-1)));
    },
    stop: async () => {
      await front.close();
      await stop();
    },
  };
}

async function wrangler(root: string) {
  const { vars, stop } = await startS3(root);
  const variables = {
    S3_DOCUMENTS_BUCKET: vars["S3_DOCUMENTS_BUCKET"] ?? "",
    AWS_ACCESS_KEY_ID: vars["AWS_ACCESS_KEY_ID"] ?? "",
    AWS_SECRET_ACCESS_KEY: vars["AWS_SECRET_ACCESS_KEY"] ?? "",
    AWS_REGION: vars["AWS_REGION"] ?? "",
    S3_CAPABILITIES: "delete-objects",
  };
  return { endpoint: vars["S3_ENDPOINT"] ?? "", variables, stop };
}

async function swift(root: string) {
  const { port, stop } = await startSwift(root);
  const variables = {
    S3_DOCUMENTS_BUCKET: swiftSettings.bucket,
    AWS_ACCESS_KEY_ID: swiftSettings.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swiftSettings.secretAccessKey,
    AWS_REGION: swiftSettings.region,
    S3_CAPABILITIES: "list-parts,list-uploads,delete-objects",
  };
  return { endpoint: `http://127.0.0.1:${port}`, variables, stop };
}
