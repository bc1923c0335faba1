import type { Redis } from "@upstash/redis/cloudflare";
import type { WorkloadCache } from "../../features/simulation/roles/workload-provider.ts";

/** Values are JSON, which the client writes and reads by itself. */
export function createWorkloadCache(redis: Redis, lifetimeSeconds: number): WorkloadCache {
  return {
    read: (keys) => redis.mget<unknown[]>(...keys),
    async write(entries) {
      // Commands of one tick are one round trip.
      await Promise.all([...entries].map(([key, workloads]) => redis.set(key, workloads, { ex: lifetimeSeconds })));
    },
  };
}
