import type { CompanyId } from "./ids.ts";
import { formatSecretToken, parseSecretToken } from "./secret-token.ts";

export type MailedTokenPurpose = "verify" | "invite" | "reset";

/** Each purpose has its own first word: a token of one is none of another. The page is the front end's. */
const purposes = {
  verify: { version: "v1", seconds: 24 * 3600, page: "verify-email" },
  invite: { version: "i1", seconds: 72 * 3600, page: "accept-invitation" },
  reset: { version: "p1", seconds: 30 * 60, page: "reset-password" },
} as const;

/** What a mailed token says: whose it is (a user, or a registration) in which company, and a secret of 256 bits. */
export interface MailedToken {
  readonly companyId: CompanyId;
  readonly subjectId: string;
  readonly secret: Uint8Array;
}

export const formatMailedToken = (purpose: MailedTokenPurpose, { companyId, subjectId, secret }: MailedToken): string =>
  formatSecretToken(purposes[purpose].version, { ids: [companyId, subjectId], secrets: [secret] });

/** Undefined for whatever is not spelled as a token of this purpose; whether it is good only the database knows. */
export function parseMailedToken(purpose: MailedTokenPurpose, text: string): MailedToken | undefined {
  const token = parseSecretToken(text, purposes[purpose].version, { ids: 2, secrets: 1 });
  const [companyId, subjectId] = token?.ids ?? [];
  const [secret] = token?.secrets ?? [];
  if (companyId === undefined || subjectId === undefined || secret === undefined) return undefined;
  return { companyId: companyId as CompanyId, subjectId, secret };
}

export const mailedTokenEnd = (purpose: MailedTokenPurpose, at: Date): Date =>
  new Date(at.getTime() + purposes[purpose].seconds * 1000);

/**
 * The address a mail shows: a page of the front end (`appUrl`, from configuration, never from a request). The token is in
 * the fragment, which no server and no log gets to see; opening the page uses nothing up, its button posts the token.
 */
export const mailedTokenLink = (appUrl: string, purpose: MailedTokenPurpose, token: string): string =>
  `${appUrl}/${purposes[purpose].page}#token=${token}`;
