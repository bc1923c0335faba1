import type { Actor } from "./access.ts";
import type { SessionId, UserId } from "./ids.ts";

/**
 * Whether a session still lives, for what does not touch Postgres: streams, and calls that a Durable Object answers. Redis
 * holds `live`, `ask` or `dead` for a session; nothing there means `ask`. Postgres is the truth.
 *
 * Whoever ends sessions says `askAbout` first, then ends them in Postgres, then says `bar`. Dying in between leaves
 * `ask`, and whoever asks Postgres hears the truth. Neither of the two throws when Redis is down: a session must be
 * ended all the same, and `live` marks are gone by themselves within `liveSeconds`.
 */
export interface SessionGate {
  isLive(actor: Actor): Promise<boolean>;
  askAbout(whom: { readonly sessionId: SessionId } | { readonly userId: UserId }): Promise<void>;
  bar(sessionIds: readonly SessionId[]): Promise<void>;
}

/** How long Redis may say `live` without having asked again. */
export const liveSeconds = 30;
/** Longer than any `live` mark, and than anybody can hold an answer of Postgres before writing one. */
export const askSeconds = 120;
/** Longer than any access token, so that a dead session is not asked about again. */
export const deadSeconds = 24 * 3600;

/** Ends sessions in the order that leaves none alive, whenever the process dies. `end` returns the ids of those it ended. */
export async function endingSessions<T>(
  gate: SessionGate,
  whom: Parameters<SessionGate["askAbout"]>[0],
  end: () => Promise<{ readonly ended: readonly SessionId[]; readonly result: T }>,
): Promise<T> {
  await gate.askAbout(whom);
  const { ended, result } = await end();
  await gate.bar(ended);
  return result;
}
