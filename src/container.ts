import type { Config } from "./config/index.ts";
import { documentDependencies, documentSweepDependencies } from "./container/documents.ts";
import { createBackgroundSimulations, createSimulations, type BackgroundSimulations } from "./container/simulations.ts";
import { createAuditRepository } from "./features/audit/repository.drizzle.ts";
import { createAuditService, type AuditService } from "./features/audit/index.ts";
import { createAuthRepository } from "./features/auth/repository.drizzle.ts";
import { createCompanyRepository } from "./features/companies/repository.drizzle.ts";
import { createCompanyService, type CompanyService } from "./features/companies/index.ts";
import {
  createDocumentService,
  createUploadService,
  createUppyService,
  createScanService,
  type FolderSweep,
  type ScanService,
  sweepDocuments,
  sweepFolderDeletions,
  sweepLostObjects,
  sweepOrphans,
  type DocumentService,
  type DocumentSweep,
  type UploadService,
  type UppyService,
} from "./features/documents/index.ts";
import {
  createMailComposer,
  createMailDelivery,
  type DeliveryReport,
  type MailDelivery,
} from "./features/email/index.ts";
import { sendTimeoutMs } from "./features/email/limits.ts";
import { createOutbox } from "./features/email/outbox.drizzle.ts";
import { createAuthService, type AuthDependencies, type AuthService } from "./features/auth/index.ts";
import { createRegistrationRepository } from "./features/auth/registration-repository.drizzle.ts";
import { createSessionRepository } from "./features/auth/session-repository.drizzle.ts";
import type { ComparisonService, RoleService, SimulationService, SweepService } from "./features/simulation/index.ts";
import { createAccountRepository } from "./features/users/account-repository.drizzle.ts";
import { createInvitationRepository } from "./features/users/invitation-repository.drizzle.ts";
import { createUserRepository } from "./features/users/repository.drizzle.ts";
import { createUserService, type UserService } from "./features/users/index.ts";
import { createAccessTokens } from "./platform/crypto/access-tokens.ts";
import { createVerdictSignatures } from "./platform/crypto/verdict-signatures.ts";
import { digests } from "./platform/crypto/digests.ts";
import { createMailSealer } from "./platform/crypto/mail-sealer.ts";
import { createPasswordHasher } from "./platform/crypto/password.ts";
import { createDatabase, type Database } from "./platform/db/client.ts";
import { deleteExpiredRows, type ExpiredRows } from "./platform/db/expired-rows.ts";
import { createHttpTransport } from "./platform/email/http-transport.ts";
import { createSesTransport } from "./platform/email/ses-transport.ts";
import { checkReadiness, type Readiness } from "./platform/readiness.ts";
import { MeteredRedis } from "./platform/redis/client.ts";
import { createSessionGate } from "./platform/redis/session-gate.ts";
import { createRateLimiter } from "./platform/redis/rate-limiter.ts";
import { createObjectStore } from "./platform/s3/object-store.ts";
import { systemClock, systemRandom } from "./platform/system.ts";
import { describeError, log } from "./platform/telemetry/log.ts";
import { CountingMeter, RequestMeter } from "./platform/telemetry/meter.ts";
import type { Actor } from "./shared/access.ts";
import { lazy } from "./shared/lazy.ts";
import type { RequestOrigin } from "./shared/origin.ts";
import type { RateDecision, RateLimiter } from "./shared/rate-limit.ts";
import { askSeconds, deadSeconds, liveSeconds, type SessionGate } from "./shared/session-gate.ts";
import type { CallMeter } from "./shared/tracing.ts";

