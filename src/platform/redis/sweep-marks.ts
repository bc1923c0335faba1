import type { Redis } from "@upstash/redis/cloudflare";
import type { SweepMarks } from "../../features/documents/ports.ts";

/** A mark that nobody has moved for so long is of a walk there is no more. */
const keepSeconds = 30 * 24 * 3600;
const keyOf = (name: string): string => `sweep-mark:${name}`;

/** Values are JSON, which the client writes and reads by itself. */
export const createSweepMarks = (redis: Redis): SweepMarks => ({
  read: (name) => redis.get<unknown>(keyOf(name)),
  async write(name, mark) {
    await redis.set(keyOf(name), mark, { ex: keepSeconds });
  },
});
