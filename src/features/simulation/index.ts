export { createRoleCatalogue } from "./catalogue/index.ts";
export { maxPokesPerSweep, staleAfterSeconds } from "./limits.ts";
export type { RunKey, RunStore, SimulationRepository } from "./repository.ts";
export { simulationRoutes } from "./routes.ts";
export type { SimulationRunner, SimulationRunObject } from "./runner.ts";
export { createSimulationService, type SimulationService } from "./service.ts";
