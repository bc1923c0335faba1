import { platformCompanyId } from "../../../shared/ids.ts";
import { formatMailedToken, mailedTokenEnd } from "../../../shared/mailed-token.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import { secretBytes } from "../../../shared/secret-token.ts";
import { registerByAccount, registerByNetwork } from "../limits.ts";
import { addressKey, auditEntry, refuseWeakPassword, type AuthDependencies } from "./dependencies.ts";

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly companyName: string;
}

/**
 * Keeps a company and its first Admin until the mailed token confirms them. For an address that has an account the work,
 * the time and the answer are the same; its owner hears of it by mail.
 *
 * @throws AppError `rate_limited`, `validation_failed`, `unavailable`
 */
export async function register(deps: AuthDependencies, person: Registration): Promise<void> {
  const { limiter, hasher, registrations, digests, mails, random, clock, origin } = deps;
  const { email, password, firstName, lastName, companyName } = person;
  await enforceRates(limiter, [
    { policy: registerByNetwork, key: networkOf(origin.ip) },
    { policy: registerByAccount, key: addressKey(deps, email) },
  ]);
  refuseWeakPassword(password, { email, words: [companyName] });
  const passwordHash = await hasher.hash(password);
  const at = clock.now();
  const id = random.uuid();
  const secret = random.bytes(secretBytes);
  const token = formatMailedToken("verify", { companyId: platformCompanyId, subjectId: id, secret });
  const common = { companyId: platformCompanyId, at };
  const mail = { ...common, userId: null, to: email, data: {} };
  const audit = { ...common, actorUserId: null, action: "auth.register", targetType: "registration" } as const;
  await registrations.register({
    id,
    email,
    passwordHash,
    firstName,
    lastName,
    companyName,
    tokenDigest: digests.sha256(secret),
    at,
    expiresAt: mailedTokenEnd("verify", at),
    audit: auditEntry(deps, { ...audit, targetId: id, outcome: "done" }),
    mail: await mails.compose({ ...mail, template: "verify_email" }, token),
    takenAudit: auditEntry(deps, { ...audit, targetId: null, outcome: "refused", reason: "email_taken" }),
    takenMail: await mails.compose({ ...mail, template: "address_taken" }),
  });
}
