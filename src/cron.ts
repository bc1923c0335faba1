import { loadConfig } from "./config/index.ts";
import { createBackgroundContainer } from "./container.ts";
import { describeError, log } from "./platform/telemetry/log.ts";
import { RequestMeter } from "./platform/telemetry/meter.ts";

/** What runs by the clock, every minute. Safe to run twice at once: everything it calls may be repeated. */
export async function runCron(env: Env, scheduledTime: number): Promise<void> {
  const requestId = `cron-${crypto.randomUUID()}`;
  const meter = new RequestMeter(Date.now);
  const { sweepStaleRuns } = createBackgroundContainer(loadConfig(env), env, { requestId, meter });
  const { stale, failures } = await sweepStaleRuns(new Date(scheduledTime));
  for (const { key, error } of failures)
    log("warn", "run_start_failed", { request_id: requestId, simulation: key.simulationId, ...describeError(error) });
  log("info", "cron", { request_id: requestId, stale_runs: stale, rounds: meter.rounds });
}
