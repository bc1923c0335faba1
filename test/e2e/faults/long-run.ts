import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Client } from "../../../local/demo/client.ts";

const RUN_TIMEOUT_MS = 90_000;
const POLL_MS = 5;

/** Long enough for several slices, and to be struck in any of them. Give each its name: a finished run answers the same question. */
export const LONG_RUN = {
  company: "Acme",
  n_iterations: 800,
  automation_factor: 0.4,
  n_months: 240,
  seed: 11,
  roles: Array.from({ length: 20 }, (_, index) => ({ role: `Role ${index}`, count: 40 + index, salary: 50_000 })),
};

/** Waits for a run's end and returns the sha256 of its results. */
export async function bytesOf(client: Client, id: string, timeoutMs = RUN_TIMEOUT_MS): Promise<string> {
  const run = await client.follow(id, () => undefined, timeoutMs);
  expect([run.status, run.error]).toEqual(["completed", null]);
  return createHash("sha256").update(JSON.stringify(run.results)).digest("hex");
}

/** Waits until so much of a run is done; fails when it has ended before anybody could strike. */
export async function reaches(client: Client, id: string, share: number): Promise<void> {
  let run = await client.getRun(id);
  while (run.progress.fraction < share) {
    await sleep(POLL_MS);
    run = await client.getRun(id);
  }
  expect(run.status, "the run was over too soon: raise its iterations").toMatch(/created|in_progress/);
}
