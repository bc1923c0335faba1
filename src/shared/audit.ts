import type { CompanyId, UserId } from "./ids.ts";
import type { RequestOrigin } from "./origin.ts";

/** What can be written down: one word for the thing, one for what was done to it. */
export const auditActions = [
  "access.refused",
  "across.read",
  "auth.login",
  "auth.bootstrap",
  "auth.register",
  "auth.verify_email",
  "auth.refresh",
  "auth.logout",
  "auth.session_end",
  "auth.password_change",
  "auth.password_forgot",
  "auth.password_reset",
  "auth.accept_invitation",
  "company.create",
  "company.update",
  "document.upload",
  "document.open",
  "document.complete_begin",
  "document.incomplete",
  "document.lost",
  "document.complete",
  "document.abort",
  "document.abort_end",
  "document.scan",
  "document.update",
  "document.download",
  "document.quarantine",
  "document.approve",
  "document.hold",
  "document.release",
  "document.delete",
  "document.delete_end",
  "folder.create",
  "folder.delete",
  "folder.delete_end",
  "mail.dead",
  "mail.retry",
  "role.put",
  "role.delete",
  "simulation.create",
  "simulation.cancel",
  "simulation.delete",
  "sweep.create",
  "sweep.delete",
  "user.profile",
  "user.invite",
  "user.reinvite",
  "user.update",
  "user.move_out",
  "user.move_in",
  "user.delete",
  "user.sessions_revoke",
] as const;
export type AuditAction = (typeof auditActions)[number];

export type AuditTarget =
  | "registration"
  | "user"
  | "session"
  | "permission"
  | "simulation"
  | "sweep"
  | "role"
  | "company"
  | "audit"
  | "document"
  | "folder"
  | "mail";

/** One line of the append-only audit. `changes` holds old and new values of fields, never a secret. */
export interface AuditEntry {
  readonly id: string;
  readonly companyId: CompanyId;
  readonly at: Date;
  readonly actorUserId: UserId | null;
  readonly action: AuditAction;
  readonly targetType: AuditTarget;
  readonly targetId: string | null;
  readonly outcome: "done" | "refused";
  readonly reason?: string;
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly origin: RequestOrigin;
}
