import { reachesAll, type Actor } from "./access.ts";
import type { AuditEntry } from "./audit.ts";
import type { Clock, Random } from "./clock.ts";
import type { RequestOrigin } from "./origin.ts";

/** What a verb needs to say who did what, and when. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
}

/** A read: by whom, when, and, of one who sees every company, the audit row that looking leaves. */
export interface Reading {
  readonly actor: Actor;
  readonly at: Date;
  readonly across: AuditEntry | undefined;
}

type Told = Pick<AuditEntry, "action" | "targetType" | "targetId"> &
  Partial<Pick<AuditEntry, "companyId" | "outcome" | "reason" | "changes" | "at">>;

/** The audit entry of something that `actor` does; in the own company, and done, unless told otherwise. */
export const entryOf = ({ clock, random, origin }: Surroundings, actor: Actor, told: Told): AuditEntry => ({
  companyId: actor.companyId,
  outcome: "done",
  at: clock.now(),
  ...told,
  id: random.uuid(),
  actorUserId: actor.userId,
  origin,
});

/** A read of the own company's things, whoever it is. */
export const ownReading = ({ clock }: Surroundings, actor: Actor): Reading => ({
  actor,
  at: clock.now(),
  across: undefined,
});

/** A read that shows a Super Admin every company. */
export function readingOf(
  surroundings: Surroundings,
  actor: Actor,
  targetType: AuditEntry["targetType"],
  targetId: string | null = null,
): Reading {
  const at = surroundings.clock.now();
  const seen = () => entryOf(surroundings, actor, { at, action: "across.read", targetType, targetId });
  return { actor, at, across: reachesAll(actor) ? seen() : undefined };
}
