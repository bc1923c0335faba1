import type { Actor } from "../../../../shared/access.ts";
import { entryOf } from "../../../../shared/acting.ts";
import type { SimulationId } from "../../../../shared/ids.ts";
import { targetType, type SimulationDependencies } from "./dependencies.ts";
import { getRun, iterationsOf, unknownRun, type SimulationView } from "./read-run.ts";

export async function cancelRun(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<SimulationView> {
  const audit = entryOf(deps, actor, { action: "simulation.cancel", targetType, targetId: id });
  if (!(await deps.simulations.cancel(actor, id, audit))) throw unknownRun();
  const iterationsDone = await stop(deps, actor, id);
  if (iterationsDone === undefined) return getRun(deps, actor, id);
  const found = await deps.simulations.findCancelled(actor, id, deps.clock.now(), iterationsDone);
  if (found === undefined) throw unknownRun();
  return { ...found, iterationsDone: await iterationsOf(deps, found.run) };
}

export async function removeRun(deps: SimulationDependencies, actor: Actor, id: SimulationId): Promise<void> {
  const audit = entryOf(deps, actor, { action: "simulation.delete", targetType, targetId: id });
  if (!(await deps.simulations.remove(actor, id, audit))) throw unknownRun();
  await stop(deps, actor, id);
}

/**
 * Postgres has the last word already: an object that does not hear of it computes for nothing, and stores nothing. Returns
 * the iterations it had done, if it did hear.
 */
async function stop(
  { runner, onFault }: SimulationDependencies,
  actor: Actor,
  id: SimulationId,
): Promise<number | undefined> {
  try {
    return (await runner.stop({ companyId: actor.companyId, simulationId: id })).iterationsDone;
  } catch (error) {
    onFault("simulation_stop_lost", id, error);
    return undefined;
  }
}
