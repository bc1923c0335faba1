import type { Reading } from "../../shared/acting.ts";
import type { Actor } from "../../shared/access.ts";
import type { AuditAction, AuditEntry } from "../../shared/audit.ts";
import type { CompanyId, UserId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";

/** A line of the audit as it is read. What was written down once is text: its action may have left the list since. */
export interface AuditLine {
  readonly id: string;
  readonly at: Date;
  readonly company: { readonly id: CompanyId; readonly name: string };
  /** The address is null where the reader may not see that account, or nobody has it any more. */
  readonly actor: { readonly id: UserId; readonly email: string | null } | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export interface AuditFilter {
  readonly companyId?: CompanyId | undefined;
  readonly actor?: UserId | undefined;
  readonly action?: AuditAction | undefined;
  readonly target?: string | undefined;
  /** The first moment. */
  readonly from?: Date | undefined;
  /** The moment after the last. */
  readonly to?: Date | undefined;
}

export interface AuditRepository {
  /** What the reader may see, newest first, from `after` on. One round trip. */
  list(
    reading: Reading,
    filter: AuditFilter,
    page: { readonly limit: number; readonly after: PageMark | undefined },
  ): Promise<Page<AuditLine>>;
  /** Writes down that `actor` was refused. @throws AppError `unauthorized` */
  recordRefusal(actor: Actor, entry: AuditEntry): Promise<void>;
}
