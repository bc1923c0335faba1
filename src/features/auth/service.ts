import type { Actor, Group, Permission } from "../../shared/access.ts";
import type { AuditEntry } from "../../shared/audit.ts";
import type { Clock, Random } from "../../shared/clock.ts";
import { AppError } from "../../shared/errors.ts";
import { platformCompanyId, type SessionId, type UserId } from "../../shared/ids.ts";
import type { RequestOrigin } from "../../shared/origin.ts";
import { enforceRates, networkOf, type RateLimiter } from "../../shared/rate-limit.ts";
import { secretBytes } from "../../shared/secret-token.ts";
import type { UserProfile } from "../users/index.ts";
import { bootstrapByNetwork, loginByAccount, loginByNetwork } from "./limits.ts";
import { passwordFault } from "./password-rules.ts";
import type { AccessTokens, Digests, PasswordHasher } from "./ports.ts";
import { formatRefreshToken } from "./refresh-token.ts";
import type { AuthRepository, LoginRecord } from "./repository.ts";

export interface SignIn {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  readonly user: UserProfile;
}

export interface AuthService {
  /** The caller named by an Authorization header. @throws AppError `unauthorized` */
  authenticate(authorization: string | undefined): Promise<Actor>;
  /** @throws AppError `rate_limited`, `invalid_credentials` (the same for every reason), `unavailable` */
  login(credentials: { email: string; password: string }): Promise<SignIn>;
  /** Lets the holder of the admin secret in; counted before it is looked at. @throws AppError `rate_limited`, `unauthorized` */
  admitAdmin(adminSecret: string | undefined): Promise<void>;
  /** Writes down that a known caller was refused. */
  auditRefusal(actor: Actor, permission: Permission): Promise<void>;
  /** For whom `admitAdmin` let in. @throws AppError `validation_failed`, `bootstrap_closed`, `email_taken` */
  bootstrap(person: { email: string; password: string; firstName: string; lastName: string }): Promise<UserProfile>;
}

export interface AuthDependencies {
  readonly accounts: AuthRepository;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly digests: Digests;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: RequestOrigin;
  readonly adminSecret: string;
  readonly refreshSeconds: number;
}

const bearerPattern = /^Bearer ([\w.-]+)$/i;

export function createAuthService(dependencies: AuthDependencies): AuthService {
  const { tokens, clock } = dependencies;
  return {
    async authenticate(authorization) {
      const token = bearerPattern.exec(authorization ?? "")?.[1] ?? "";
      return tokens.verify(token, clock.now());
    },
    login: (credentials) => login(dependencies, credentials),
    admitAdmin: (adminSecret) => admitAdmin(dependencies, adminSecret),
    auditRefusal: (actor, permission) =>
      dependencies.accounts.recordRefusal(
        entry(dependencies, {
          companyId: actor.companyId,
          actorUserId: actor.userId,
          at: clock.now(),
          action: "access.refused",
          targetType: "permission",
          targetId: permission,
          outcome: "refused",
          reason: "forbidden",
        }),
      ),
    bootstrap: (person) => bootstrap(dependencies, person),
  };
}

/** Three sequential round trips: the limiter, the account, and one batch that opens the session or records the refusal. */
async function login(
  deps: AuthDependencies,
  { email, password }: { email: string; password: string },
): Promise<SignIn> {
  const { accounts, hasher, limiter, origin, digests, clock } = deps;
  await enforceRates(limiter, [
    { policy: loginByNetwork, key: networkOf(origin.ip) },
    { policy: loginByAccount, key: hexOf(digests.sha256(new TextEncoder().encode(email))) },
  ]);
  const account = await accounts.findLogin(email);
  const { matches, needsRehash } = await hasher.verify(password, account?.passwordHash ?? null);
  const now = clock.now();
  if (account === undefined || !matches || !account.isActive) {
    await accounts.recordRefusal(refusalEntry(deps, account, now));
    throw wrongCredentials();
  }
  return openSession(deps, account, now, needsRehash ? await hasher.hash(password) : undefined);
}

