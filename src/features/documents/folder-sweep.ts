import type { FolderDeletionId } from "../../shared/ids.ts";
import { callsPerTurn, deletionTurnSeconds, maxDeletionsPerSweep } from "./limits.ts";
import { secondsAfter, type SweepDependencies } from "./ports.ts";
import { continueDeletion, paceOf } from "./verbs/delete-folder.ts";

export interface FolderSweep {
  readonly due: number;
  readonly ended: number;
  readonly failures: readonly { readonly deletionId: FolderDeletionId; readonly error: unknown }[];
}

/** Goes on with deletions that no call has ended. Bounded; two at once do no harm: each document is taken by one. */
export async function sweepFolderDeletions(deps: SweepDependencies, at: Date): Promise<FolderSweep> {
  const due = await deps.sweeps.findDueDeletions(at, maxDeletionsPerSweep);
  // Shares: one that has much to do must not stand in the way of the others.
  const batches = Math.ceil(paceOf(deps).turn / due.length);
  const mayCall = () => deps.calls() < callsPerTurn.folders;
  const failures: { deletionId: FolderDeletionId; error: unknown }[] = [];
  let ended = 0;
  for (const { companyId, ...deletion } of due) {
    try {
      const until = secondsAfter(deps.clock.now(), deletionTurnSeconds / due.length);
      if ((await continueDeletion(deps, { companyId }, deletion, { batches, until, mayCall })).ended) ended += 1;
    } catch (error) {
      failures.push({ deletionId: deletion.id, error });
    }
  }
  return { due: due.length, ended, failures };
}
