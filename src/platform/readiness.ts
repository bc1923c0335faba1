import { sql } from "drizzle-orm";
import type { MailBacklog, Outbox } from "../features/email/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Database } from "./db/client.ts";
import type { MeteredRedis } from "./redis/client.ts";
import type { ObjectStore } from "../features/documents/object-store.ts";

export interface Readiness {
  readonly parts: { readonly postgres: "up" | "down"; readonly redis: "up" | "down"; readonly s3: "up" | "down" };
  /** Told, and no reason to be called not ready. Null when Postgres cannot say. */
  readonly mail: MailBacklog | null;
}

/** Every part has answered, or is called down, within this. */
const probeTimeoutMs = 800;
/** With the probe's own time this stays below the two seconds in which a part that hangs must be named. */
const keepMs = 1_000;

interface Kept {
  readonly readiness: Readiness;
  readonly until: number;
}

/** Kept per environment object, that is per isolate. Plain values: promises and clients of one request are of no use to another. */
const kept = new WeakMap<object, Kept>();
/** Until when somebody's probe is under way. */
const probing = new WeakMap<object, number>();
const lookEveryMs = 25;

/** Asks Postgres, Redis and S3 side by side; an answer is kept for a moment and whoever asks meanwhile waits for it, so that a balancer, or anybody, costs little. */
export async function checkReadiness(
  env: object,
  parts: {
    database: Database;
    redis: MeteredRedis;
    store: Pick<ObjectStore, "probe">;
    outbox: Pick<Outbox, "backlog">;
  },
  clock: Clock,
): Promise<Readiness> {
  const known = await answerOfOthers(env, clock);
  if (known) return known;
  const [postgres, redis, s3, mail] = await Promise.all([
    probe(() => parts.database.call(sql`select 1`)),
    probe(() => parts.redis.ping()),
    probe(() => parts.store.probe()),
    within(
      parts.outbox.backlog(clock.now()).catch(() => null),
      null,
    ),
  ]);
  const readiness: Readiness = { parts: { postgres, redis, s3 }, mail };
  kept.set(env, { readiness, until: clock.now().getTime() + keepMs });
  probing.delete(env);
  return readiness;
}

/**
 * What is known already, or will be in a moment. Undefined, and marked as probing, where nobody is at it: also when whoever was
 * has gone, so that nobody waits longer than one probe.
 */
async function answerOfOthers(env: object, clock: Clock): Promise<Readiness | undefined> {
  const now = (): number => clock.now().getTime();
  const patience = now() + probeTimeoutMs;
  while (now() < patience) {
    const known = kept.get(env);
    if (known && now() < known.until) return known.readiness;
    if (now() >= (probing.get(env) ?? 0)) break;
    await scheduler.wait(lookEveryMs);
  }
  probing.set(env, now() + probeTimeoutMs);
  return undefined;
}

const probe = (ask: () => Promise<unknown>): Promise<"up" | "down"> =>
  within(
    ask().then(
      () => "up" as const,
      () => "down" as const,
    ),
    "down",
  );

const within = <T>(answer: Promise<T>, otherwise: T): Promise<T> =>
  Promise.race([answer, scheduler.wait(probeTimeoutMs).then(() => otherwise)]);