async function openSession(
  deps: AuthDependencies,
  account: LoginRecord,
  now: Date,
  newPasswordHash: string | undefined,
): Promise<SignIn> {
  const { accounts, random, digests, tokens, refreshSeconds } = deps;
  const id = random.uuid() as SessionId;
  const familySecret = random.bytes(secretBytes);
  const rotatingSecret = random.bytes(secretBytes);
  const { userId, companyId, passwordVersion } = account;
  const user = await accounts.openSession({
    id,
    userId,
    companyId,
    passwordVersion,
    familyDigest: digests.sha256(familySecret),
    refreshDigest: digests.sha256(rotatingSecret),
    at: now,
    expiresAt: new Date(now.getTime() + refreshSeconds * 1000),
    audit: entry(deps, {
      companyId,
      actorUserId: userId,
      at: now,
      action: "auth.login",
      targetType: "session",
      targetId: id,
      outcome: "done",
    }),
    newPasswordHash,
  });
  // The account changed between the look-up and the session: as if the password had been wrong.
  if (user === undefined) throw wrongCredentials();
  const { token, expiresIn } = await tokens.issue(
    { userId, companyId, sessionId: id, group: user.group },
    now,
    random.uuid(),
  );
  const refreshToken = formatRefreshToken({ companyId, sessionId: id, familySecret, rotatingSecret });
  return { accessToken: token, expiresIn, refreshToken, refreshExpiresIn: refreshSeconds, user };
}

async function admitAdmin(deps: AuthDependencies, adminSecret: string | undefined): Promise<void> {
  const { accounts, limiter, digests, origin, clock } = deps;
  await enforceRates(limiter, [{ policy: bootstrapByNetwork, key: networkOf(origin.ip) }]);
  if (digests.same(adminSecret ?? "", deps.adminSecret)) return;
  await accounts.recordRefusal(
    entry(deps, {
      companyId: platformCompanyId,
      actorUserId: null,
      at: clock.now(),
      action: "auth.bootstrap",
      targetType: "user",
      targetId: null,
      outcome: "refused",
      reason: "wrong_secret",
    }),
  );
  throw new AppError("unauthorized", "The header X-Admin-Secret is missing or wrong.");
}

async function bootstrap(
  deps: AuthDependencies,
  { email, password, firstName, lastName }: { email: string; password: string; firstName: string; lastName: string },
): Promise<UserProfile> {
  const { accounts, hasher, clock, random } = deps;
  const fault = passwordFault(password, { email });
  if (fault !== undefined)
    throw new AppError("validation_failed", `password: ${fault}.`, { errors: [{ path: "password", message: fault }] });
  // Looked at before the hash, which takes time that no transaction should be open for; looked at again under its lock.
  if (await accounts.hasSuperAdmin()) throw closed();
  const id = random.uuid() as UserId;
  const at = clock.now();
  const group: Group = "Super Admin";
  const made = await accounts.createFirstSuperAdmin({
    id,
    email,
    firstName,
    lastName,
    passwordHash: await hasher.hash(password),
    at,
    audit: entry(deps, {
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
  if (made === "exists") throw closed();
  if (made === "email_taken")
    throw new AppError("email_taken", "This e-mail address belongs to another account. Use a different one.");
  return made;
}

const closed = (): AppError =>
  new AppError("bootstrap_closed", "There is a Super Admin already. Only they can let others in.");

/** Nobody has proved who they are, so there is no actor: the account is what somebody tried to get into. */
function refusalEntry(deps: AuthDependencies, account: LoginRecord | undefined, at: Date): AuditEntry {
  return entry(deps, {
    companyId: account?.companyId ?? platformCompanyId,
    actorUserId: null,
    at,
    action: "auth.login",
    targetType: "user",
    targetId: account?.userId ?? null,
    outcome: "refused",
    reason: "invalid_credentials",
  });
}

const entry = (deps: AuthDependencies, fields: Omit<AuditEntry, "id" | "origin">): AuditEntry => ({
  ...fields,
  id: deps.random.uuid(),
  origin: deps.origin,
});

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

const wrongCredentials = (): AppError =>
  new AppError(
    "invalid_credentials",
    "E-mail or password is wrong, or the account cannot sign in. Check both, or ask an Admin of your company.",
  );
