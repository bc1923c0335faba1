import type { Actor } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import type { UserId } from "../../../shared/ids.ts";
import { endingSessions } from "../../../shared/session-gate.ts";
import type { AccountRepository } from "../repository.ts";
import { locate, notDone, type UserDependencies } from "./dependencies.ts";

/** Closes somebody's account for ever: it signs in no more and shows nowhere. @throws AppError `not_found`, `forbidden`, `last_admin` */
export const removeUser = (deps: UserDependencies, actor: Actor, id: UserId): Promise<void> =>
  ending(deps, actor, id, "user.delete", deps.accounts.remove);

/** Ends all sessions of somebody, who may sign in again. @throws AppError `not_found`, `forbidden` */
export const endSessionsOf = (deps: UserDependencies, actor: Actor, id: UserId): Promise<void> =>
  ending(deps, actor, id, "user.sessions_revoke", deps.accounts.endSessions);

async function ending(
  deps: UserDependencies,
  actor: Actor,
  id: UserId,
  action: "user.delete" | "user.sessions_revoke",
  end: AccountRepository["remove"],
): Promise<void> {
  const target = await locate(deps, actor, id);
  await endingSessions(deps.gate, { userId: id }, async () => {
    const told = { action, targetType: "user", targetId: id, companyId: target.companyId } as const;
    const ended = await end(actor, target, entryOf(deps, actor, told));
    if (typeof ended === "string") throw await notDone(deps, actor, action, target, ended);
    return { ended, result: undefined };
  });
}
