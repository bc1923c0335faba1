import type { Actor } from "../../../../shared/access.ts";
import { AppError } from "../../../../shared/errors.ts";
import type { SimulationId } from "../../../../shared/ids.ts";
import type { SimulationRecord, StoredRun } from "../repository.ts";
import type { SimulationDependencies } from "./dependencies.ts";

export interface SimulationView extends StoredRun {
  readonly iterationsDone: number;
  /** An earlier run that answers the question of this request: nothing was started. */
  readonly cached?: boolean;
}

export async function getRun(
  deps: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  withQuantiles = false,
): Promise<SimulationView> {
  const found = await getStored(deps, actor, id, withQuantiles);
  return { ...found, iterationsDone: await iterationsOf(deps, found.run) };
}

async function getStored(
  { simulations, clock }: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
  withQuantiles: boolean,
): Promise<StoredRun> {
  const found = await simulations.find(actor, id, clock.now(), withQuantiles);
  if (found === undefined) throw unknownRun();
  return found;
}

/** @throws AppError `not_found`; `simulation_not_completed` */
export async function getResults(deps: SimulationDependencies, actor: Actor, id: SimulationId, withQuantiles: boolean) {
  const found = await getStored(deps, actor, id, withQuantiles);
  const { status, completedAt } = found.run;
  if (status === "completed") return found;
  const next = completedAt === null ? "Ask again once it has completed." : "It has no results: start it again.";
  throw new AppError("simulation_not_completed", `This simulation is ${status}. ${next}`);
}

/** Of a run under way its object knows. One that cannot be asked counts as none: it is a figure to look at. */
export async function iterationsOf(
  { runner, onFault }: SimulationDependencies,
  run: SimulationRecord,
): Promise<number> {
  if (run.status === "completed") return run.iterations;
  if (run.completedAt !== null) return run.iterationsDone ?? 0;
  try {
    return (await runner.progress({ companyId: run.companyId, simulationId: run.id })).iterationsDone;
  } catch (error) {
    onFault("simulation_progress_lost", run.id, error);
    return 0;
  }
}

export const unknownRun = (): AppError => new AppError("not_found", "Your company has no simulation with this id.");
