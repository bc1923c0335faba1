import type { Actor } from "../../../shared/access.ts";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { Workload } from "./workload-schemas.ts";

/** A role as a company describes it. `nameKey` is `nameKeyOf(role)`. */
export interface CompanyRole {
  readonly nameKey: string;
  readonly role: string;
  readonly workloads: readonly Workload[];
}

export interface CompanyRoleRepository {
  /** The keys of all of the company's own roles (at most `maxRolesPerCompany`), without what describes them. One round trip. */
  listKeys(actor: Actor, at: Date): Promise<readonly string[]>;
  /** Those of the given names. One round trip. */
  find(actor: Actor, nameKeys: readonly string[], at: Date): Promise<readonly CompanyRole[]>;
  /** Makes or replaces one, with its audit row; "full" when the company has no room for another. One round trip. */
  put(actor: Actor, role: CompanyRole, audit: AuditEntry): Promise<"created" | "replaced" | "full">;
  /** False when the company has none of that name. One round trip. */
  remove(actor: Actor, nameKey: string, audit: AuditEntry): Promise<boolean>;
}
