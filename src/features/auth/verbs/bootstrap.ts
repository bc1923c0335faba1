import type { Group } from "../../../shared/access.ts";
import { AppError } from "../../../shared/errors.ts";
import { platformCompanyId, type UserId } from "../../../shared/ids.ts";
import { enforceRates, networkOf } from "../../../shared/rate-limit.ts";
import type { UserProfile } from "../../users/index.ts";
import { bootstrapByNetwork } from "../limits.ts";
import { addressTaken, auditEntry, refuseWeakPassword, type AuthDependencies } from "./dependencies.ts";

/** Lets the holder of the admin secret in; counted before it is looked at. @throws AppError `rate_limited`, `unauthorized` */
export async function admitAdmin(deps: AuthDependencies, adminSecret: string | undefined): Promise<void> {
  const { limiter, digests, origin } = deps;
  await enforceRates(limiter, [{ policy: bootstrapByNetwork, key: networkOf(origin.ip) }]);
  if (digests.same(adminSecret ?? "", deps.adminSecret)) return;
  throw await refuse(
    deps,
    "wrong_secret",
    new AppError("unauthorized", "The header X-Admin-Secret is missing or wrong."),
  );
}

/** For whom `admitAdmin` let in. @throws AppError `validation_failed`, `bootstrap_closed`, `email_taken` */
export async function bootstrap(
  deps: AuthDependencies,
  { email, password, firstName, lastName }: { email: string; password: string; firstName: string; lastName: string },
): Promise<UserProfile> {
  const { accounts, hasher, clock, random } = deps;
  refuseWeakPassword(password, { email });
  // Looked at before the hash, which takes time that no transaction should be open for; looked at again under its lock.
  if (await accounts.hasSuperAdmin()) throw await refuse(deps, "bootstrap_closed", closed());
  const passwordHash = await hasher.hash(password);
  const id = random.uuid() as UserId;
  const at = clock.now();
  const group: Group = "Super Admin";
  const made = await accounts.createFirstSuperAdmin({
    id,
    email,
    firstName,
    lastName,
    passwordHash,
    at,
    audit: auditEntry(deps, {
      companyId: platformCompanyId,
      actorUserId: null,
      at,
      action: "auth.bootstrap",
      targetType: "user",
      targetId: id,
      outcome: "done",
      changes: { group: { old: null, new: group } },
    }),
  });
  if (made === "exists") throw await refuse(deps, "bootstrap_closed", closed());
  if (made === "email_taken") throw await refuse(deps, "email_taken", addressTaken());
  return made;
}

/** Writes the refusal down and hands the error on. */
async function refuse(deps: AuthDependencies, reason: string, error: AppError): Promise<AppError> {
  await deps.accounts.recordRefusal(
    auditEntry(deps, {
      companyId: platformCompanyId,
      actorUserId: null,
      at: deps.clock.now(),
      action: "auth.bootstrap",
      targetType: "user",
      targetId: null,
      outcome: "refused",
      reason,
    }),
  );
  return error;
}

const closed = (): AppError =>
  new AppError("bootstrap_closed", "There is a Super Admin already. Only they can let others in.");
