import { AwsClient } from "aws4fetch";
import type { Config } from "../../config/index.ts";
import type { CallMeter } from "../../shared/tracing.ts";

const probeTimeoutMs = 1_500;

export interface ObjectStore {
  /** Resolves when the documents bucket answers a signed HEAD. @throws the transport's error, or Error with the status. */
  probe(): Promise<void>;
}

export function createObjectStore(config: Config["s3"], meter: CallMeter): ObjectStore {
  const { accessKeyId, secretAccessKey, region, endpoint, bucket } = config;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 0 });
  return {
    async probe() {
      const signal = AbortSignal.timeout(probeTimeoutMs);
      // A listing of one key: HEAD on a bucket is not served by every S3 server.
      const url = `${endpoint}/${bucket}?list-type=2&max-keys=1`;
      const response = await meter.track("s3", () => client.fetch(url, { signal }));
      await response.body?.cancel();
      if (!response.ok) throw new Error(`S3 answered ${response.status}`);
    },
  };
}
