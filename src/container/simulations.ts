import type { Config } from "../config/index.ts";
import { createComparisonRepository } from "../features/simulation/compare/repository.drizzle.ts";
import { createSweepRepository } from "../features/simulation/sweeps/repository.drizzle.ts";
import { createSweepStore } from "../features/simulation/sweeps/store.drizzle.ts";
import {
  createComparisonService,
  createRoleService,
  createServiceProvider,
  createSimulationService,
  createSweepService,
  localProvider,
  maxProviderAnswerBytes,
  providerCacheSeconds,
  providerTimeoutMs,
  pokeStaleRuns,
  pokeStaleSweeps,
  type RunStore,
  type SimulationRunner,
  type SweepKey,
  type PokeOutcome,
  type SweepStore,
  type WorkloadProvider,
} from "../features/simulation/index.ts";
import { createSimulationRepository } from "../features/simulation/runs/repository.drizzle.ts";
import { createCompanyRoleRepository } from "../features/simulation/roles/repository.drizzle.ts";
import { createRunStore } from "../features/simulation/runs/store.drizzle.ts";
import { sha256Hex } from "../platform/crypto/digests.ts";
import type { Database } from "../platform/db/client.ts";
import { createSimulationRunner } from "../platform/durable-objects/simulation-runner.ts";
import { createSimulationSweepRunner } from "../platform/durable-objects/simulation-sweep-runner.ts";
import type { MeteredRedis } from "../platform/redis/client.ts";
import { createWorkloadCache } from "../platform/redis/workload-cache.ts";
import { describeError, log } from "../platform/telemetry/log.ts";
import { createWorkloadService } from "../platform/workloads/workload-service.ts";
import type { Clock, Random } from "../shared/clock.ts";
import { lazy } from "../shared/lazy.ts";
import type { RequestOrigin } from "../shared/origin.ts";
import type { RateLimiter } from "../shared/rate-limit.ts";
import type { SessionGate } from "../shared/session-gate.ts";
import type { CallMeter } from "../shared/tracing.ts";

interface Surroundings {
  readonly common: { readonly clock: Clock; readonly random: Random; readonly origin: RequestOrigin };
  readonly database: () => Database;
  readonly redis: () => MeteredRedis;
  readonly limiter: RateLimiter;
  readonly gate: SessionGate;
  readonly meter: CallMeter;
}

/** What starts runs, one by one and as sweeps, and what lies around them. */
export function createSimulations(
  config: Config,
  env: Env,
  { common, database, redis, limiter, gate, meter }: Surroundings,
) {
  const { requestId } = common.origin;
  const roles = lazy(() => createRoleService({ companyRoles: createCompanyRoleRepository(database()), ...common }));
  const starting = lazy(() => ({
    ...common,
    runner: createSimulationRunner(env.SIMULATION_RUN, meter),
    roles: roles(),
    provider: createProvider(config, redis, { requestId, meter }),
    limiter,
  }));
  const simulations = lazy(() =>
    createSimulationService({
      ...starting(),
      simulations: createSimulationRepository(database()),
      isLive: gate.isLive,
      wait: (milliseconds) => scheduler.wait(milliseconds),
      onFault: (event, id, error) =>
        log("warn", event, { request_id: requestId, simulation: id, ...describeError(error) }),
    }),
  );
  const sweeps = lazy(() =>
    createSweepService({
      ...starting(),
      sweeps: createSweepRepository(database()),
      sweepRunner: createSimulationSweepRunner(env.SIMULATION_SWEEP, meter),
      isLive: gate.isLive,
      wait: (milliseconds) => scheduler.wait(milliseconds),
      onFault: (event, id, error) => log("warn", event, { request_id: requestId, sweep: id, ...describeError(error) }),
    }),
  );
  const comparisons = lazy(() =>
    createComparisonService({ ...common, comparisons: createComparisonRepository(database()), limiter }),
  );
  return { simulations, sweeps, roles, comparisons };
}

function createProvider(
  { workloadService }: Config,
  redis: () => MeteredRedis,
  { requestId, meter }: { requestId: string; meter: CallMeter },
): WorkloadProvider {
  if (workloadService === undefined) return localProvider;
  const bounds = { timeoutMs: providerTimeoutMs, maxAnswerBytes: maxProviderAnswerBytes };
  return createServiceProvider({
    service: createWorkloadService({ ...workloadService, ...bounds, requestId, meter }),
    cache: createWorkloadCache(redis(), providerCacheSeconds),
    digest: sha256Hex,
    onFault: (fault, roles) => log("warn", "workload_service_failed", { request_id: requestId, fault, roles }),
  });
}

/** What runs' and sweeps' objects, and the clock, can use. */
export interface BackgroundSimulations {
  readonly runs: RunStore;
  /** What a sweep's object needs. */
  readonly sweeps: { readonly store: SweepStore; readonly runner: SimulationRunner };
  /** Starts runs whose start or end is overdue. */
  readonly pokeStaleRuns: (at: Date) => Promise<PokeOutcome>;
  /** The same for sweeps over factors, which start their own runs. */
  readonly pokeStaleSweeps: (at: Date) => Promise<PokeOutcome<SweepKey>>;
}

export function createBackgroundSimulations(env: Env, database: Database, meter: CallMeter): BackgroundSimulations {
  const runs = createRunStore(database);
  const store = createSweepStore(database);
  const runner = createSimulationRunner(env.SIMULATION_RUN, meter);
  return {
    runs,
    sweeps: { store, runner },
    pokeStaleRuns: (at) => pokeStaleRuns(runs, runner, at),
    pokeStaleSweeps: (at) => pokeStaleSweeps(store, createSimulationSweepRunner(env.SIMULATION_SWEEP, meter), at),
  };
}