/** What a request can use. Built per request: clients hold its id and its meter, and no socket outlives it. */
export interface Services {
  readonly config: Config;
  readonly auth: AuthService;
  readonly users: UserService;
  readonly companies: CompanyService;
  readonly audit: AuditService;
  readonly simulations: SimulationService;
  readonly roles: RoleService;
  readonly comparisons: ComparisonService;
  readonly sweeps: SweepService;
  /** Whether a session lives, for what does not touch Postgres. */
  readonly gate: SessionGate;
  readonly uploads: UploadService;
  readonly uppy: UppyService;
  readonly scans: ScanService;
  readonly documents: DocumentService;
  /** The limits that were applied to this request. */
  readonly rateDecisions: readonly RateDecision[];
  readiness(): Promise<Readiness>;
  /** Begins to send what this request has queued; undefined when it has queued nothing. For after the answer. */
  deliverQueuedMails(): Promise<DeliveryReport> | undefined;
}

interface Surroundings {
  readonly origin: RequestOrigin;
  readonly meter: CallMeter;
}

type Common = Pick<AuthDependencies, "clock" | "random" | "origin" | "mails">;
interface IdentityParts {
  readonly common: Common;
  readonly database: () => Database;
  readonly redis: () => MeteredRedis;
  readonly limiter: RateLimiter;
}

/** Who somebody is, and whether their session lives. */
function createIdentity(config: Config, { common, database, redis, limiter }: IdentityParts) {
  const sessions = lazy(() => createSessionRepository(database()));
  const lifetimes = { liveSeconds, askSeconds, deadSeconds };
  const isLive = (actor: Actor): Promise<boolean> => sessions().isLive(actor, systemClock.now());
  const gate = createSessionGate(redis, isLive, lifetimes);
  const auth = lazy(() =>
    createAuthService({
      ...common,
      accounts: createAuthRepository(database()),
      sessions: sessions(),
      registrations: createRegistrationRepository(database()),
      gate,
      hasher: createPasswordHasher(systemRandom.bytes),
      tokens: createAccessTokens(config.tokens, config.publicUrl),
      digests,
      limiter,
      adminSecret: config.adminSecret,
      refreshSeconds: config.tokens.refreshSeconds,
      sessionSeconds: config.tokens.sessionSeconds,
    }),
  );
  const users = lazy(() =>
    createUserService({
      ...common,
      users: createUserRepository(database()),
      accounts: createAccountRepository(database()),
      invitations: createInvitationRepository(database()),
      gate,
      limiter,
      sha256: digests.sha256,
    }),
  );
  return { auth, users, gate, isLive };
}

/**
 * The composition root for requests. Constructors only: nothing is fetched or hashed here. Each is called when what it
 * makes is first asked for, since making all clients costs several times what a short answer does.
 */
export function createContainer(config: Config, env: Env, { origin, meter }: Surroundings): Services {
  const { requestId } = origin;
  const queuedMails: string[] = [];
  const sealer = createMailSealer(config.tokens, systemRandom);
  const mails = createMailComposer({ sealer, random: systemRandom }, (id) => queuedMails.push(id));
  const common = { clock: systemClock, random: systemRandom, origin, mails };
  const rateDecisions: RateDecision[] = [];
  const database = lazy(() => createDatabase({ ...config.database, requestId, meter }));
  const redis = lazy(() => new MeteredRedis({ ...config.redis, requestId, meter }));
  const limiter = createRateLimiter(redis, rateDecisions);
  const companies = lazy(() => createCompanyService({ ...common, companies: createCompanyRepository(database()) }));
  const audit = lazy(() => createAuditService({ ...common, audit: createAuditRepository(database()) }));
  const parts = { common, database, redis, limiter };
  const { auth, users, gate, isLive } = createIdentity(config, parts);
  const { simulations, sweeps, roles, comparisons } = createSimulations(config, env, { ...parts, gate, meter });
  const store = lazy(() => createObjectStore({ config: config.s3, clock: systemClock, requestId, meter }));
  const documentParts = lazy(() =>
    documentDependencies(config, { ...common, meter, database: database(), store: store() }),
  );
  const uploadParts = () => ({ ...documentParts(), limiter, isLive });
  const uploads = lazy(() => createUploadService(uploadParts()));
  const uppy = lazy(() => createUppyService(uploadParts()));
  const documents = lazy(() => createDocumentService(documentParts()));
  const scans = lazy(() =>
    createScanService(documentParts(), createVerdictSignatures(config.scanner.secret, systemClock)),
  );
  const deliverQueuedMails: Services["deliverQueuedMails"] = () => {
    if (queuedMails.length === 0) return undefined;
    // Not the answer's calls any more: they are counted, and named, apart.
    const apart = { requestId: `mail-${requestId}`, meter: new RequestMeter(Date.now) };
    return createMailing(config, createDatabase({ ...config.database, ...apart }), apart).deliverNow(queuedMails);
  };
  const readiness = (): Promise<Readiness> => {
    const outbox = createOutbox(database(), { random: systemRandom, requestId });
    return checkReadiness(env, { database: database(), redis: redis(), store: store(), outbox }, systemClock);
  };
  const made = {
    auth,
    users,
    companies,
    audit,
    simulations,
    roles,
    comparisons,
    sweeps,
    uploads,
    uppy,
    documents,
    scans,
  };
  return withMade({ config, rateDecisions, gate, readiness, deliverQueuedMails }, made);
}

