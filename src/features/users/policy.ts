import { groups, reachesAll, type Actor, type Group } from "../../shared/access.ts";
import { platformCompanyId, type CompanyId, type UserId } from "../../shared/ids.ts";

/** The groups that one of `group` may grant, invite, change and delete: their own and those below. */
export const groupsWithin = (group: Group): readonly Group[] => groups.slice(groups.indexOf(group));

/** The group whose last member must stay: without one nobody could let others in. */
export const keeperGroup = (companyId: CompanyId): Group => (companyId === platformCompanyId ? "Super Admin" : "Admin");

/** Super Admins belong to the platform company, and nobody else does. */
export const belongs = (group: Group, companyId: CompanyId): boolean =>
  (group === "Super Admin") === (companyId === platformCompanyId);

/** What somebody wants to make of an account: an own one, another's, or one that is not there yet (no id). */
export interface Wish {
  readonly id?: UserId;
  readonly group?: Group | undefined;
  readonly companyId?: CompanyId | undefined;
}

export type Refusal = "other_company" | "group_above_own" | "own_group";

/** Why this may not be, whoever it is about; undefined when it may. Whom it is about Postgres looks at, under its locks. */
export function refusalOf(actor: Actor, { id, group, companyId }: Wish): Refusal | undefined {
  if (companyId !== undefined && companyId !== actor.companyId && !reachesAll(actor)) return "other_company";
  if (group !== undefined && !groupsWithin(actor.group).includes(group)) return "group_above_own";
  if (group !== undefined && id === actor.userId && group !== actor.group) return "own_group";
  return undefined;
}
