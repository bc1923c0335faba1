import type { Actor } from "../../shared/access.ts";
import type { Reading } from "../../shared/acting.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { CompanyId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";

export interface Company {
  readonly id: CompanyId;
  readonly name: string;
  readonly isPlatform: boolean;
  readonly logoUrl: string | null;
  readonly lightThemeImageUrl: string | null;
  readonly darkThemeImageUrl: string | null;
  readonly createdAt: Date;
}

export type CompanyDetails = Pick<Company, "name" | "logoUrl" | "lightThemeImageUrl" | "darkThemeImageUrl">;
/** Undefined leaves a field as it is, null empties it. */
export type CompanyPatch = { readonly [K in keyof CompanyDetails]?: CompanyDetails[K] | undefined };

/** Each call is one round trip, which also checks the caller's session. */
export interface CompanyRepository {
  /** The company if the reader may see it. */
  find(reading: Reading, id: CompanyId): Promise<Company | undefined>;
  /** All companies, newest first, from `after` on; `q` is a part of the name, in any case. */
  list(
    reading: Reading,
    filter: { readonly q: string | undefined },
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<Company>>;
  create(actor: Actor, company: Company, audit: AuditEntry): Promise<void>;
  /** Undefined when the actor has no such company to change. */
  update(actor: Actor, id: CompanyId, patch: CompanyPatch, audit: AuditEntry): Promise<Company | undefined>;
}
