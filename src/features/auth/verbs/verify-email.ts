import type { CompanyId, UserId } from "../../../shared/ids.ts";
import { auditEntry, type AuthDependencies } from "./dependencies.ts";
import { admitMailedToken, refuseTakenAddress, refuseToken } from "./mailed-token.ts";

/**
 * Makes the company of a registration and its first Admin, once.
 *
 * @throws AppError `rate_limited`, `token_invalid`, `email_taken` (the address has got an account since), `unavailable`
 */
export async function verifyEmail(deps: AuthDependencies, text: string): Promise<void> {
  const { registrations, digests, random, clock } = deps;
  const { subjectId, secret } = await admitMailedToken(deps, "verify", text);
  const companyId = random.uuid() as CompanyId;
  const userId = random.uuid() as UserId;
  const at = clock.now();
  const audit = { companyId, actorUserId: userId, at, outcome: "done" } as const;
  const outcome = await registrations.confirm({
    registrationId: subjectId,
    tokenDigest: digests.sha256(secret),
    companyId,
    userId,
    at,
    audits: [
      auditEntry(deps, { ...audit, action: "company.create", targetType: "company", targetId: companyId }),
      auditEntry(deps, { ...audit, action: "auth.verify_email", targetType: "user", targetId: userId }),
    ],
  });
  if (outcome === "not_good") throw await refuseToken(deps, "verify", subjectId);
  if (outcome === "email_taken") throw await refuseTakenAddress(deps, "verify", subjectId);
}
