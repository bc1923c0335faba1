import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_FOLDER, runTool, Sentence, ownerUrl } from "../dev/places.ts";
import { downFile, migrateDown, migrateUp, migrationStatus, MIGRATIONS_FOLDER, migrationTags } from "../migrations.ts";

const USAGE = `Usage:
  npm run db:generate [name]             a migration from what changed in src/platform/db/schema; an empty one, for SQL of your own, if nothing did
  npm run db:generate -- --custom name   an empty one in any case
  npm run db:migrate                     apply what is pending
  npm run db:rollback [n]                undo the newest one, or n
  npm run db:status                      what is applied, what is pending
The database is DATABASE_OWNER_URL, else that of the running \`npm run dev\`.`;

/** A sane file name; drizzle-kit itself would take anything. */
const NAME = /^[a-z][a-z0-9_]{0,60}$/;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { custom: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
  });
  const [command, argument, ...rest] = positionals;
  if (values.help) return console.log(USAGE);
  if (rest.length > 0) throw new Sentence(USAGE);
  switch (command) {
    case "generate":
      return generate(argument, values.custom);
    case "migrate":
      return report("Applied", await migrateUp(ownerUrl()), "Nothing to apply: the database is up to date.");
    case "rollback":
      return report(
        "Undid",
        await migrateDown(ownerUrl(), stepsOf(argument)),
        "Nothing to undo: no migration is applied.",
      );
    case "status":
      return printStatus();
    default:
      throw new Sentence(USAGE);
  }
}

function stepsOf(argument: string | undefined): number {
  if (argument === undefined) return 1;
  if (!/^[1-9]\d{0,3}$/.test(argument))
    throw new Sentence(`"${argument}" is not a number of migrations: npm run db:rollback 2`);
  return Number(argument);
}

function generate(name: string | undefined, custom: boolean): void {
  if (custom && name === undefined)
    throw new Sentence("Name the empty migration: npm run db:generate -- --custom add_something");
  if (name !== undefined && !NAME.test(name))
    throw new Sentence(`Name it in snake_case, such as add_something, not "${name}".`);
  const before = new Set(knownTags());
  if (!custom) drizzleGenerate(["--name", name ?? "schema"]);
  const isNew = (tag: string) => !before.has(tag);
  if (name !== undefined && !knownTags().some(isNew)) drizzleGenerate(["--custom", "--name", name]);
  for (const tag of knownTags().filter(isNew)) {
    writeFileSync(downFile(MIGRATIONS_FOLDER, tag), downTemplate(tag), { flag: "wx" });
    console.log(`Now write the way back: ${path.relative(PROJECT_FOLDER, downFile(MIGRATIONS_FOLDER, tag))}`);
  }
}

function knownTags(): string[] {
  return existsSync(path.join(MIGRATIONS_FOLDER, "meta/_journal.json")) ? migrationTags() : [];
}

function drizzleGenerate(args: string[]): void {
  const bin = path.join(PROJECT_FOLDER, "node_modules/drizzle-kit/bin.cjs");
  const run = spawnSync(process.execPath, [bin, "generate", "--config", "drizzle.config.ts", ...args], {
    cwd: PROJECT_FOLDER,
    stdio: "inherit",
  });
  if (run.status !== 0) throw new Sentence("drizzle-kit did not finish; what it says above is why.");
}

function downTemplate(tag: string): string {
  return `-- Undoes ${tag}.sql: the opposite of each of its statements, the last one first.
-- Until a statement stands here, \`npm run db:rollback\` refuses. (\`SELECT 1;\` says that there is nothing to undo.)
-- Roles belong to the whole cluster: never drop them here.
`;
}

function report(verb: string, tags: string[], none: string): void {
  if (tags.length === 0) console.log(none);
  for (const tag of tags) console.log(`${verb} ${tag}`);
}

async function printStatus(): Promise<void> {
  const records = await migrationStatus(ownerUrl());
  const applied = records.filter((record) => record.state === "applied");
  console.log(`Current: ${applied.at(-1)?.tag ?? "none"} (${applied.length} of ${records.length} applied)`);
  for (const { tag, state, appliedAt } of records) {
    const when = appliedAt ? appliedAt.toISOString().slice(0, 19).replace("T", " ") : "";
    console.log(`  ${state.padEnd(8)} ${when.padEnd(19)}  ${tag}`);
  }
}

await runTool(main);
