import type { Actor } from "../../shared/access.ts";
import type { Clock } from "../../shared/clock.ts";
import { AppError } from "../../shared/errors.ts";
import type { UserProfile, UserRepository } from "./repository.ts";

export interface UserService {
  getOwnProfile(actor: Actor): Promise<UserProfile>;
}

export function createUserService({ users, clock }: { users: UserRepository; clock: Clock }): UserService {
  return {
    async getOwnProfile(actor) {
      const profile = await users.findOwn(actor, clock.now());
      if (profile === undefined) throw new AppError("not_found", "This account does not exist any more.");
      return profile;
    },
  };
}
