export { createComparisonService, type ComparisonService } from "./compare-service.ts";
export type { SimulationRunner, SimulationRunObject } from "./contract.ts";
export type { RunKey, RunStore, SimulationRequest } from "./repository.ts";
export { createRoleService, type RoleService } from "./role-service.ts";
export { simulationRoutes } from "./routes.ts";
export { createSimulationService, type SimulationService } from "./service.ts";
export { createServiceProvider, localProvider, type WorkloadProvider } from "./workload-provider.ts";
export { maxProviderAnswerBytes, providerCacheSeconds, providerTimeoutMs } from "./limits.ts";
export { sweepStaleRuns, type SweepOutcome } from "./sweep.ts";
