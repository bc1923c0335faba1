import type { CompanyId, SessionId, UserId } from "./ids.ts";

/** Groups from the most to the least powerful. Nobody grants, invites or edits above their own. */
export const groups = ["Super Admin", "Admin", "Researcher", "Reviewer", "Etter Generator"] as const;
export type Group = (typeof groups)[number];

export const permissions = ["profile:read", "simulations:read", "simulations:write", "roles:write"] as const;
export type Permission = (typeof permissions)[number];

/** The one table that says who may do what. */
const granted: Record<Group, readonly Permission[]> = {
  "Super Admin": permissions,
  Admin: ["profile:read", "simulations:read", "simulations:write", "roles:write"],
  Researcher: ["profile:read", "simulations:read", "simulations:write", "roles:write"],
  Reviewer: ["profile:read", "simulations:read"],
  "Etter Generator": ["profile:read", "simulations:read", "simulations:write"],
};

/** Who acts: a value that is passed explicitly. Comes from a verified access token. */
export interface Actor {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly sessionId: SessionId;
  readonly group: Group;
}

export const may = (group: Group, permission: Permission): boolean => granted[group].includes(permission);

export const isGroup = (value: unknown): value is Group => groups.includes(value as Group);
