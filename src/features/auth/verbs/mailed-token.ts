import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { parseMailedToken, type MailedToken, type MailedTokenPurpose } from "../../../shared/mailed-token.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { mailedTokenByNetwork, mailedTokenBySubject } from "../limits.ts";
import type { TokenHolder, UsedToken } from "../repository.ts";
import type { AuthDependencies } from "./dependencies.ts";

/** A token that came back, counted before anything is looked up. @throws AppError `rate_limited`, `token_invalid` */
export async function admitMailedToken(
  { limiter, origin }: AuthDependencies,
  purpose: MailedTokenPurpose,
  text: string,
): Promise<MailedToken> {
  const token = parseMailedToken(purpose, text);
  await enforceRates(limiter, [
    { policy: mailedTokenByNetwork, key: networkOf(origin.ip) },
    ...(token === undefined ? [] : [{ policy: mailedTokenBySubject, key: token.subjectId }]),
  ]);
  if (token === undefined) throw tokenInvalid();
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
  if (holder === undefined) throw tokenInvalid();
  return { used, holder };
}

export function tokenInvalid(): AppError {
  const message = "was used, replaced by a newer one, or has expired";
  return new AppError(
    "token_invalid",
    `This token ${message}. If you have used it already, sign in; else ask for a new one.`,
    { errors: [{ path: "token", message }] },
  );
}