/** `base` with members that are made when they are first read. */
function withMade<B extends object, M extends Record<string, () => object>>(base: B, makers: M) {
  const getters = Object.entries(makers).map(([name, get]) => [name, { get, enumerable: true }] as const);
  return Object.defineProperties(base, Object.fromEntries(getters)) as B & {
    readonly [Name in keyof M]: ReturnType<M[Name]>;
  };
}

function createMailing(
  config: Config,
  database: Database,
  { requestId, meter }: { requestId: string; meter: CallMeter },
): MailDelivery {
  const common = { requestId, meter, timeoutMs: sendTimeoutMs };
  return createMailDelivery({
    outbox: createOutbox(database, { random: systemRandom, requestId }),
    transport:
      config.email.provider === "ses"
        ? createSesTransport({ ...config.email, ...common })
        : createHttpTransport({ ...config.email, ...common }),
    sealer: createMailSealer(config.tokens, systemRandom),
    appUrl: config.appUrl,
    clock: systemClock,
    random: systemRandom,
    wait: (milliseconds) => scheduler.wait(milliseconds),
    onFault: (mail, error) => log("warn", "mail_unsettled", { request_id: requestId, mail, ...describeError(error) }),
  });
}

/** What the objects and the clock can use: there is no caller, so every call names its company. */
export interface BackgroundServices extends BackgroundSimulations {
  readonly mail: MailDelivery;
  /** Deletes what nobody can use any more: registrations, mailed tokens, sessions, idempotency keys. */
  readonly sweepExpiredRows: (at: Date) => Promise<ExpiredRows>;
  /** Goes on with what was left half done of documents. */
  readonly sweepDocuments: (at: Date) => Promise<DocumentSweep>;
  /** Clears away what is at S3 and no document needs: how much. */
  readonly sweepOrphans: (at: Date) => Promise<number>;
  /** Quarantines documents whose object is gone: how many. */
  readonly sweepLostObjects: (at: Date) => Promise<number>;
  /** Goes on with the deletion of folders. */
  readonly sweepFolderDeletions: (at: Date) => Promise<FolderSweep>;
}

export function createBackgroundContainer(
  config: Config,
  env: Env,
  { requestId, meter }: { requestId: string; meter: CallMeter },
): BackgroundServices {
  const database = createDatabase({ ...config.database, requestId, meter });
  const mail = lazy(() => createMailing(config, database, { requestId, meter }));
  // Anew for each sweep: each counts its own calls.
  const documents = () => documentSweepDependencies(config, requestId, new CountingMeter(meter));
  return {
    ...createBackgroundSimulations(env, database, meter),
    sweepExpiredRows: (at) => deleteExpiredRows(database, at),
    sweepDocuments: (at) => sweepDocuments(documents(), at),
    sweepOrphans: (at) => sweepOrphans(documents(), at),
    sweepLostObjects: (at) => sweepLostObjects(documents(), at),
    sweepFolderDeletions: (at) => sweepFolderDeletions(documents(), at),
    get mail() {
      return mail();
    },
  };
}
