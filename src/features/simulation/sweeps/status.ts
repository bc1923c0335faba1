import type { SimulationStatus } from "../runs/repository.ts";

/** How many of a sweep's runs stand where. Runs that were deleted are in none. */
export type RunCounts = Readonly<Record<SimulationStatus, number>>;

/**
 * A sweep's status is its runs': under way as long as one is; then completed if any of them has, so that its factors can be
 * compared (one that failed says so itself), failed if some failed and none completed, else cancelled.
 */
export function sweepStatus({
  created,
  in_progress: going,
  completed,
  failed,
  cancelled,
}: RunCounts): SimulationStatus {
  if (created + going > 0) return going + completed + failed + cancelled > 0 ? "in_progress" : "created";
  if (completed > 0) return "completed";
  return failed > 0 ? "failed" : "cancelled";
}

const none: RunCounts = { created: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 };

export const countRuns = (statuses: readonly SimulationStatus[]): RunCounts =>
  statuses.reduce<RunCounts>((counts, status) => ({ ...counts, [status]: counts[status] + 1 }), none);
