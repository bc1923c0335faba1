import type { Group } from "../../../shared/access.ts";
import type { AuditAction } from "../../../shared/audit.ts";
import type { CompanyId, SessionId, UserId } from "../../../shared/ids.ts";
import { secretBytes } from "../../../shared/secret-token.ts";
import type { UserProfile } from "../../users/index.ts";
import { formatRefreshToken, type RefreshToken } from "../refresh-token.ts";
import type { NewSession } from "../session-repository.ts";
import { auditEntry, type AuthDependencies } from "./dependencies.ts";

/** What a client holds of a session. */
export interface SignIn {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  /** Seconds. */
  readonly refreshExpiresIn: number;
  readonly user: UserProfile;
}

interface Account {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly passwordVersion: number;
}

/** A session to be, and the refresh token that only its client will know. */
export function newSession(
  deps: AuthDependencies,
  { userId, companyId, passwordVersion }: Account,
  { at, createdAt = at, action }: { at: Date; createdAt?: Date; action: AuditAction },
): { session: NewSession; refresh: RefreshToken } {
  const { random, digests, refreshSeconds, sessionSeconds } = deps;
  const id = random.uuid() as SessionId;
  const refresh: RefreshToken = {
    companyId,
    sessionId: id,
    familySecret: random.bytes(secretBytes),
    rotatingSecret: random.bytes(secretBytes),
  };
  const end = Math.min(at.getTime() + refreshSeconds * 1000, createdAt.getTime() + sessionSeconds * 1000);
  const session: NewSession = {
    id,
    userId,
    companyId,
    passwordVersion,
    familyDigest: digests.sha256(refresh.familySecret),
    refreshDigest: digests.sha256(refresh.rotatingSecret),
    at,
    createdAt,
    expiresAt: new Date(end),
    audit: auditEntry(deps, {
      companyId,
      actorUserId: userId,
      at,
      action,
      targetType: "session",
      targetId: id,
      outcome: "done",
    }),
  };
  return { session, refresh };
}

/** The two tokens of a session that is stored. */
export async function signIn(
  { tokens, random }: AuthDependencies,
  user: UserProfile,
  refresh: RefreshToken,
  { at, expiresAt }: { at: Date; expiresAt: Date },
): Promise<SignIn> {
  const group: Group = user.group;
  const actor = { userId: user.id, companyId: user.company.id, sessionId: refresh.sessionId, group };
  const { token, expiresIn } = await tokens.issue(actor, at, random.uuid());
  return {
    accessToken: token,
    expiresIn,
    refreshToken: formatRefreshToken(refresh),
    refreshExpiresIn: Math.max(0, Math.floor((expiresAt.getTime() - at.getTime()) / 1000)),
    user,
  };
}
