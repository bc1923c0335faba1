import type { CompanyId, SessionId } from "../../shared/ids.ts";

const version = "r1";
export const secretBytes = 32;

/**
 * The text of a refresh token: version, company, session, the family secret (fixed for the session) and the rotating
 * secret, base64url. Only digests of the two secrets are stored.
 */
export function formatRefreshToken(parts: {
  companyId: CompanyId;
  sessionId: SessionId;
  familySecret: Uint8Array;
  rotatingSecret: Uint8Array;
}): string {
  const ids = [parts.companyId, parts.sessionId].map((id) => id.replaceAll("-", ""));
  return [version, ...ids, base64url(parts.familySecret), base64url(parts.rotatingSecret)].join(".");
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
