import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Actor, Group } from "../../../shared/access.ts";
import { entryOf } from "../../../shared/acting.ts";
import type { AuditAction } from "../../../shared/audit.ts";
import { AppError } from "../../../shared/errors.ts";
import { idempotentTry, keyReused } from "../../../shared/idempotency.ts";
import type { CompanyId, UserId } from "../../../shared/ids.ts";
import { formatMailedToken, mailedTokenEnd } from "../../../shared/mailed-token.ts";
import { enforceRates } from "../../../shared/rate-limit.ts";
import { secretBytes } from "../../../shared/secret-token.ts";
import type { InvitationMails } from "../invitation-repository.ts";
import { invitationsByAddress, invitationsByCompany } from "../limits.ts";
import { belongs } from "../policy.ts";
import type { Target, UserProfile } from "../repository.ts";
import {
  getUser,
  misplaced,
  notDone,
  refuseUnlessAllowed,
  unknownCompany,
  type UserDependencies,
} from "./dependencies.ts";

export interface Invitation {
  readonly email: string;
  readonly group: Group;
  /** May be "": who accepts says it again. */
  readonly firstName: string;
  readonly lastName: string;
  /** The caller's own unless it says otherwise. */
  readonly companyId: CompanyId | undefined;
}

/**
 * Makes an account that cannot sign in yet, and mails its invitation. For an address with an account in another company it
 * looks the same and costs the same; only the mail differs. Three sequential round trips: whether the caller's session lives, the
 * limiter, and one batch.
 *
 * @throws AppError `forbidden`, `rate_limited`, `email_taken` (in the same company), `idempotency_key_reused`, `validation_failed`
 */
export async function inviteUser(
  deps: UserDependencies,
  actor: Actor,
  invitation: Invitation,
  idempotencyKey: string | undefined,
): Promise<UserProfile> {
  const { email, group, firstName, lastName } = invitation;
  await refuseUnlessAllowed(deps, actor, "user.invite", invitation);
  const companyId = invitation.companyId ?? actor.companyId;
  if (!belongs(group, companyId)) throw misplaced();
  await deps.users.findOwn(actor, deps.clock.now());
  await enforceMails(deps, actor, email);
  const target = { id: deps.random.uuid() as UserId, companyId };
  const wanted = idempotentTry("POST user", idempotencyKey, invitation);
  const mails = await composeMails(deps, actor, target, "user.invite");
  const made = await deps.invitations.invite(actor, { ...mails, wanted, email, group, firstName, lastName });
  switch (made.outcome) {
    case "invited":
      return made.user;
    case "repeated":
      return getUser(deps, actor, made.id);
    case "key_reused":
      throw keyReused();
    case "no_company":
      throw unknownCompany();
    case "email_taken":
      throw new AppError(
        "email_taken",
        "This company has somebody with this address already. If they have not accepted yet, send their invitation again.",
      );
  }
}

/**
 * Mails a new invitation to somebody who has not accepted yet; the one before is void.
 *
 * @throws AppError `not_found`, `rate_limited`, `invitation_not_pending`, `idempotency_key_reused`
 */
export async function inviteAgain(
  deps: UserDependencies,
  actor: Actor,
  id: UserId,
  idempotencyKey: string | undefined,
): Promise<void> {
  const { company, email } = await getUser(deps, actor, id);
  await enforceMails(deps, actor, email);
  const target = { id, companyId: company.id };
  const wanted = idempotentTry("POST invitation", idempotencyKey, { id });
  const mails = await composeMails(deps, actor, target, "user.reinvite");
  const outcome = await deps.invitations.inviteAgain(actor, { ...mails, wanted });
  switch (outcome) {
    case "invited":
    case "repeated":
      return;
    case "key_reused":
      throw keyReused();
    case "missing":
    case "group_above_own":
      throw await notDone(deps, actor, "user.reinvite", target, outcome);
    case "not_pending":
      throw new AppError(
        "invitation_not_pending",
        "There is nothing to accept: this account has been accepted already, or is not active. Activate it first.",
      );
  }
}

/** After it is known that the caller's session lives: who holds a token of an ended one must not use the company's limit up. */
const enforceMails = ({ limiter, sha256 }: UserDependencies, { companyId }: Actor, email: string): Promise<void> =>
  enforceRates(limiter, [
    { policy: invitationsByCompany, key: companyId },
    { policy: invitationsByAddress, key: `${companyId}:${bytesToHex(sha256(utf8ToBytes(email)))}` },
  ]);

/** Both mails that may go out; the statement picks one, and fills in whom it is to and the names. */
async function composeMails(
  deps: UserDependencies,
  actor: Actor,
  target: Target,
  action: AuditAction,
): Promise<Omit<InvitationMails, "wanted">> {
  const { random, mails, sha256, clock } = deps;
  const at = clock.now();
  const secret = random.bytes(secretBytes);
  const token = formatMailedToken("invite", { companyId: target.companyId, subjectId: target.id, secret });
  const draft = { companyId: target.companyId, userId: target.id, to: "", at };
  const names = { inviter_name: "", company_name: "" };
  return {
    target,
    digest: sha256(secret),
    expiresAt: mailedTokenEnd("invite", at),
    audit: entryOf(deps, actor, { companyId: target.companyId, at, action, targetType: "user", targetId: target.id }),
    mail: await mails.compose({ ...draft, template: "invitation", data: { ...names, group: "" } }, token),
    takenMail: await mails.compose({ ...draft, template: "invitation_address_taken", data: names }),
  };
}
