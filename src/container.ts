import type { Config } from "./config/index.ts";
import { createAuthRepository } from "./features/auth/repository.drizzle.ts";
import { createAuthService, type AuthService } from "./features/auth/index.ts";
import {
  createRoleService,
  createSimulationService,
  sweepStaleRuns,
  type RoleService,
  type RunStore,
  type SweepOutcome,
  type SimulationService,
} from "./features/simulation/index.ts";
import { createCompanyRoleRepository } from "./features/simulation/role-repository.drizzle.ts";
import { createRunStore } from "./features/simulation/run-store.drizzle.ts";
import { createSimulationRepository } from "./features/simulation/repository.drizzle.ts";
import { createUserRepository } from "./features/users/repository.drizzle.ts";
import { createUserService, type UserService } from "./features/users/index.ts";
import { createAccessTokens } from "./platform/crypto/access-tokens.ts";
import { digests } from "./platform/crypto/digests.ts";
import { createPasswordHasher } from "./platform/crypto/password.ts";
import { createDatabase, type Database } from "./platform/db/client.ts";
import { createSimulationRunner } from "./platform/durable-objects/simulation-runner.ts";
import { checkReadiness, type Readiness } from "./platform/readiness.ts";
import { MeteredRedis } from "./platform/redis/client.ts";
import { createRateLimiter } from "./platform/redis/rate-limiter.ts";
import { createObjectStore } from "./platform/s3/client.ts";
import { systemClock, systemRandom } from "./platform/system.ts";
import { describeError, log } from "./platform/telemetry/log.ts";
import type { RequestOrigin } from "./shared/origin.ts";
import type { RateDecision, RateLimiter } from "./shared/rate-limit.ts";
import type { CallMeter } from "./shared/tracing.ts";

/** What a request can use. Built per request: clients hold its id and its meter, and no socket outlives it. */
export interface Services {
  readonly config: Config;
  readonly auth: AuthService;
  readonly users: UserService;
  readonly simulations: SimulationService;
  readonly roles: RoleService;
  /** The limits that were applied to this request. */
  readonly rateDecisions: readonly RateDecision[];
  readiness(): Promise<Readiness>;
}

interface Surroundings {
  readonly origin: RequestOrigin;
  readonly meter: CallMeter;
}

/**
 * The composition root for requests. Constructors only: nothing is fetched or hashed here, and each is called when what
 * it makes is first asked for. Making all clients costs several times what a short answer does.
 */
export function createContainer(config: Config, env: Env, surroundings: Surroundings): Services {
  return new RequestServices(config, env, surroundings);
}

class RequestServices implements Services {
  readonly config: Config;
  readonly #env: Env;
  readonly #surroundings: Surroundings;
  #database: Database | undefined;
  #redis: MeteredRedis | undefined;
  #rateLimiter: RateLimiter | undefined;
  #auth: AuthService | undefined;
  #users: UserService | undefined;
  #simulations: SimulationService | undefined;
  #roles: RoleService | undefined;

  constructor(config: Config, env: Env, surroundings: Surroundings) {
    this.config = config;
    this.#env = env;
    this.#surroundings = surroundings;
  }

  get auth(): AuthService {
    const { config } = this;
    // A verified token is all that most calls need of it, so what signs in is made when somebody does.
    const accounts = () => createAuthRepository(this.database);
    const limiter = () => this.rateLimiter;
    return (this.#auth ??= createAuthService({
      get accounts() {
        return accounts();
      },
      get limiter() {
        return limiter();
      },
      hasher: createPasswordHasher(systemRandom.bytes),
      tokens: createAccessTokens(config.tokens, config.publicUrl),
      digests,
      clock: systemClock,
      random: systemRandom,
      origin: this.#surroundings.origin,
      adminSecret: config.adminSecret,
      refreshSeconds: config.tokens.refreshSeconds,
    }));
  }

  get users(): UserService {
    return (this.#users ??= createUserService({ users: createUserRepository(this.database), clock: systemClock }));
  }

  get simulations(): SimulationService {
    const { origin, meter } = this.#surroundings;
    return (this.#simulations ??= createSimulationService({
      simulations: createSimulationRepository(this.database),
      runner: createSimulationRunner(this.#env.SIMULATION_RUN, meter),
      roles: this.roles,
      limiter: this.rateLimiter,
      clock: systemClock,
      random: systemRandom,
      origin,
      onFault: (event, id, error) =>
        log("warn", event, { request_id: origin.requestId, simulation: id, ...describeError(error) }),
    }));
  }

  get roles(): RoleService {
    return (this.#roles ??= createRoleService({
      companyRoles: createCompanyRoleRepository(this.database),
      clock: systemClock,
      random: systemRandom,
      origin: this.#surroundings.origin,
    }));
  }

  get rateDecisions(): readonly RateDecision[] {
    return this.#rateLimiter?.decisions ?? [];
  }

  readiness(): Promise<Readiness> {
    const { config, database, redis } = this;
    const store = createObjectStore(config.s3, this.#surroundings.meter);
    return checkReadiness(this.#env, { database, redis, store }, systemClock);
  }

  private get rateLimiter(): RateLimiter {
    return (this.#rateLimiter ??= createRateLimiter(this.redis));
  }

  private get database(): Database {
    const { origin, meter } = this.#surroundings;
    return (this.#database ??= createDatabase({ ...this.config.database, requestId: origin.requestId, meter }));
  }

  private get redis(): MeteredRedis {
    const { origin, meter } = this.#surroundings;
    return (this.#redis ??= new MeteredRedis({ ...this.config.redis, requestId: origin.requestId, meter }));
  }
}

/** What the objects and the clock can use: there is no caller, so every call names its company. */
export interface BackgroundServices {
  readonly runs: RunStore;
  /** Starts runs whose start or end is overdue. */
  readonly sweepStaleRuns: (at: Date) => Promise<SweepOutcome>;
}

export function createBackgroundContainer(
  config: Config,
  env: Env,
  { requestId, meter }: { requestId: string; meter: CallMeter },
): BackgroundServices {
  const database = createDatabase({ ...config.database, requestId, meter });
  const runs = createRunStore(database);
  const runner = createSimulationRunner(env.SIMULATION_RUN, meter);
  return { runs, sweepStaleRuns: (at) => sweepStaleRuns(runs, runner, at) };
}
