import { loadConfig } from "./config/index.ts";
import { createBackgroundContainer } from "./container.ts";
import { maxPokesPerSweep, staleAfterSeconds } from "./features/simulation/index.ts";
import { describeError, log } from "./platform/telemetry/log.ts";
import { RequestMeter } from "./platform/telemetry/meter.ts";

/** What runs by the clock, every minute. Safe to run twice at once: everything it calls may be repeated. */
export async function runCron(env: Env, scheduledTime: number): Promise<void> {
  const requestId = `cron-${crypto.randomUUID()}`;
  const meter = new RequestMeter(Date.now);
  const { runs, runner } = createBackgroundContainer(loadConfig(env), env, { requestId, meter });
  const stale = await runs.findStale(new Date(scheduledTime - staleAfterSeconds * 1000), maxPokesPerSweep);
  const pokes = await Promise.allSettled(stale.map((key) => runner.start(key)));
  for (const poke of pokes) if (poke.status === "rejected") log("warn", "poke_failed", { request_id: requestId, ...describeError(poke.reason) });
  log("info", "cron", { request_id: requestId, stale_runs: stale.length, rounds: meter.rounds });
}
