import { auditEntry, refuseWeakPassword, type AuthDependencies } from "./dependencies.ts";
import { admitPersonsToken, refuseTakenAddress, refuseToken } from "./mailed-token.ts";

export interface Acceptance {
  readonly token: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
}

/**
 * Makes an invited person's account one that signs in. Group and company are the invitation's.
 *
 * @throws AppError `rate_limited`, `token_invalid`, `validation_failed`, `email_taken` (an account elsewhere has the address)
 */
export async function acceptInvitation(deps: AuthDependencies, acceptance: Acceptance): Promise<void> {
  const { accounts, hasher, clock } = deps;
  const { used, holder } = await admitPersonsToken(deps, "invite", acceptance.token);
  const { password, firstName, lastName } = acceptance;
  refuseWeakPassword(password, { email: holder.email, words: [holder.companyName] });
  const passwordHash = await hasher.hash(password);
  const at = clock.now();
  const { companyId, userId } = used;
  const outcome = await accounts.acceptInvitation({
    ...used,
    at,
    passwordHash,
    firstName,
    lastName,
    audit: auditEntry(deps, {
      companyId,
      actorUserId: userId,
      at,
      action: "auth.accept_invitation",
      targetType: "user",
      targetId: userId,
      outcome: "done",
    }),
  });
  if (outcome === "not_good") throw await refuseToken(deps, "invite", userId);
  if (outcome === "email_taken") throw await refuseTakenAddress(deps, "invite", userId);
}
