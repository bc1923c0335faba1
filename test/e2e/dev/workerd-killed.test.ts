import { expect, it, onTestFinished } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn } from "../../../local/demo/client.ts";
import { README_SIMULATION } from "../../../local/demo/simulation.ts";
import { startDevServer } from "../../../local/dev/server.ts";
import { scratchRoot } from "./scratch-root.ts";

const RESEARCHER = "researcher@demo.example";
const RUN_TIMEOUT_MS = 90_000;
/** Long enough to be struck in the middle. */
const LONG = { ...README_SIMULATION, n_iterations: 10_000 };

it("a run whose workerd is killed again and again completes after the restarts, with the same bytes", async () => {
  const server = await startDevServer({ root: scratchRoot(), quiet: true });
  onTestFinished(() => server.stop());
  const client = await signIn(server.url, RESEARCHER, demoPassword());
  const undisturbed = await client.createRun(LONG);
  const expected = await client.follow(undisturbed.id, () => undefined, RUN_TIMEOUT_MS);
  expect(expected.status).toBe("completed");

  const { id } = await client.createRun(LONG);
  const strikes: number[] = [];
  for (let strike = 0; strike < 3; strike += 1) {
    const { progress, status } = await client.getRun(id);
    if (status === "completed") break;
    strikes.push(progress.fraction);
    const before = server.workerdPids();
    await server.killWorkerd();
    expect(server.workerdPids().filter((pid) => before.includes(pid))).toEqual([]);
  }
  expect(strikes.length).toBeGreaterThan(0);
  const run = await client.follow(id, () => undefined, RUN_TIMEOUT_MS);
  expect(run.status).toBe("completed");
  expect(JSON.stringify(run.results)).toBe(JSON.stringify(expected.results));
  console.log(
    `workerd was killed at ${strikes.map((fraction) => `${Math.round(fraction * 100)} %`).join(", ")} of the run`,
  );
});
