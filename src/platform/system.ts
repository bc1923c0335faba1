import type { Clock, Random } from "../shared/clock.ts";

export const systemClock: Clock = { now: () => new Date() };

export const systemRandom: Random = {
  uuid: () => crypto.randomUUID(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
