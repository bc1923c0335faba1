import type { CompanyId, SessionId, UserId } from "./ids.ts";

/** Groups from the most to the least powerful. Nobody grants, invites or edits above their own. */
export const groups = ["Super Admin", "Admin", "Researcher", "Reviewer", "Etter Generator"] as const;
export type Group = (typeof groups)[number];

/** Each permission in words; docs/access.md is made from this and the next table (`npm run docs:access`). */
export const permissionMeanings = {
  "profile:read": "see the own profile",
  "profile:write": "change the own names, picture and theme",
  "account:manage": "sign out, see and end the own sessions, change the own password",
  "company:read": "see the own company",
  "company:write": "change the own company's name and pictures",
  "companies:manage": "list and make companies",
  "users:read": "list and see the company's people",
  "users:write": "invite, change, deactivate and delete people, end their sessions",
  "audit:read": "read the company's audit",
  "simulations:read": "see simulations and the role catalogue",
  "simulations:write": "start, cancel and delete simulations",
  "roles:write": "describe the company's own roles",
  "documents:read": "see, search and download documents",
  "documents:write": "upload, change and delete documents and folders",
  "documents:govern": "quarantine and approve documents, set and release legal holds",
} as const;
export type Permission = keyof typeof permissionMeanings;
export const permissions = Object.keys(permissionMeanings) as readonly Permission[];

const everyone: readonly Permission[] = [
  "profile:read",
  "profile:write",
  "account:manage",
  "company:read",
  "simulations:read",
  "documents:read",
];

/** The one table that says who may do what. */
const granted: Record<Group, readonly Permission[]> = {
  "Super Admin": permissions,
  Admin: permissions.filter((permission) => permission !== "companies:manage"),
  Researcher: [...everyone, "simulations:write", "roles:write", "documents:write"],
  Reviewer: everyone,
  "Etter Generator": [...everyone, "simulations:write", "documents:write"],
};

/** Who acts: a value that is passed explicitly. Comes from a verified access token. */
export interface Actor {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly sessionId: SessionId;
  readonly group: Group;
}

export const may = (group: Group, permission: Permission): boolean => granted[group].includes(permission);

/** Those that hold a permission, in words: "Super Admin", "Super Admin, Admin or Researcher". */
export const holdersOf = (permission: Permission): string => {
  const holders = groups.filter((group) => may(group, permission));
  const [last, ...rest] = holders.toReversed();
  return rest.length === 0 ? String(last) : `${rest.toReversed().join(", ")} or ${last}`;
};

export const isGroup = (value: unknown): value is Group => groups.includes(value as Group);

/** Super Admins reach every company, by the operations that say so (`x-reach`); everybody else their own. */
export const reachesAll = (actor: Actor): boolean => actor.group === "Super Admin";
