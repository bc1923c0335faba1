import type { CatalogueRole, RoleCatalogue } from "../workloads.ts";
import { defaultRole, roles } from "./roles.ts";

/** What is compared of a role's name: its letters and digits, in lower case. */
export const nameKeyOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

// Made once, when the Worker starts: there are hundreds of names.
const byKey = new Map(
  roles.flatMap((role) => [role.role, ...(role.aliases ?? [])].map((name) => [nameKeyOf(name), role] as const)),
);

/** Our own catalogue. An alias is as good as a name. */
export const roleCatalogue: RoleCatalogue & {
  readonly roles: readonly CatalogueRole[];
  describe(role: string): CatalogueRole | undefined;
} = {
  roles,
  fallback: defaultRole.workloads,
  describe: (role) => byKey.get(nameKeyOf(role)),
  find: (role) => byKey.get(nameKeyOf(role))?.workloads,
};
