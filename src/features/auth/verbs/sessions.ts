import type { Actor } from "../../../shared/access.ts";
import type { AuditAction } from "../../../shared/audit.ts";
import { AppError } from "../../../shared/errors.ts";
import type { SessionId } from "../../../shared/ids.ts";
import type { Page, PageMark } from "../../../shared/pagination.ts";
import { endingSessions } from "../../../shared/session-gate.ts";
import type { LogoutScope, OwnSession } from "../session-repository.ts";
import { auditEntry, type AuthDependencies } from "./dependencies.ts";

/** Ends the caller's own session, or all others, or all. Every access token of theirs is refused from then on. */
export async function logout(deps: AuthDependencies, actor: Actor, scope: LogoutScope): Promise<void> {
  const whom = scope === "current" ? { sessionId: actor.sessionId } : { userId: actor.userId };
  await endingSessions(deps.gate, whom, async () => {
    const audit = { ...auditOf(deps, actor, "auth.logout", actor.sessionId), changes: { scope } };
    return { ended: await deps.sessions.endOwn(actor, scope, audit), result: undefined };
  });
}

export const listSessions = (
  { sessions, clock }: AuthDependencies,
  actor: Actor,
  page: { limit: number; after: PageMark | undefined },
): Promise<Page<OwnSession>> => sessions.listOwn(actor, page, clock.now());

/** @throws AppError `not_found` for what is not a live session of the caller's */
export async function endSession(deps: AuthDependencies, actor: Actor, sessionId: SessionId): Promise<void> {
  const there = await endingSessions(deps.gate, { sessionId }, async () => {
    const result = await deps.sessions.endOne(actor, sessionId, auditOf(deps, actor, "auth.session_end", sessionId));
    return { ended: result ? [sessionId] : [], result };
  });
  if (!there) throw new AppError("not_found", "You have no such session, or it has ended already.");
}

const auditOf = (deps: AuthDependencies, actor: Actor, action: AuditAction, sessionId: SessionId) =>
  auditEntry(deps, {
    companyId: actor.companyId,
    actorUserId: actor.userId,
    at: deps.clock.now(),
    action,
    targetType: "session",
    targetId: sessionId,
    outcome: "done",
  });
