import { AppError } from "../../../shared/errors.ts";
import { platformCompanyId } from "../../../shared/ids.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { secretBytes } from "../../../shared/secret-token.ts";
import { refreshByNetwork, refreshBySession, refreshRaceSeconds, refreshRetryAfterSeconds } from "../limits.ts";
import { parseRefreshToken, type RefreshToken } from "../refresh-token.ts";
import type { Rotation } from "../session-repository.ts";
import { auditEntry, type AuthDependencies } from "./dependencies.ts";
import { signIn, type SignIn } from "./sign-in.ts";

/**
 * Takes a refresh token once and gives the next. Two sequential round trips: the limiter (and `ask` for the gate, in case
 * the session is about to end), and the batch that classifies the token and acts on it.
 *
 * @throws AppError `rate_limited`, `unauthorized`, `refresh_raced`, `refresh_reused`, `unavailable`
 */
export async function refresh(deps: AuthDependencies, token: string): Promise<SignIn> {
  const { limiter, gate, sessions, digests, random, clock, origin } = deps;
  const sent = parseRefreshToken(token);
  const rules = [{ policy: refreshByNetwork, key: networkOf(origin.ip) }];
  if (sent === undefined) {
    await enforceRates(limiter, rules);
    throw await refuseUnknown(deps, null);
  }
  const { sessionId } = sent;
  await Promise.all([
    enforceRates(limiter, [...rules, { policy: refreshBySession, key: sessionId }]),
    gate.askAbout({ sessionId }),
  ]);
  const at = clock.now();
  const next: RefreshToken = { ...sent, rotatingSecret: random.bytes(secretBytes) };
  const outcome = await sessions.rotate({
    ...rotationOf(deps, sent, at),
    nextDigest: digests.sha256(next.rotatingSecret),
  });
  switch (outcome.kind) {
    case "rotated":
      return signIn(deps, outcome.user, next, { at, expiresAt: outcome.expiresAt });
    case "raced":
      throw new AppError(
        "refresh_raced",
        "Another call has just used this token. Try again with the one it was given.",
        {
          retryAfterSeconds: refreshRetryAfterSeconds,
        },
      );
    case "reused":
      await gate.bar([sessionId]);
      throw new AppError(
        "refresh_reused",
        "This refresh token was used before, so its session has been ended. Sign in again; if that was not you, change your password.",
      );
    case "ended":
      throw notLive();
    case "unknown":
      throw await refuseUnknown(deps, sessionId);
  }
}

function rotationOf(deps: AuthDependencies, sent: RefreshToken, at: Date): Omit<Rotation, "nextDigest"> {
  const { digests, random, origin, refreshSeconds, sessionSeconds } = deps;
  const { companyId, sessionId } = sent;
  // Who sent it is not known: the thief, or the person after the thief.
  const refusal = (reason: string) =>
    auditEntry(deps, {
      companyId,
      actorUserId: null,
      at,
      action: "auth.refresh",
      targetType: "session",
      targetId: sessionId,
      outcome: "refused",
      reason,
    });
  return {
    companyId,
    sessionId,
    familyDigest: digests.sha256(sent.familySecret),
    refreshDigest: digests.sha256(sent.rotatingSecret),
    at,
    idleSeconds: refreshSeconds,
    absoluteSeconds: sessionSeconds,
    raceSeconds: refreshRaceSeconds,
    reuseAudit: refusal("refresh_reused"),
    endedAudit: refusal("session_ended"),
    // Not composed, which would look for it after every refresh: the clock sends the few that are queued.
    reuseMail: {
      id: random.uuid(),
      companyId,
      userId: null,
      // The statement takes address and user from the session's row.
      to: "",
      template: "session_reused",
      data: { at: at.toISOString(), device: origin.userAgent ?? "" },
      sealedToken: null,
      at,
    },
  };
}

/** In the platform's audit, since it is nobody's session: a round trip more for who sends what we have not made. */
async function refuseUnknown(deps: AuthDependencies, sessionId: string | null): Promise<AppError> {
  const about = {
    companyId: platformCompanyId,
    action: "auth.refresh",
    targetType: "session",
    targetId: sessionId,
  } as const;
  const refusal = { actorUserId: null, at: deps.clock.now(), outcome: "refused", reason: "unknown_session" } as const;
  await deps.accounts.recordRefusal(auditEntry(deps, { ...about, ...refusal }));
  return notLive();
}

const notLive = (): AppError =>
  new AppError("unauthorized", "This refresh token is wrong, or its session has ended. Sign in again.");
