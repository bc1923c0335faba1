import type { CatalogueRole, RoleCatalogue } from "../workloads.ts";
import { defaultRole, roles } from "./roles.ts";

/** Letters with their marks and digits; then the signs that tell C++ and C# from C. */
const word = /(?:[\p{L}\p{N}]\p{M}*)+(?:[+#]+(?![\p{L}\p{N}]))?/gu;

/** What is compared of a role's name: its words in lower case, however its letters are composed. */
export const nameKeyOf = (name: string): string => (name.toLowerCase().normalize("NFC").match(word) ?? []).join(" ");

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
