import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { AuditEntry } from "../../../shared/audit.ts";
import type { Clock, Random } from "../../../shared/clock.ts";
import { AppError } from "../../../shared/errors.ts";
import type { MailComposer } from "../../../shared/mail.ts";
import type { RequestOrigin } from "../../../shared/origin.ts";
import type { RateLimiter } from "../../../shared/rate-limit.ts";
import type { SessionGate } from "../../../shared/session-gate.ts";
import { passwordFault, type PasswordContext } from "../password-rules.ts";
import type { AccessTokens, Digests, PasswordHasher } from "../ports.ts";
import type { RegistrationRepository } from "../registration-repository.ts";
import type { AuthRepository } from "../repository.ts";
import type { SessionRepository } from "../session-repository.ts";

export interface AuthDependencies {
  readonly accounts: AuthRepository;
  readonly sessions: SessionRepository;
  readonly registrations: RegistrationRepository;
  readonly gate: SessionGate;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly digests: Digests;
  readonly mails: MailComposer;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  readonly adminSecret: string;
  /** A session that is not refreshed for so long ends. */
  readonly refreshSeconds: number;
  /** A session ends after this, however often it is refreshed. */
  readonly sessionSeconds: number;
}

/** An audit entry of this request. */
export const auditEntry = (deps: AuthDependencies, fields: Omit<AuditEntry, "id" | "origin">): AuditEntry => ({
  ...fields,
  id: deps.random.uuid(),
  origin: deps.origin,
});

/** An address as limits know it: not in the clear. */
export const addressKey = ({ digests }: AuthDependencies, email: string): string =>
  bytesToHex(digests.sha256(utf8ToBytes(email)));

/** @throws AppError `validation_failed` when the password will not do; says why, never which */
export function refuseWeakPassword(password: string, context: PasswordContext, field = "password"): void {
  const fault = passwordFault(password, context);
  if (fault === undefined) return;
  throw new AppError("validation_failed", `${field}: ${fault}.`, { errors: [{ path: field, message: fault }] });
}

export const addressTaken = (): AppError =>
  new AppError("email_taken", "This e-mail address belongs to another account. Use a different one.");
