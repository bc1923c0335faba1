import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { PROJECT_FOLDER } from "../../../../local/dev/places.ts";
import { isEmptyScript, migrationTags } from "../../../../local/migrations.ts";
import type {} from "../../../support/node/provided-context.ts";
import { scratchDatabase } from "../../../support/node/scratch-databases.ts";
import { runTool } from "./run-tool.ts";

describe("with a database", () => {
  let env: Record<string, string>;
  beforeEach(async () => {
    const database = await scratchDatabase(inject("testStack"));
    env = { DATABASE_OWNER_URL: database.ownerUrl };
    return database.drop;
  });

  it("migrates, shows current and history, rolls back one or more", async () => {
    const tags = migrationTags();
    const newest = tags.at(-1);
    expect((await runTool("db.ts", ["status"], { env })).stdout).toMatch(/^Current: none \(0 of \d+ applied\)/);
    const migrated = await runTool("db.ts", ["migrate"], { env });
    expect(migrated).toMatchObject({ code: 0, stdout: tags.map((tag) => `Applied ${tag}\n`).join("") });
    expect((await runTool("db.ts", ["migrate"], { env })).stdout).toMatch(/up to date/);
    const status = await runTool("db.ts", ["status"], { env });
    expect(status.stdout).toMatch(new RegExp(`^Current: ${newest} `));
    for (const tag of tags)
      expect(status.stdout).toMatch(new RegExp(`^ {2}applied {2}\\d{4}-\\d\\d-\\d\\d [\\d:]{8} {2}${tag}$`, "m"));
    expect((await runTool("db.ts", ["rollback"], { env })).stdout).toBe(`Undid ${newest}\n`);
    expect((await runTool("db.ts", ["status"], { env })).stdout).toMatch(new RegExp(`^ {2}pending.*${newest}$`, "m"));
    const rest = tags.slice(0, -1).toReversed();
    const all = await runTool("db.ts", ["rollback", "99"], { env });
    expect(all).toMatchObject({ code: 0, stdout: rest.map((tag) => `Undid ${tag}\n`).join("") || expect.any(String) });
    expect((await runTool("db.ts", ["rollback"], { env })).stdout).toMatch(/Nothing to undo/);
  });

  it.each([
    [["rollback", "0"]],
    [["rollback", "-1"]],
    [["rollback", "two"]],
    [["migrate", "a", "b"]],
    [["bogus"]],
    [[]],
  ])("refuses %j without a stack", async (args) => {
    const result = await runTool("db.ts", args, { env });
    expect(result.code).toBe(1);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});

it("says in one sentence that no database is known or reachable", async () => {
  const folder = projectCopy();
  const unknown = await runTool("db.ts", ["status"], { folder });
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Which database\? .*\n$/) });
  const env = { DATABASE_OWNER_URL: "postgres://owner:hidden-word@127.0.0.1:1/etter" };
  const unreachable = await runTool("db.ts", ["status"], { env });
  expect(unreachable).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Cannot connect to 127\.0\.0\.1:1\/etter.*\n$/),
  });
  expect(unreachable.stderr).not.toContain("hidden-word");
});

describe("generate", () => {
  it("writes a migration for a changed schema, and a way back that does not pass for written", async () => {
    const folder = projectCopy();
    const schema = path.join(folder, "src/platform/db/schema/companies.ts");
    writeFileSync(
      schema,
      readFileSync(schema, "utf8").replace('logoUrl: text("logo_url"),', '$&\n    motto: text("motto"),'),
    );
    const result = await runTool("db.ts", ["generate", "add_motto"], { folder });
    expect(result).toMatchObject({ code: 0 });
    const [up, down] = newFiles(folder);
    expect(up).toMatch(/^\d{4}_add_motto\.sql$/);
    expect(down).toBe(up?.replace(".sql", ".down.sql"));
    expect(read(folder, up)).toBe('ALTER TABLE "companies" ADD COLUMN "motto" text;');
    expect(isEmptyScript(read(folder, down))).toBe(true);
    expect(result.stdout).toContain(`drizzle/${down}`);
  });

  it("makes nothing from an unchanged schema, but an empty one under a name", async () => {
    const folder = projectCopy();
    expect(await runTool("db.ts", ["generate"], { folder })).toMatchObject({ code: 0 });
    expect(newFiles(folder)).toEqual([]);
    expect(await runTool("db.ts", ["generate", "fill_in_mottos"], { folder })).toMatchObject({ code: 0 });
    expect(newFiles(folder)).toEqual([
      expect.stringMatching(/_fill_in_mottos\.sql$/),
      expect.stringMatching(/_fill_in_mottos\.down\.sql$/),
    ]);
    expect(isEmptyScript(read(folder, newFiles(folder)[0]))).toBe(true);
  });

  it.each([["Add Motto"], ["../x"], [""]])("refuses the name %j", async (name) => {
    expect(await runTool("db.ts", ["generate", "--custom", name])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("snake_case"),
    });
  });
});

/** As much of the project as the tool needs, in a folder of its own. */
function projectCopy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ["local", "drizzle", "src/platform/db/schema", "drizzle.config.ts", "package.json"]) {
    cpSync(path.join(PROJECT_FOLDER, part), path.join(folder, part), { recursive: true });
  }
  symlinkSync(path.join(PROJECT_FOLDER, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

const sqlFiles = (folder: string) => readdirSync(path.join(folder, "drizzle")).filter((name) => name.endsWith(".sql"));

/** The migration that was not there before, its way forth first. */
function newFiles(folder: string): string[] {
  const before = new Set(sqlFiles(PROJECT_FOLDER));
  return sqlFiles(folder)
    .filter((name) => !before.has(name))
    .sort((a, b) => a.length - b.length);
}

function read(folder: string, name = ""): string {
  return readFileSync(path.join(folder, "drizzle", name), "utf8");
}
