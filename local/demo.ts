import { parseArgs } from "node:util";
import { demoPassword } from "./demo-data.ts";
import { signIn, type Run } from "./demo/client.ts";
import { barChart, progressBar, resultsTable } from "./demo/picture.ts";
import { README_SIMULATION } from "./demo/simulation.ts";
import { findRunningServer, runTool, Sentence } from "./dev/places.ts";
import { startDevServer } from "./dev/server.ts";

const USAGE = `npm run demo                  against the running \`npm run dev\`, or a server it starts for itself
npm run demo -- --url URL     against another one`;
const RESEARCHER = "researcher@demo.example";
const RUN_TIMEOUT_MS = 120_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { url: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return console.log(USAGE);
  const url = values.url ?? (await runningUrl());
  if (url !== undefined) return show(url, `Look around: ${url}/docs/etter (sign in there with POST /auth/login)`);
  console.log("No server is running, so this starts one for the demo.");
  const server = await startDevServer({ quiet: true });
  // Its children end by themselves when this process does, however it does.
  try {
    await show(server.url, "Look around: npm run dev, then http://127.0.0.1:7071/docs/etter");
  } finally {
    await server.stop();
  }
}

/** The clone's own server, if it answers; a file of a crashed one does not count. */
async function runningUrl(): Promise<string | undefined> {
  const url = findRunningServer()?.url;
  const response = url && (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined));
  await (response || undefined)?.body?.cancel();
  return response ? url : undefined;
}

async function show(url: string, next: string): Promise<void> {
  const client = await signIn(url, RESEARCHER, demoPassword());
  console.log(`Signed in at ${url} as ${RESEARCHER}.`);
  const people = README_SIMULATION.roles.map(({ count, role }) => `${count} ${role}`).join(", ");
  const { n_iterations, n_months } = README_SIMULATION;
  console.log(`Asked for ${README_SIMULATION.company}: ${people}; ${n_iterations} futures of ${n_months} months.\n`);
  const began = performance.now();
  const { id } = await client.createRun(README_SIMULATION);
  const run = await client.follow(id, showProgress, RUN_TIMEOUT_MS);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (run.status !== "completed")
    throw new Sentence(`The run ${run.status}: ${run.error?.detail ?? "no reason given"}`);
  console.log(`\n  ${run.id} took ${seconds} s (seed ${run.seed})\n`);
  console.log(`${resultsTable(run.results)}\n`);
  console.log(`${barChart(run.results, "employees_mean", "People, mean of all futures")}\n`);
  console.log(`The whole result: GET ${url}/api/etter/simulation/v1/${run.id}\n${next}`);
}

function showProgress({ progress, status }: Run): void {
  const line = `  ${progressBar(progress.fraction)}  ${status.replace("_", " ")}`;
  // One line that is drawn again on a terminal; in a file only the end counts.
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(60)}`);
  else if (status === "completed") console.log(line);
}

await runTool(main);
