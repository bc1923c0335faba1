import type { Actor } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import { platformCompanyId } from "../../../shared/ids.ts";
import { formatMailedToken, mailedTokenEnd } from "../../../shared/mailed-token.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { secretBytes } from "../../../shared/secret-token.ts";
import { forgotByAccount, forgotByNetwork, passwordChangeByUser } from "../limits.ts";
import { endingSessions } from "../../../shared/session-gate.ts";
import { addressKey, auditEntry, refuseWeakPassword, type AuthDependencies } from "./dependencies.ts";
import { admitPersonsToken, refuseToken } from "./mailed-token.ts";
import { newSession, signIn, type SignIn } from "./sign-in.ts";

/**
 * Sets a new password for who knows the old one. All sessions end; this client's gets a new one with new tokens, which keeps
 * the time of the sign-in.
 *
 * @throws AppError `rate_limited`, `validation_failed` (also for a wrong current password), `unauthorized`
 */
export async function changePassword(
  deps: AuthDependencies,
  actor: Actor,
  { current, next }: { current: string; next: string },
): Promise<SignIn> {
  const { limiter, accounts, hasher, clock, mails } = deps;
  // In this order: who holds a token of a session that has ended must not use the person's limit up.
  const known = await accounts.getPassword(actor, clock.now());
  await enforceRates(limiter, [{ policy: passwordChangeByUser, key: actor.userId }]);
  refuseWeakPassword(next, { email: known.email, words: [known.companyName] }, "new_password");
  const { matches } = await hasher.verify(current, known.passwordHash);
  if (!matches) {
    await accounts.recordRefusal(
      auditEntry(deps, {
        companyId: actor.companyId,
        actorUserId: actor.userId,
        at: clock.now(),
        action: "auth.password_change",
        targetType: "user",
        targetId: actor.userId,
        outcome: "refused",
        reason: "wrong_password",
      }),
      actor,
    );
    throw wrongPassword("current_password", "is not your present password");
  }
  // Only whoever knows it is told.
  if (next === current) throw wrongPassword("new_password", "is your present password: choose another one");
  const passwordHash = await hasher.hash(next);
  const at = clock.now();
  const made = newSession(
    deps,
    { ...actor, passwordVersion: known.passwordVersion },
    { at, createdAt: known.sessionCreatedAt, action: "auth.password_change" },
  );
  const mail = await mails.compose({
    companyId: actor.companyId,
    userId: actor.userId,
    to: known.email,
    template: "password_changed",
    data: { at: at.toISOString() },
    at,
  });
  const user = await endingSessions(deps.gate, { userId: actor.userId }, async () => {
    const done = await accounts.changePassword({ actor, session: made.session, passwordHash, mail });
    return { ended: done?.ended ?? [], result: done?.user };
  });
  if (user === undefined) {
    // Meanwhile the session has ended, which this look says, or somebody else has changed the password.
    await accounts.getPassword(actor, clock.now());
    throw wrongPassword("current_password", "is not your present password");
  }
  return signIn(deps, user, made.refresh, made.session);
}

const wrongPassword = (path: "current_password" | "new_password", message: string): AppError =>
  new AppError("validation_failed", `${path}: ${message}.`, { errors: [{ path, message }] });

/** Mails a reset token to who has an account that signs in; the answer is the same for who has none. */
export async function forgotPassword(deps: AuthDependencies, email: string): Promise<void> {
  const { limiter, accounts, digests, mails, random, clock, origin } = deps;
  await enforceRates(limiter, [
    { policy: forgotByNetwork, key: networkOf(origin.ip) },
    { policy: forgotByAccount, key: addressKey(deps, email) },
  ]);
  const account = await accounts.findLogin(email);
  const at = clock.now();
  const audit = { actorUserId: null, at, action: "auth.password_forgot", targetType: "user" } as const;
  if (account === undefined || !account.isActive) {
    const { companyId, userId } = account ?? { companyId: platformCompanyId, userId: null };
    const refusal = { companyId, targetId: userId, outcome: "refused", reason: "cannot_sign_in" } as const;
    await accounts.recordRefusal(auditEntry(deps, { ...audit, ...refusal }));
    return;
  }
  const { companyId, userId } = account;
  const secret = random.bytes(secretBytes);
  const token = formatMailedToken("reset", { companyId, subjectId: userId, secret });
  await accounts.requestReset({
    purpose: "reset",
    companyId,
    userId,
    digest: digests.sha256(secret),
    at,
    expiresAt: mailedTokenEnd("reset", at),
    audit: auditEntry(deps, { ...audit, companyId, targetId: userId, outcome: "done" }),
    mail: await mails.compose({ companyId, userId, to: email, template: "password_reset", data: {}, at }, token),
  });
}

/**
 * Sets a new password for who holds the mailed token, and ends all sessions.
 *
 * @throws AppError `rate_limited`, `token_invalid`, `validation_failed`
 */
export async function resetPassword(
  deps: AuthDependencies,
  { token, password }: { token: string; password: string },
): Promise<void> {
  const { accounts, hasher, mails, clock } = deps;
  const { used, holder } = await admitPersonsToken(deps, "reset", token);
  refuseWeakPassword(password, { email: holder.email, words: [holder.companyName] }, "new_password");
  const passwordHash = await hasher.hash(password);
  const at = clock.now();
  const { companyId, userId } = used;
  const data = { at: at.toISOString() };
  const mail = await mails.compose({ companyId, userId, to: holder.email, template: "password_changed", data, at });
  const done = await endingSessions(deps.gate, { userId }, async () => {
    const ended = await accounts.resetPassword({
      ...used,
      at,
      passwordHash,
      audit: auditEntry(deps, {
        companyId,
        actorUserId: userId,
        at,
        action: "auth.password_reset",
        targetType: "user",
        targetId: userId,
        outcome: "done",
      }),
      mail,
    });
    return { ended: ended ?? [], result: ended !== undefined };
  });
  if (!done) throw await refuseToken(deps, "reset", userId);
}
