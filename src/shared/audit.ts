import type { CompanyId, UserId } from "./ids.ts";
import type { RequestOrigin } from "./origin.ts";

/** One line of the append-only audit. `changes` holds old and new values of fields, never a secret. */
export interface AuditEntry {
  readonly id: string;
  readonly companyId: CompanyId;
  readonly at: Date;
  readonly actorUserId: UserId | null;
  readonly action:
    | "access.refused"
    | "auth.login"
    | "auth.bootstrap"
    | "simulation.create"
    | "simulation.cancel"
    | "simulation.delete"
    | "role.put"
    | "role.delete";
  readonly targetType: "user" | "session" | "permission" | "simulation" | "role";
  readonly targetId: string | null;
  readonly outcome: "done" | "refused";
  readonly reason?: string;
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly origin: RequestOrigin;
}
