import type { AuditEntry } from "../../../shared/audit.ts";
import { AppError } from "../../../shared/errors.ts";
import { platformCompanyId } from "../../../shared/ids.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { loginByAccount, loginByNetwork } from "../limits.ts";
import type { LoginRecord } from "../repository.ts";
import { addressKey, auditEntry, type AuthDependencies } from "./dependencies.ts";
import { newSession, signIn, type SignIn } from "./sign-in.ts";

/** Three sequential round trips: the limiter, the account, and one batch that opens the session or records the refusal. */
export async function login(
  deps: AuthDependencies,
  { email, password }: { email: string; password: string },
): Promise<SignIn> {
  const { accounts, sessions, hasher, limiter, origin, clock } = deps;
  await enforceRates(limiter, [
    { policy: loginByNetwork, key: networkOf(origin.ip) },
    { policy: loginByAccount, key: addressKey(deps, email) },
  ]);
  const account = await accounts.findLogin(email);
  const { matches, needsRehash } = await hasher.verify(password, account?.passwordHash ?? null);
  const at = clock.now();
  const refuse = async (): Promise<AppError> => {
    await accounts.recordRefusal(refusal(deps, account, at));
    return wrongCredentials();
  };
  if (account === undefined || !matches || !account.isActive) throw await refuse();
  const { session, refresh } = newSession(deps, account, { at, action: "auth.login" });
  const user = await sessions.openSession(session, needsRehash ? await hasher.hash(password) : undefined);
  // The account changed between the look-up and the session: as if the password had been wrong.
  if (user === undefined) throw await refuse();
  return signIn(deps, user, refresh, session);
}

/** Nobody has proved who they are, so there is no actor: the account is what somebody tried to get into. */
const refusal = (deps: AuthDependencies, account: LoginRecord | undefined, at: Date): AuditEntry =>
  auditEntry(deps, {
    companyId: account?.companyId ?? platformCompanyId,
    actorUserId: null,
    at,
    action: "auth.login",
    targetType: "user",
    targetId: account?.userId ?? null,
    outcome: "refused",
    reason: "invalid_credentials",
  });

const wrongCredentials = (): AppError =>
  new AppError(
    "invalid_credentials",
    "E-mail or password is wrong, or the account cannot sign in. Check both, or ask an Admin of your company.",
  );
