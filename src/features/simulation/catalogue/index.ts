import type { CatalogueRole, RoleCatalogue } from "../workloads.ts";
import { defaultRole, roles } from "./roles.ts";

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Our own catalogue. Names are compared without case and punctuation; an alias is as good as a name. */
export function createRoleCatalogue(entries: readonly CatalogueRole[] = roles): RoleCatalogue {
  const byName = new Map(
    entries.flatMap(({ role, aliases = [], workloads }) => [role, ...aliases].map((name) => [plain(name), workloads] as const)),
  );
  return { find: (role) => byName.get(plain(role)), fallback: defaultRole.workloads };
}
