import type { Actor, Group } from "../../shared/access.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";

/** What a person's profile shows. */
export interface UserProfile {
  readonly id: UserId;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly group: Group;
  readonly isActive: boolean;
  readonly emailVerified: boolean;
  readonly company: { readonly id: CompanyId; readonly name: string; readonly logoUrl: string | null };
  readonly imageUrl: string | null;
  readonly themeConfig: Record<string, unknown> | null;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

export interface UserRepository {
  /** The caller's own profile, in one round trip with the check of their session. */
  findOwn(actor: Actor, at: Date): Promise<UserProfile | undefined>;
}
