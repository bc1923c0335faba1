import { reachesAll, type Actor } from "../../../shared/access.ts";
import { entryOf, ownReading, readingOf, type Surroundings } from "../../../shared/acting.ts";
import type { AuditAction } from "../../../shared/audit.ts";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { MailComposer } from "../../../shared/mail.ts";
import type { RateLimiter } from "../../../shared/rate-limit.ts";
import type { SessionGate } from "../../../shared/session-gate.ts";
import type { InvitationRepository } from "../invitation-repository.ts";
import { refusalOf, type Refusal, type Wish } from "../policy.ts";
import type { AccountRepository, Target, Unchanged, UserProfile, UserRepository } from "../repository.ts";

export interface UserDependencies extends Surroundings {
  readonly users: UserRepository;
  readonly accounts: AccountRepository;
  readonly invitations: InvitationRepository;
  readonly gate: SessionGate;
  readonly limiter: RateLimiter;
  readonly mails: MailComposer;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** @throws AppError `not_found`, the same for an unknown id and for somebody of another company */
export async function getUser(deps: UserDependencies, actor: Actor, id: UserId): Promise<UserProfile> {
  const reading = id === actor.userId ? ownReading(deps, actor) : readingOf(deps, actor, "user", id);
  const user = await deps.users.find(reading, id);
  if (user === undefined) throw unknownUser();
  return user;
}

/** Where to look for somebody: in the caller's company; a Super Admin looks in which one they are. @throws AppError `not_found` */
export async function locate(deps: UserDependencies, actor: Actor, id: UserId): Promise<Target> {
  if (!reachesAll(actor) || id === actor.userId) return { id, companyId: actor.companyId };
  const { company } = await getUser(deps, actor, id);
  return { id, companyId: company.id };
}

/** @throws AppError `forbidden`, after it was written down, for what may not be, whoever it is about */
export async function refuseUnlessAllowed(
  deps: UserDependencies,
  actor: Actor,
  action: AuditAction,
  wish: Wish,
): Promise<void> {
  const reason = refusalOf(actor, wish);
  if (reason !== undefined) throw await refused(deps, actor, { action, id: wish.id ?? null, reason });
}

/** What became of something that could not be done; written down unless nobody was there. */
export async function notDone(
  deps: UserDependencies,
  actor: Actor,
  action: AuditAction,
  { id }: Target,
  reason: Unchanged,
): Promise<AppError> {
  return reason === "missing" ? unknownUser() : refused(deps, actor, { action, id, reason });
}

async function refused(
  deps: UserDependencies,
  actor: Actor,
  { action, id, reason }: { action: AuditAction; id: UserId | null; reason: Refusal | Exclude<Unchanged, "missing"> },
): Promise<AppError> {
  const told = { action, targetType: "user", targetId: id, outcome: "refused", reason } as const;
  await deps.users.recordRefusal(actor, entryOf(deps, actor, told));
  return refusals[reason]();
}

const refusals: Readonly<Record<Refusal | Exclude<Unchanged, "missing">, () => AppError>> = {
  other_company: () =>
    new AppError("forbidden", "Only a Super Admin reaches people of another company. Leave company_id out."),
  group_above_own: () => new AppError("forbidden", "That group is above your own. Ask somebody who is in it."),
  own_group: () => new AppError("forbidden", "Nobody changes their own group. Ask a colleague who may."),
  last_keeper: () =>
    new AppError(
      "last_admin",
      "Nobody else could let others in: this is the last one who can. Make somebody else an Admin first (a Super Admin on the platform).",
    ),
};

export const unknownUser = (): AppError => new AppError("not_found", "You have no user with this id.");

/** A field of the request that says what cannot be. */
export const unfit = (path: string, message: string): AppError =>
  new AppError("validation_failed", `${path}: ${message}.`, { errors: [{ path, message }] });

export const unknownCompany = (): AppError => unfit("company_id", "is no company");

/** Of a group and a company that do not go together. */
export const misplaced = (): AppError =>
  unfit("group", "does not fit the company: Super Admins belong to the platform company, and nobody else does");
