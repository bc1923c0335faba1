import { reachesAll, type Actor } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import { AppError } from "../../../shared/errors.ts";
import type { CompanyId, UserId } from "../../../shared/ids.ts";
import { endingSessions } from "../../../shared/session-gate.ts";
import { belongs } from "../policy.ts";
import type { AccountPatch, Changed, Target, UserProfile } from "../repository.ts";
import {
  getUser,
  misplaced,
  notDone,
  refuseUnlessAllowed,
  unknownCompany,
  type UserDependencies,
} from "./dependencies.ts";

export interface Change extends AccountPatch {
  readonly companyId?: CompanyId | undefined;
}

/**
 * Changes somebody's names, group, activity or company. A new group, deactivation and a move end all their sessions.
 *
 * @throws AppError `forbidden`, `not_found`, `last_admin`, `email_taken` (a move), `validation_failed`
 */
export async function changeUser(
  deps: UserDependencies,
  actor: Actor,
  id: UserId,
  { companyId, ...patch }: Change,
): Promise<UserProfile> {
  await refuseUnlessAllowed(deps, actor, "user.update", { id, group: patch.group, companyId });
  const target = await placed(deps, actor, id, { ...patch, companyId });
  const moves = companyId !== undefined && companyId !== target.companyId;
  if (!moves && Object.values(patch).every((value) => value === undefined)) return getUser(deps, actor, id);
  const act = () => (moves ? move(deps, actor, target, companyId, patch) : change(deps, actor, target, patch));
  if (!moves && patch.group === undefined && patch.isActive !== false) return (await act()).user;
  return endingSessions(deps.gate, { userId: id }, async () => {
    const { ended, user } = await act();
    return { ended, result: user };
  });
}

/** Where the account is. What a Super Admin wants must fit the platform company, or any other. */
async function placed(deps: UserDependencies, actor: Actor, id: UserId, change: Change): Promise<Target> {
  if (!reachesAll(actor)) return { id, companyId: actor.companyId };
  const user = await getUser(deps, actor, id);
  if (!belongs(change.group ?? user.group, change.companyId ?? user.company.id)) throw misplaced();
  return { id, companyId: user.company.id };
}

async function change(deps: UserDependencies, actor: Actor, target: Target, patch: AccountPatch): Promise<Changed> {
  const told = { action: "user.update", targetType: "user", targetId: target.id, companyId: target.companyId } as const;
  const changed = await deps.accounts.change(actor, target, patch, entryOf(deps, actor, told));
  if (typeof changed === "string") throw await notDone(deps, actor, "user.update", target, changed);
  return changed;
}

/** Each company's audit tells its side, and does not name the other. */
async function move(
  deps: UserDependencies,
  actor: Actor,
  target: Target,
  to: CompanyId,
  patch: AccountPatch,
): Promise<Changed> {
  const told = { targetType: "user", targetId: target.id, at: deps.clock.now() } as const;
  const moved = await deps.accounts.move(actor, target, to, patch, {
    out: entryOf(deps, actor, { ...told, companyId: target.companyId, action: "user.move_out" }),
    in: entryOf(deps, actor, { ...told, companyId: to, action: "user.move_in" }),
  });
  if (moved === "no_company") throw unknownCompany();
  if (moved === "email_taken")
    throw new AppError(
      "email_taken",
      "That company has somebody with this address already, perhaps invited. Delete one of the two first.",
    );
  if (typeof moved === "string") throw await notDone(deps, actor, "user.move_out", target, moved);
  return moved;
}
