import {
  createRunSums,
  createShardComputation,
  shardTaskOf,
  taskOf,
} from "../../src/features/simulation/coordinator/computation.ts";
import { engineInputOf } from "../../src/features/simulation/request/engine-input.ts";
import { simulationInputSchema } from "../../src/features/simulation/request/schemas.ts";
import { compileScenario, type Scenario } from "../../src/features/simulation/engine/index.ts";
import type { RunOutcome } from "../../src/features/simulation/results/outcome.ts";
import { requestOf, type EstimatedRequest } from "../../src/features/simulation/request/request.ts";
import { describeFromCatalogue } from "../../src/features/simulation/roles/workload-provider.ts";
import type { Actor } from "../../src/shared/access.ts";

const nobody = "00000000-0000-4000-8000-00000000f0f0";

export interface FinishedRun {
  readonly request: EstimatedRequest;
  readonly scenario: Scenario;
  readonly outcome: RunOutcome;
}

/** What the service and a run's objects make of a request body, without any of them. */
export function finishedRun(body: object): FinishedRun {
  const request = requestOf(
    { clock: { now: () => new Date(0) }, random: { uuid: () => nobody, bytes: (length) => new Uint8Array(length) } },
    { userId: nobody, companyId: nobody, sessionId: nobody, group: "Researcher" } as unknown as Actor,
    simulationInputSchema.parse({ company: "Acme", seed: 7, n_iterations: 20, automation_factor: 0.5, ...body }),
    describeFromCatalogue,
  );
  const task = taskOf({ ...request, sweepId: null });
  const shard = createShardComputation(shardTaskOf(task), undefined);
  shard.compute(0, request.iterations);
  const sums = createRunSums(task, undefined);
  sums.merge(shard.checkpoint());
  return { request, scenario: compileScenario(engineInputOf(request)), outcome: sums.outcome() };
}
