import type { Actor } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import { maxRolesPerCompany } from "../limits.ts";
import { nameKeyOf, roleCatalogue } from "./catalogue/index.ts";
import type { CompanyRole, CompanyRoleRepository } from "./repository.ts";
import type { Workload } from "./workload-schemas.ts";

/** A role with where its description comes from. */
export interface DescribedRole {
  readonly role: string;
  readonly source: "default" | "company";
  readonly aliases: readonly string[];
  readonly workloads: readonly Workload[];
}

export interface RoleService {
  /** Our defaults and the company's own, which hide defaults of the same name; by name, from `after` on. */
  list(
    actor: Actor,
    query: { q: string | undefined; limit: number; after: string | undefined },
  ): Promise<{ items: DescribedRole[]; next: string | undefined }>;
  /** @throws AppError `not_found` */
  get(actor: Actor, name: string): Promise<DescribedRole>;
  /** @throws AppError `too_many_roles` */
  put(actor: Actor, name: string, workloads: readonly Workload[]): Promise<{ role: DescribedRole; created: boolean }>;
  /** Takes the company's own description away; a default of that name shows again. @throws AppError `not_found` */
  remove(actor: Actor, name: string): Promise<void>;
  /** The company's own descriptions of the given roles. One round trip, which also checks the session. */
  ownOf(actor: Actor, names: readonly string[]): Promise<(role: string) => readonly Workload[] | undefined>;
}

interface RoleDependencies {
  readonly companyRoles: CompanyRoleRepository;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
}

const ofCompany = ({ role, workloads }: CompanyRole): DescribedRole => ({
  role,
  source: "company",
  aliases: [],
  workloads,
});

export function createRoleService(deps: RoleDependencies): RoleService {
  const { companyRoles, clock } = deps;
  const auditOf = (actor: Actor, action: "role.put" | "role.delete", name: string): AuditEntry =>
    entryOf(deps, actor, { action, targetType: "role", targetId: name });
  return {
    async list(actor, { q, limit, after }) {
      const merged = mergeRoles(await companyRoles.listKeys(actor, clock.now()), q);
      const rest = after === undefined ? merged : merged.filter(([key]) => key > after);
      const page = rest.slice(0, limit);
      const ownKeys = page.flatMap(([key, role]) => (role === undefined ? [key] : []));
      // What describes roles is long: only the page's is read.
      const own = ownKeys.length === 0 ? [] : await companyRoles.find(actor, ownKeys, clock.now());
      const described = new Map(own.map((role) => [role.nameKey, ofCompany(role)]));
      // One that was deleted meanwhile is on no page.
      const items = page.flatMap(([key, role]) => role ?? described.get(key) ?? []);
      return { items, next: rest.length > limit ? page.at(-1)?.[0] : undefined };
    },
    async get(actor, name) {
      const [own] = await companyRoles.find(actor, [nameKeyOf(name)], clock.now());
      if (own !== undefined) return ofCompany(own);
      const known = roleCatalogue.describe(name);
      if (known === undefined) throw unknownRole();
      return { role: known.role, source: "default", aliases: known.aliases ?? [], workloads: known.workloads };
    },
    async put(actor, name, workloads) {
      const role = { nameKey: nameKeyOf(name), role: name, workloads };
      const outcome = await companyRoles.put(actor, role, auditOf(actor, "role.put", name));
      if (outcome === "full")
        throw new AppError(
          "too_many_roles",
          `Your company has ${maxRolesPerCompany} roles of its own. Delete one it does not need.`,
        );
      return { role: ofCompany(role), created: outcome === "created" };
    },
    async remove(actor, name) {
      if (!(await companyRoles.remove(actor, nameKeyOf(name), auditOf(actor, "role.delete", name))))
        throw unknownRole();
    },
    async ownOf(actor, names) {
      const own = await companyRoles.find(actor, names.map(nameKeyOf), clock.now());
      const byKey = new Map(own.map(({ nameKey, workloads }) => [nameKey, workloads]));
      return (role) => byKey.get(nameKeyOf(role));
    },
  };
}

/** Sorted by key; the company's own, of which only the key is known, hide the defaults they name. */
function mergeRoles(own: readonly string[], q: string | undefined): [key: string, role: DescribedRole | undefined][] {
  const byKey = new Map<string, DescribedRole | undefined>();
  for (const { role, aliases = [], workloads } of roleCatalogue.roles)
    byKey.set(nameKeyOf(role), { role, source: "default", aliases, workloads });
  for (const key of own) byKey.set(key, undefined);
  const wanted = q === undefined ? undefined : nameKeyOf(q);
  return [...byKey]
    .filter(
      ([key, role]) =>
        wanted === undefined || [key, ...(role?.aliases ?? []).map(nameKeyOf)].some((name) => name.includes(wanted)),
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const unknownRole = (): AppError =>
  new AppError("not_found", "There is no role of this name. The list of roles shows those there are.");
