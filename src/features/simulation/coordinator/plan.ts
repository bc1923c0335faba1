import type { ShardPlan } from "./state.ts";

/** Each shard has a few file descriptors of its own, and the run a row of state. */
export const maxShards = 64;
/** About five seconds of one core: worth an object of its own, and soon over. */
export const workPerShard = 40_000_000;
/**
 * Sums of shards that are computed at the same time, by one run or by all those of a sweep together. Objects of one class may
 * share an isolate, which has 128 MB.
 */
export const memoryAtOnceBytes = 48 * 1024 * 1024;
/**
 * However small their sums. Where shards share a thread (always so locally), each gets on so much more slowly: with sixteen,
 * checkpoints were a quarter of a minute apart, and a run that was killed every few seconds never got to one.
 */
export const maxShardsAtOnce = 4;

/**
 * Shares a run's iterations out, as evenly as whole numbers allow. The result of a run does not depend on it.
 *
 * @param workPerIteration in work units
 * @param bytesPerShard memory of one shard's sums
 * @param runsAtOnce runs that share the memory
 */
export function planShards(
  iterations: number,
  workPerIteration: number,
  bytesPerShard: number,
  runsAtOnce = 1,
): ShardPlan {
  const wanted = Math.ceil((iterations * workPerIteration) / workPerShard);
  const shards = Math.min(maxShards, iterations, Math.max(1, wanted));
  const bound = (index: number): number => Math.floor((iterations * index) / shards);
  return {
    ranges: Array.from({ length: shards }, (_, index) => ({ from: bound(index), to: bound(index + 1) })),
    atOnce: Math.min(maxShardsAtOnce, Math.max(1, Math.floor(memoryAtOnceBytes / runsAtOnce / bytesPerShard))),
  };
}
