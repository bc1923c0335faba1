import type { AuditEntry } from "../../../shared/audit.ts";
import { AppError } from "../../../shared/errors.ts";
import { platformCompanyId, type UserId } from "../../../shared/ids.ts";
import { parseMailedToken, type MailedToken, type MailedTokenPurpose } from "../../../shared/mailed-token.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { mailedTokenByNetwork, mailedTokenBySubject } from "../limits.ts";
import type { TokenHolder, UsedToken } from "../repository.ts";
import { addressTaken, auditEntry, type AuthDependencies } from "./dependencies.ts";

/** A token that came back, counted before anything is looked up. @throws AppError `rate_limited`, `token_invalid` */
export async function admitMailedToken(
  deps: AuthDependencies,
  purpose: MailedTokenPurpose,
  text: string,
): Promise<MailedToken> {
  const { limiter, origin } = deps;
  const token = parseMailedToken(purpose, text);
  await enforceRates(limiter, [
    { policy: mailedTokenByNetwork, key: networkOf(origin.ip) },
    ...(token === undefined ? [] : [{ policy: mailedTokenBySubject, key: token.subjectId }]),
  ]);
  if (token === undefined) throw await refuseToken(deps, purpose, null);
  return token;
}

/** The same for a token of a person, and whose it is; the token can still be used. Only a good one is worth a hash. */
export async function admitPersonsToken(
  deps: AuthDependencies,
  purpose: UsedToken["purpose"],
  text: string,
): Promise<{ used: UsedToken; holder: TokenHolder }> {
  const { companyId, subjectId, secret } = await admitMailedToken(deps, purpose, text);
  const digest = deps.digests.sha256(secret);
  const used = { purpose, companyId, userId: subjectId as UserId, digest, at: deps.clock.now() };
  const holder = await deps.accounts.findTokenHolder(used);
  if (holder === undefined) throw await refuseToken(deps, purpose, subjectId);
  return { used, holder };
}

/** What using one is called in the audit, and what it is about. */
const uses = {
  verify: { action: "auth.verify_email", targetType: "registration" },
  invite: { action: "auth.accept_invitation", targetType: "user" },
  reset: { action: "auth.password_reset", targetType: "user" },
} as const satisfies Record<MailedTokenPurpose, Pick<AuditEntry, "action" | "targetType">>;

/** Writes down that a token was not good, and says so. */
export const refuseToken = (
  deps: AuthDependencies,
  purpose: MailedTokenPurpose,
  subjectId: string | null,
): Promise<AppError> => refuseUse(deps, purpose, subjectId, tokenInvalid());

/** The same for a good one that came too late: the address has an account elsewhere. */
export const refuseTakenAddress = (
  deps: AuthDependencies,
  purpose: MailedTokenPurpose,
  subjectId: string,
): Promise<AppError> => refuseUse(deps, purpose, subjectId, addressTaken());

/**
 * In the platform's audit: whose a bad token is, nobody has proved; and that the address has an account elsewhere is nothing
 * that the Admin who invited it may read.
 */
async function refuseUse(
  deps: AuthDependencies,
  purpose: MailedTokenPurpose,
  subjectId: string | null,
  error: AppError,
): Promise<AppError> {
  const about = { ...uses[purpose], companyId: platformCompanyId, targetId: subjectId };
  const audit = { ...about, actorUserId: null, at: deps.clock.now() };
  await deps.accounts.recordRefusal(auditEntry(deps, { ...audit, outcome: "refused", reason: error.code }));
  return error;
}

function tokenInvalid(): AppError {
  const message = "was used, replaced by a newer one, or has expired";
  return new AppError(
    "token_invalid",
    `This token ${message}. If you have used it already, sign in; else ask for a new one.`,
    { errors: [{ path: "token", message }] },
  );
}
