import type { Redis } from "@upstash/redis/cloudflare";
import type { SessionGate } from "../../shared/session-gate.ts";
import type { Actor } from "../../shared/access.ts";
import type { SessionId } from "../../shared/ids.ts";

interface Lifetimes {
  readonly liveSeconds: number;
  readonly askSeconds: number;
  readonly deadSeconds: number;
}

const sessionKey = (id: SessionId): string => `session:${id}`;
/** `ask`, for all sessions of a person at once: who ends them all need not know their ids beforehand. */
const userKey = (id: string): string => `session-user:${id}`;

/**
 * `askPostgres` is the truth. A mark is put back by SET NX only: an answer of Postgres that is older than an `ask` or
 * `dead` must not overwrite it.
 */
export function createSessionGate(
  redis: () => Redis,
  askPostgres: (actor: Actor) => Promise<boolean>,
  { liveSeconds, askSeconds, deadSeconds }: Lifetimes,
): SessionGate {
  return {
    async isLive(actor) {
      const [session, user] = await redis()
        .mget<[string | null, string | null]>(sessionKey(actor.sessionId), userKey(actor.userId))
        .catch(() => [null, "ask"] as const);
      if (session === "dead") return false;
      if (session === "live" && user === null) return true;
      const live = await askPostgres(actor);
      if (session === null && user === null)
        await ignoringOutage(
          live
            ? redis().set(sessionKey(actor.sessionId), "live", { nx: true, ex: liveSeconds })
            : redis().set(sessionKey(actor.sessionId), "dead", { nx: true, ex: deadSeconds }),
        );
      return live;
    },
    async askAbout(whom) {
      const key = "sessionId" in whom ? sessionKey(whom.sessionId) : userKey(whom.userId);
      await ignoringOutage(redis().set(key, "ask", { ex: askSeconds }));
    },
    async bar(sessionIds) {
      await ignoringOutage(
        Promise.all(sessionIds.map((id) => redis().set(sessionKey(id), "dead", { ex: deadSeconds }))),
      );
    },
  };
}

async function ignoringOutage(call: Promise<unknown>): Promise<void> {
  await call.catch(() => undefined);
}
