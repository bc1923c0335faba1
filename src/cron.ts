import { loadConfig } from "./config/index.ts";
import { createBackgroundContainer } from "./container.ts";
import { describeError, log } from "./platform/telemetry/log.ts";
import { RequestMeter } from "./platform/telemetry/meter.ts";

/** What runs by the clock, every minute. Safe to run twice at once: everything it calls may be repeated. */
export async function runCron(env: Env, scheduledTime: number): Promise<void> {
  const requestId = `cron-${crypto.randomUUID()}`;
  const meter = new RequestMeter(Date.now);
  const services = createBackgroundContainer(loadConfig(env), env, { requestId, meter });
  const { mail } = services;
  const at = new Date(scheduledTime);
  const parts = [
    await attempt(() => services.pokeStaleRuns(at)),
    await attempt(() => services.pokeStaleSweeps(at)),
    await attempt(() => services.sweepExpiredRows(at)),
    await attempt(() => mail.sweep()),
    await attempt(() => mail.deliverDue()),
    await attempt(() => services.sweepDocuments(at)),
    await attempt(() => services.sweepFolderDeletions(at)),
    await attempt(() => services.sweepOrphans(at)),
    await attempt(() => services.sweepLostObjects(at)),
  ] as const;
  const [runs, sweeps, expired, swept, mails, documents, folders, orphans, lost] = parts;
  for (const { key, error } of runs.status === "fulfilled" ? runs.value.failures : [])
    log("warn", "run_start_failed", { request_id: requestId, simulation: key.simulationId, ...describeError(error) });
  for (const { key, error } of sweeps.status === "fulfilled" ? sweeps.value.failures : [])
    log("warn", "sweep_start_failed", { request_id: requestId, sweep: key.sweepId, ...describeError(error) });
  for (const { documentId, error } of documents.status === "fulfilled" ? documents.value.failures : [])
    log("warn", "document_sweep_failed", { request_id: requestId, document: documentId, ...describeError(error) });
  for (const { deletionId, error } of folders.status === "fulfilled" ? folders.value.failures : [])
    log("warn", "folder_deletion_failed", { request_id: requestId, deletion: deletionId, ...describeError(error) });
  log("info", "cron", {
    request_id: requestId,
    stale_runs: runs.status === "fulfilled" ? runs.value.stale : undefined,
    stale_sweeps: sweeps.status === "fulfilled" ? sweeps.value.stale : undefined,
    ...(mails.status === "fulfilled" ? { mails: mails.value.sent, mails_later: mails.value.later } : {}),
    mails_swept: swept.status === "fulfilled" ? swept.value : undefined,
    ...(expired.status === "fulfilled" ? expiredFields(expired.value) : {}),
    documents_due: documents.status === "fulfilled" ? documents.value.due : undefined,
    objects_orphaned: orphans.status === "fulfilled" ? orphans.value : undefined,
    objects_lost: lost.status === "fulfilled" ? lost.value : undefined,
    ...(folders.status === "fulfilled"
      ? { folder_deletions: folders.value.due, folder_deletions_ended: folders.value.ended }
      : {}),
    rounds: meter.rounds,
  });
  const failed = parts.filter((part) => part.status === "rejected");
  for (const { reason } of failed) log("error", "cron_failed", { request_id: requestId, ...describeError(reason) });
  // The platform writes down whatever is thrown here, and a failed statement's message has its parameters.
  if (failed.length > 0) throw new Error("some of the clock's work failed; the log says what");
}

/**
 * One part of the clock's work after the other: what fails in one must not stop the next. Not side by side, because an invocation
 * has six connections in production, which each part may use up, and time-outs count from the call: behind six that hang, calls
 * to a healthy server would fail. Those who need Postgres alone come first.
 */
async function attempt<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([(async () => work())()]);
  return outcome;
}

const expiredFields = (rows: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(rows).map(([kind, count]) => [`expired_${kind}`, count]));
