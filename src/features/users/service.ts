import type { Actor } from "../../shared/access.ts";
import { entryOf, readingOf } from "../../shared/acting.ts";
import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import { enforceRates } from "../../shared/rate-limit.ts";
import { profileByUser } from "./limits.ts";
import type { PeopleFilter, ProfilePatch, UserProfile } from "./repository.ts";
import { changeUser, type Change } from "./verbs/change-user.ts";
import { getUser, refuseUnlessAllowed, type UserDependencies } from "./verbs/dependencies.ts";
import { endSessionsOf, removeUser } from "./verbs/end-user.ts";
import { inviteAgain, inviteUser, type Invitation } from "./verbs/invite-user.ts";

/** What can be done; each verb's file says how, and what it refuses. */
export interface UserService {
  getOwnProfile(actor: Actor): Promise<UserProfile>;
  /** @throws AppError `rate_limited`, `not_found` */
  updateOwnProfile(actor: Actor, patch: ProfilePatch): Promise<UserProfile>;
  /** People of the own company, of a Super Admin of all, newest first. @throws AppError `forbidden` */
  list(
    actor: Actor,
    filter: PeopleFilter,
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<UserProfile>>;
  get(actor: Actor, id: UserId): Promise<UserProfile>;
  invite(actor: Actor, invitation: Invitation, idempotencyKey: string | undefined): Promise<UserProfile>;
  inviteAgain(actor: Actor, id: UserId, idempotencyKey: string | undefined): Promise<void>;
  change(actor: Actor, id: UserId, change: Change): Promise<UserProfile>;
  remove(actor: Actor, id: UserId): Promise<void>;
  endSessions(actor: Actor, id: UserId): Promise<void>;
}

export function createUserService(deps: UserDependencies): UserService {
  const { users, clock } = deps;
  return {
    getOwnProfile: async (actor) => own(await users.findOwn(actor, clock.now())),
    async updateOwnProfile(actor, patch) {
      await enforceRates(deps.limiter, [{ policy: profileByUser, key: actor.userId }]);
      const told = { action: "user.profile", targetType: "user", targetId: actor.userId } as const;
      return own(await users.updateOwn(actor, patch, entryOf(deps, actor, told)));
    },
    async list(actor, filter, page) {
      await refuseUnlessAllowed(deps, actor, "access.refused", { companyId: filter.companyId });
      return users.list(readingOf(deps, actor, "user"), filter, page);
    },
    get: (actor, id) => getUser(deps, actor, id),
    invite: (actor, invitation, idempotencyKey) => inviteUser(deps, actor, invitation, idempotencyKey),
    inviteAgain: (actor, id, idempotencyKey) => inviteAgain(deps, actor, id, idempotencyKey),
    change: (actor, id, change) => changeUser(deps, actor, id, change),
    remove: (actor, id) => removeUser(deps, actor, id),
    endSessions: (actor, id) => endSessionsOf(deps, actor, id),
  };
}

function own(profile: UserProfile | undefined): UserProfile {
  if (profile === undefined) throw new AppError("not_found", "This account does not exist any more.");
  return profile;
}
