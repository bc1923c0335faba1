import type { CompanyId, SessionId } from "../../shared/ids.ts";
import { formatSecretToken, parseSecretToken } from "../../shared/secret-token.ts";

const version = "r1";

/**
 * What a refresh token says: company, session, the family secret (fixed for the session) and the rotating secret. Only
 * digests of the two secrets are stored.
 */
export interface RefreshToken {
  readonly companyId: CompanyId;
  readonly sessionId: SessionId;
  readonly familySecret: Uint8Array;
  readonly rotatingSecret: Uint8Array;
}

export const formatRefreshToken = ({ companyId, sessionId, familySecret, rotatingSecret }: RefreshToken): string =>
  formatSecretToken(version, { ids: [companyId, sessionId], secrets: [familySecret, rotatingSecret] });

/** Undefined for whatever is not spelled as a refresh token. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const token = parseSecretToken(text, version, { ids: 2, secrets: 2 });
  const [companyId, sessionId] = token?.ids ?? [];
  const [familySecret, rotatingSecret] = token?.secrets ?? [];
  if (!companyId || !sessionId || !familySecret || !rotatingSecret) return undefined;
  return { companyId: companyId as CompanyId, sessionId: sessionId as SessionId, familySecret, rotatingSecret };
}
