import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_FOLDER, runTool, Sentence } from "../dev/places.ts";
import { WRANGLER_CONFIG } from "../dev/wrangler-config.ts";
import { migrateUp, migrationTags } from "../migrations.ts";
import { buildAssets } from "./build-assets.ts";

const USAGE = `npm run deploy                migrate the database of DATABASE_OWNER_URL, then deploy to Cloudflare ([env.production])
npm run deploy -- --dry-run   build what would be deployed; needs neither a database nor the internet`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return console.log(USAGE);
  const dryRun = values["dry-run"];
  await buildAssets();
  if (dryRun) console.log(`Would migrate: ${migrationTags().length} migrations are in drizzle/.`);
  else await migrate();
  wranglerDeploy(dryRun);
}

/** The database first: the migrations of a release must suit the code before it, too. Never the dev server's database. */
async function migrate(): Promise<void> {
  const url = process.env["DATABASE_OWNER_URL"];
  if (!url)
    throw new Sentence("Set DATABASE_OWNER_URL to the production database (role etter_owner). Nothing was deployed.");
  const tags = await migrateUp(url);
  console.log(tags.length === 0 ? "The database is up to date." : `Applied ${tags.join(", ")}.`);
}

function wranglerDeploy(dryRun: boolean): void {
  const outFolder = path.join(PROJECT_FOLDER, ".data/deploy");
  const flags = dryRun ? ["--dry-run", "--outdir", outFolder] : [];
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const run = spawnSync(
    process.execPath,
    [wrangler, "deploy", "-c", WRANGLER_CONFIG, "--env", "production", ...flags],
    {
      cwd: PROJECT_FOLDER,
      stdio: "inherit",
      env: dryRun ? offline() : process.env,
    },
  );
  if (run.status !== 0) throw new Sentence("Wrangler did not finish; what it says above is why.");
}

function offline(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: "1",
    NO_UPDATE_NOTIFIER: "1",
    WRANGLER_LOG_PATH: path.join(PROJECT_FOLDER, ".data/wrangler-logs"),
    WRANGLER_SEND_METRICS: "false",
  };
}

await runTool(main);
