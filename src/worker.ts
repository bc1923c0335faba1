import { runCron } from "./cron.ts";
import { createApp } from "./http/app.ts";

export { SimulationRun } from "./objects/simulation-run.ts";
export { SimulationSweep } from "./objects/simulation-sweep.ts";
export { SimulationShard } from "./objects/simulation-shard.ts";

const app = createApp();

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
  scheduled: (controller, env) => runCron(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
