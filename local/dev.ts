import { parseArgs } from "node:util";
import { onParentGone } from "./dev/parent-watch.ts";
import { DEV_ROOT, isForPeople } from "./dev/places.ts";
import { readPort, startDevServer, type DevServer } from "./dev/server.ts";
import { welcome } from "./dev/welcome.ts";

const USAGE = `npm run dev                 the whole of Etter on http://127.0.0.1:7071
PORT=7081 npm run dev       on another port (or: npm run dev -- --port 7081); mails are on the next one
npm run dev -- --fresh      forget all data first
npm run dev -- --data DIR   keep the data in another folder`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fresh: { type: "boolean", default: false },
      port: { type: "string" },
      data: { type: "string", default: DEV_ROOT },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const port = readPort(values.port ?? process.env["PORT"]);
  const starting = startDevServer({ root: values.data, port, fresh: values.fresh });
  stopOnSignals(starting);
  const server = await starting;
  console.log(welcome(server, performance.now()));
}

/** Stops in order, also while it still starts; a second signal ends this process at once, and its children end themselves. */
function stopOnSignals(starting: Promise<DevServer>): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log("\nStopping …");
    const server = await starting.catch(() => undefined);
    await server?.stop();
    // Zero, so that npm does not print an error below a Ctrl-C.
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  onParentGone(() => void stop());
  // The terminal may be gone by the time the last lines are written.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

try {
  await main();
} catch (error) {
  if (!isForPeople(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exit(1);
}
