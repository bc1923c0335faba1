import { reachesAll, type Actor } from "../../shared/access.ts";
import { entryOf, readingOf, type Surroundings } from "../../shared/acting.ts";
import { AppError } from "../../shared/errors.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { AuditFilter, AuditLine, AuditRepository } from "./repository.ts";

export interface AuditService {
  /** The own company's audit, of a Super Admin everybody's, newest first. @throws AppError `forbidden` */
  list(
    actor: Actor,
    filter: AuditFilter,
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<AuditLine>>;
}

interface AuditDependencies extends Surroundings {
  readonly audit: AuditRepository;
}

export function createAuditService({ audit, ...surroundings }: AuditDependencies): AuditService {
  return {
    async list(actor, filter, page) {
      const { companyId } = filter;
      if (companyId !== undefined && companyId !== actor.companyId && !reachesAll(actor)) {
        const told = {
          action: "access.refused",
          targetType: "audit",
          targetId: companyId,
          outcome: "refused",
        } as const;
        await audit.recordRefusal(actor, entryOf(surroundings, actor, { ...told, reason: "forbidden" }));
        throw new AppError("forbidden", "Only a Super Admin reads the audit of another company. Leave company_id out.");
      }
      return audit.list(readingOf(surroundings, actor, "audit", companyId ?? null), filter, page);
    },
  };
}
